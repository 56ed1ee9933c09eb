// The shop's own backend over HTTP: `/orders` for the checkout, `/qa/...` for the inspector.
import { CheckoutError } from './checkout.mjs';

const BODY_MAX_BYTES = 100_000;

async function readJson(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > BODY_MAX_BYTES) throw new CheckoutError('This order is too large.', 413);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckoutError('This is not an order.', 400);
  }
}

/** Only this shop's pages may post here: no other site, and no other name for this machine. */
function isOwn({ headers }) {
  const { host = '', origin = `http://${host}` } = headers;
  return (
    /^(127\.0\.0\.1|localhost):\d+$/.test(host) &&
    origin === `http://${host}` &&
    headers['content-type'] === 'application/json'
  );
}

/** @param {Awaited<ReturnType<typeof import('./desk.mjs').openDesk>>} desk */
export function createRoutes(desk) {
  async function post(path, body) {
    if (path === '/orders') return [201, desk.place(body)];
    const [, id, action] = /^\/qa\/orders\/(\d+)\/(\w+)$/.exec(path) ?? [];
    if (action === 'retry') await desk.retry(id);
    else if (action) desk.change(id, action);
    else if (path === '/qa/orders') await desk.placeSamples(body);
    else if (path === '/qa/endpoint/kill') await desk.kill();
    else if (path === '/qa/endpoint/start') await desk.start();
    else if (path === '/qa/forget') await desk.forget();
    else throw new CheckoutError('There is nothing here.', 404);
    return [200, {}];
  }

  return {
    isOf: (method, path) => method === 'POST' || path.startsWith('/qa/'),
    /** What a request is answered: a status and a value for JSON. */
    async answer(request, path) {
      try {
        if (request.method === 'GET' && path === '/qa/orders') return [200, await desk.look()];
        if (request.method !== 'POST') throw new CheckoutError('There is nothing here.', 404);
        if (!isOwn(request)) throw new CheckoutError('This came from another site.', 403);
        return await post(path, await readJson(request));
      } catch (error) {
        if (!(error instanceof CheckoutError)) throw error;
        return [error.status, { message: error.message, ...error.details }];
      }
    },
  };
}
