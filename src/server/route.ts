import type { OrderAction } from './order.js';

export type Platform = 'shopify' | 'woocommerce';

export type Route =
  | { kind: 'own'; action: OrderAction; orderId?: string }
  | { kind: 'webhook'; platform: Platform }
  | { kind: 'health'; name: 'healthz' | 'readyz' | 'metrics' };

/** The id in a path; undefined when it is no valid encoding. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Which route a path is, if it is one. */
export function matchRoute(
  pathname: string,
  basePath: string,
  platforms: readonly Platform[],
): Route | undefined {
  if (!pathname.startsWith(`${basePath}/`)) return undefined;
  const path = pathname.slice(basePath.length);
  if (path === '/orders') return { kind: 'own', action: 'placed' };
  if (path === '/healthz' || path === '/readyz' || path === '/metrics') {
    return { kind: 'health', name: path.slice(1) as 'healthz' | 'readyz' | 'metrics' };
  }
  const platform = platforms.find((name) => path === `/webhooks/${name}`);
  if (platform) return { kind: 'webhook', platform };
  const [, text, change] = /^\/orders\/([^/]+)\/(fulfilled|canceled|refunded)$/.exec(path) ?? [];
  const orderId = text === undefined ? undefined : decode(text);
  if (orderId === undefined) return undefined;
  return { kind: 'own', action: change as OrderAction, orderId };
}
