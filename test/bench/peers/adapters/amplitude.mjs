// Amplitude's Browser SDK 2.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ init, setUserId, track, flush, setTransport }, host, { isBeacon }) {
  const { promise } = init('0123456789abcdef0123456789abcdef', {
    serverUrl: `${host}/2/httpapi`,
    autocapture: false,
    remoteConfig: { fetchRemoteConfig: false },
    enableDiagnostics: false,
    flushMaxRetries: 50,
    // Always on at Amplitude's own hosts. Up to 16 KiB it sends with keepalive, so this also decides what outlives a page.
    enableRequestBodyCompression: true,
    logLevel: 0,
  });
  // As its documentation has it, for events of a page's last moments. It takes them for delivered then.
  if (isBeacon) {
    addEventListener('pagehide', () => {
      setTransport('beacon');
      flush();
    });
  }
  return {
    ready: promise,
    identify: (email) => setUserId(email),
    track: (name, properties) => void track(name, properties),
  };
}

export const adapter = {
  package: '@amplitude/analytics-browser',
  library: {
    from: '@amplitude/analytics-browser',
    names: ['init', 'setUserId', 'track', 'flush', 'setTransport'],
  },
  variants: [
    {
      name: 'Amplitude',
      settings: 'localStorage and keepalive (default), flushMaxRetries 50, gzip, autocapture off',
    },
    {
      name: 'Amplitude, beacon',
      settings: 'the same, and flushed by beacon on pagehide',
      options: { isBeacon: true },
    },
  ],
  read(request) {
    if (request.path !== '/2/httpapi') return undefined;
    return (jsonOf(request)?.events ?? []).map((event) => ({
      n: event.event_properties?.n,
      id: event.insert_id,
    }));
  },
  accept: (events) => ({ code: 200, events_ingested: events.length }),
  /** Names the culprits by their index, as its HTTP API does. */
  refuse: (events) => ({
    ...{ code: 400, error: 'Invalid fields' },
    events_with_invalid_fields: {
      event_properties: events.flatMap(({ n }, index) => (n === 'poison' ? [index] : [])),
    },
  }),
  /** By their index too: without that it asks again every second. */
  throttle: (events) => ({
    ...{ code: 429, error: 'Too many requests for some devices and users', eps_threshold: 10 },
    ...{ throttled_devices: {}, throttled_users: {} },
    throttled_events: events.map((_, index) => index),
  }),
};
