// Segment, Analytics.js 2.
import { jsonOf } from '../decode.mjs';

/**
 * Runs in the page. Each event is its own request, unless batching. What cannot be sent, and what is under way when the
 * page is left, is kept in localStorage; with `keepalive`, of which a browser takes 64 KiB at a time, it goes on too.
 */
export function start({ AnalyticsBrowser }, host, { deliveryStrategy }) {
  const apiHost = `${host.replace('http://', '')}/v1`;
  const settings = { apiKey: 'key', apiHost, protocol: 'http', deliveryStrategy };
  // Settings given here are not asked for at the CDN.
  const cdnSettings = { integrations: { 'Segment.io': settings } };
  const analytics = AnalyticsBrowser.load(
    { writeKey: 'key', cdnSettings },
    { integrations: { 'Segment.io': settings } },
  );
  return {
    ready: analytics.ready(),
    identify: (email) => void analytics.identify('ada', { email }),
    track: (name, properties) => void analytics.track(name, properties),
  };
}

export const adapter = {
  package: '@segment/analytics-next',
  library: { from: '@segment/analytics-next', names: ['AnalyticsBrowser'] },
  variants: [
    { name: 'Segment', settings: 'persisted retry queue (default), settings inline' },
    {
      name: 'Segment, keepalive',
      settings: 'the same, with keepalive',
      options: { deliveryStrategy: { config: { keepalive: true } } },
    },
    {
      name: 'Segment, batching',
      settings: 'batching of 50 or 1 s (keepalive on unload), settings inline',
      options: { deliveryStrategy: { strategy: 'batching', config: { size: 50, timeout: 1000 } } },
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
  accept: () => ({ success: true }),
  refuse: () => ({ success: false, message: 'Invalid event' }),
};
