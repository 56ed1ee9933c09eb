// The recording server: takes what any of them sends, notes which events arrived, and fails when told to.
// The same faults, the same CORS and the same sockets for all.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The event that is refused, with whatever was sent together with it. */
export const POISON = 'poison';

const cors = ({ headers }) => ({
  'access-control-allow-origin': headers.origin ?? '*',
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-expose-headers': 'Retry-After',
  'access-control-max-age': '600',
});

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export async function startCollector(adapter) {
  const backend = await adapter.createBackend?.();
  /** n -> the sender's own ids of all copies that were accepted. */
  const arrivals = new Map();
  /** Requests with events: { at, bytes, events, status }. */
  const requests = [];
  /** Accepted without an id: copies of these could not be told apart. */
  const nameless = [];
  let preflights = 0;
  let lastArrivalAt = 0;
  let fault;

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy()); // its page has gone meanwhile
  });

  async function answer(request, events) {
    if (fault && Date.now() < fault.untilAt) {
      const { status, retryAfterS } = fault;
      const body = status === 429 ? (adapter.throttle?.(events) ?? {}) : {};
      return { status, body, headers: retryAfterS ? { 'retry-after': `${retryAfterS}` } : {} };
    }
    if (events.some(({ n }) => n === POISON)) {
      return { status: 400, body: adapter.refuse(events) };
    }
    return (await backend?.answer(request)) ?? { status: 200, body: adapter.accept(events) };
  }

  async function handle(request, response) {
    const headers = cors(request);
    if (request.method === 'OPTIONS') {
      preflights++;
      response.writeHead(204, headers).end();
      return;
    }
    const { method, url } = request;
    const received = {
      ...{ method, url, headers: request.headers, body: await bodyOf(request) },
      path: new URL(url, 'http://collector').pathname,
    };
    const events = adapter.read(received);
    if (!events) {
      // Settings, identify calls and the like: let them have what they ask for.
      const other = (await backend?.answer(received)) ?? { status: 200, body: {} };
      send(response, other, headers);
      return;
    }
    const at = Date.now();
    const answered = await answer(received, events);
    const { status } = answered;
    requests.push({ at, bytes: received.body.length + url.length, events: events.length, status });
    if (status < 300) note(events);
    send(response, answered, headers);
  }

  function note(events) {
    const recordedIds = backend?.recordedIds();
    for (const { n, id } of events) {
      if (n !== undefined && typeof id !== 'string') nameless.push(n);
      if (n === undefined || (recordedIds && !recordedIds.has(id))) continue;
      if (!arrivals.has(n)) lastArrivalAt = Date.now();
      arrivals.set(n, [...(arrivals.get(n) ?? []), id]);
    }
  }

  function send(response, { status, body, headers = {} }, corsHeaders) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = { 'content-type': 'application/json' };
    response.writeHead(status, { ...type, ...corsHeaders, ...headers }).end(text);
  }

  const listen = async (port) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address();
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };

  /** How often each of `names` arrived: how many did not, extra copies, and copies under another id. */
  const count = (names) => {
    if (nameless.length) throw new Error(`${nameless[0]} arrived without an id.`);
    let lost = 0;
    let copies = 0;
    let doubled = 0;
    for (const name of names) {
      const ids = arrivals.get(name) ?? [];
      if (ids.length === 0) lost++;
      else copies += ids.length - 1;
      doubled += Math.max(0, new Set(ids).size - 1);
    }
    return { lost, copies, doubled };
  };

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    preflights: () => preflights,
    lastArrivalAt: () => lastArrivalAt,
    count,
    setFault(status, forMs, retryAfterS) {
      fault = { status, untilAt: Date.now() + forMs, retryAfterS };
      return fault;
    },
    goDown: stop,
    comeUp: () => listen(port),
    forget() {
      arrivals.clear();
      requests.length = 0;
      preflights = 0;
      lastArrivalAt = 0;
    },
    /**
     * Until all have arrived and `lingerMs` have passed, or nothing new has for `quietMs`, or `limitMs` are over.
     * @returns whether it was the limit: more might have arrived
     */
    async settle(names, { lingerMs, quietMs, limitMs }) {
      const startedAt = Date.now();
      for (;;) {
        const now = Date.now();
        const silentMs = now - Math.max(lastArrivalAt, startedAt);
        const enoughMs = count(names).lost ? quietMs : lingerMs;
        if (silentMs >= enoughMs) return false;
        if (now - startedAt >= limitMs) return true;
        await sleep(25);
      }
    },
    async close() {
      if (server.listening) await stop();
      await backend?.close();
    },
  };
}
