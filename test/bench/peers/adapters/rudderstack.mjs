// RudderStack, the lite build: its plugins are inside, so nothing is loaded from the CDN.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. Without `useBeacon`: what a beacon has taken is forgotten, whatever becomes of it. */
export function start({ RudderAnalytics }, host, { isBatching }) {
  const source = {
    ...{ id: 'source', name: 'shop', writeKey: 'key', workspaceId: 'w', enabled: true },
    ...{ config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } } },
    ...{ destinations: [] },
  };
  const analytics = new RudderAnalytics();
  const ready = new Promise((resolve) => {
    analytics.load('key-of-a-rudder-source-000', host, {
      // The source's settings, which it would ask its control plane for.
      getSourceConfig: () => ({ source }),
      storage: { encryption: { version: 'legacy' } },
      logLevel: 'NONE',
      sessions: { autoTrack: false },
      queueOptions: {
        // The default keeps 100.
        maxItems: 2000,
        ...(isBatching && { batch: { enabled: true, maxItems: 100, flushInterval: 1000 } }),
      },
      onLoaded: resolve,
    });
  });
  return {
    ready,
    identify: (email) => analytics.identify('ada', { email }),
    track: (name, properties) => analytics.track(name, properties),
  };
}

export const adapter = {
  package: '@rudderstack/analytics-js',
  library: { from: '@rudderstack/analytics-js/lite', names: ['RudderAnalytics'] },
  variants: [
    { name: 'RudderStack', settings: 'lite build, queueOptions.maxItems 2000, settings inline' },
    {
      name: 'RudderStack, batching',
      settings: 'lite build, queueOptions.maxItems 2000, batch of 100 or 1 s, settings inline',
      options: { isBatching: true },
    },
  ],
  read(request) {
    if (!request.path.startsWith('/v1/')) return undefined;
    const body = jsonOf(request);
    return (body?.batch ?? [body]).map((event) => ({
      n: event?.properties?.n,
      id: event?.messageId,
    }));
  },
  accept: () => 'OK',
  refuse: () => 'Invalid event',
};
