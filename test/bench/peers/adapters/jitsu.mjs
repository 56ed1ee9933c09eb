// Jitsu.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. It has neither a queue nor retries to be set. */
export function start({ jitsuAnalytics }, host) {
  const analytics = jitsuAnalytics({ host, writeKey: 'shop:key' });
  return {
    identify: (email) => void analytics.identify('ada', { email }),
    track: (name, properties) => void analytics.track(name, properties),
  };
}

export const adapter = {
  package: '@jitsu/js',
  library: { from: '@jitsu/js', names: ['jitsuAnalytics'] },
  variants: [{ name: 'Jitsu', settings: 'defaults: it has no queue and no retries' }],
  read(request) {
    if (!request.path.startsWith('/api/s/')) return undefined;
    const event = jsonOf(request);
    return [{ n: event?.properties?.n, id: event?.messageId }];
  },
  accept: () => ({ ok: true, destinations: [] }),
  refuse: () => ({ ok: false, error: 'invalid event' }),
};
