import { type AcceptParts, createAcceptOrders } from './accept-orders.js';
import type { CheckedDelivery, Delivery, Webhook } from './delivery.js';
import { serverEnv } from './env.js';
import { type OrderHandlerOptions, readOptions } from './handler-options.js';
import { createHealth } from './health.js';
import { createKlaviyoApi } from './klaviyo-api.js';
import { WEBHOOK_STALE_MS } from './limits.js';
import { nameOf, silentLog } from './log.js';
import { createMetrics } from './metrics.js';
import type { OrderAction } from './order.js';
import { type FieldProblem, readChange, readOrder } from './order-schema.js';
import { readMended } from './platforms/mend-order.js';
import { parseExact } from './platforms/parse-exact.js';
import { readShopify, SHOPIFY_SIGNATURE, SHOPIFY_TOPIC } from './platforms/shopify.js';
import {
  readWooCommerce,
  WOOCOMMERCE_SIGNATURE,
  WOOCOMMERCE_TOPIC,
} from './platforms/woocommerce.js';
import { json, problem } from './problem.js';
import { isForm, isWooPing, receive, refusedType } from './receive.js';
import { matchRoute, type Platform } from './route.js';
import {
  createPlatformVerify,
  createStandardVerify,
  messageIdOf,
  type Verify,
} from './signature.js';
import { createWorker } from './worker.js';

/** A handler of requests, and what holds it open. */
export interface OrderHandler {
  (request: Request): Promise<Response>;
  /** Stops delivering, waits for what is under way, and leaves the rest in the outbox. Does not close that. */
  close(): Promise<void>;
}

const REQUEST_ID = /^[\w.:-]{1,100}$/;

/**
 * The order endpoint, from `Request` to `Response`. It starts to deliver at once what the outbox holds.
 * Throws an `OrderHandlerError` for options that can't work; after that it never throws or rejects.
 */
export function createOrderHandler(options: OrderHandlerOptions): OrderHandler {
  const { outbox, klaviyo, log = silentLog, env = serverEnv() } = options;
  const { basePath, signingKeys, shopifySecrets, woocommerceSecrets } = readOptions(options);
  const verifyOwn = createStandardVerify(signingKeys, env.now);
  const platforms: Record<
    Platform,
    { verify: Verify; read: (request: Request, body: unknown) => Webhook }
  > = {
    shopify: {
      verify: createPlatformVerify(SHOPIFY_SIGNATURE, shopifySecrets),
      read: ({ headers }, body) => readShopify(headers.get(SHOPIFY_TOPIC), body),
    },
    woocommerce: {
      verify: createPlatformVerify(WOOCOMMERCE_SIGNATURE, woocommerceSecrets),
      read: ({ headers }, body) => readWooCommerce(headers.get(WOOCOMMERCE_TOPIC), body),
    },
  };
  const configured: Platform[] = [
    ...(shopifySecrets.length > 0 ? (['shopify'] as const) : []),
    ...(woocommerceSecrets.length > 0 ? (['woocommerce'] as const) : []),
  ];

  const metrics = createMetrics();
  const parts: Omit<AcceptParts, 'onAccepted'> = { outbox, env, log, metrics };
  const worker =
    options.worker === false
      ? undefined
      : createWorker({
          ...{ ...parts, api: createKlaviyoApi(env, klaviyo) },
          ...(options.worker && { options: options.worker }),
        });
  const accept = createAcceptOrders({ ...parts, onAccepted: () => worker?.wake() });
  const health = createHealth({ ...parts, worker });

  const refuseFields = (errors: FieldProblem[]) =>
    problem(422, 'See errors: each names a field and what it must be.', { errors });

  async function own(request: Request, requestId: string, action: OrderAction, orderId?: string) {
    const received = await receive(request, env, verifyOwn);
    if ('refused' in received) return received.refused;
    const { body } = received;
    const given = orderId === undefined ? body : withId(body, orderId);
    const read = action === 'placed' ? readOrder(given, env.now()) : readChange(given, env.now());
    if ('problems' in read) return refuseFields(read.problems);
    if (orderId !== undefined && read.value.id !== orderId) {
      return refuseFields([{ field: 'id', message: 'must be the one of the path, or left out' }]);
    }
    const delivery = { action, order: read.value, onlyIfPlaced: false };
    const messageId = messageIdOf(request.headers);
    return accept([delivery], { requestId, messageId, isPlatform: false });
  }

  async function webhook(request: Request, requestId: string, platform: Platform) {
    const { verify, read } = platforms[platform];
    if (platform === 'woocommerce' && isForm(request)) {
      return (await isWooPing(request, env)) ? json(200, { ok: true }) : refusedType();
    }
    const received = await receive(request, env, verify, parseExact);
    if ('refused' in received) return received.refused;
    const understood = read(request, received.body);
    if ('ignored' in understood) {
      metrics.count('klaviyo_webhooks_ignored_total', understood.ignored);
      log.info({ requestId, platform }, `ignored: ${understood.ignored}`);
      return json(200, { ignored: understood.ignored });
    }
    const checked = understood.deliveries.map((delivery) => check(delivery));
    const problems = checked.flatMap((each) => ('problems' in each ? each.problems : []));
    if (problems.length > 0) return refuseFields(problems);
    const deliveries = checked.flatMap((each) => ('order' in each ? [each] : []));
    return accept(deliveries, { requestId, isPlatform: true });
  }

  function check({ action, order, onlyIfPlaced = false }: Delivery) {
    const read = readMended(order, env.now());
    if ('problems' in read) return read;
    const { time } = read.value;
    // A platform tells of orders of any age when they change, and nobody wants mail about last month's.
    const isStale = time !== undefined && Date.parse(time) < env.now() - WEBHOOK_STALE_MS;
    const given = isStale ? { ...read.value, backfill: true } : read.value;
    return { action, order: given, onlyIfPlaced } satisfies CheckedDelivery;
  }

  async function route(request: Request, requestId: string): Promise<Response> {
    const found = matchRoute(new URL(request.url).pathname, basePath, configured);
    if (!found) return problem(404, 'See the routes of klaviyo-storefront/server.');
    if (found.kind === 'own') return own(request, requestId, found.action, found.orderId);
    if (found.kind === 'webhook') return webhook(request, requestId, found.platform);
    if (request.method === 'GET' || request.method === 'HEAD') return health[found.name]();
    return problem(405, 'Use GET.', { headers: { allow: 'GET, HEAD' } });
  }

  async function handle(request: Request): Promise<Response> {
    const startedAt = env.elapsed();
    const given = request.headers.get('x-request-id') ?? '';
    const requestId = REQUEST_ID.test(given) ? given : env.uuid();
    let response: Response;
    try {
      response = await route(request, requestId);
    } catch (error) {
      log.error({ requestId, error: nameOf(error) }, 'a defect of the endpoint');
      response = problem(500, 'Send the order again, and tell the shop’s developers.');
    }
    response.headers.set('x-request-id', requestId);
    if (response.status >= 400) {
      metrics.count('klaviyo_requests_refused_total', response.status);
      log.warn({ requestId, status: response.status }, 'refused');
    } else if (request.method === 'POST') {
      metrics.time('klaviyo_accept_seconds', env.elapsed() - startedAt);
    }
    return response;
  }

  return Object.assign(handle, { close: async () => worker?.stop() });
}

/** A body of a route that has the id in its path. */
function withId(body: unknown, id: string): unknown {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? { id, ...body } : body;
}
