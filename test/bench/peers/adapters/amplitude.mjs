// Amplitude's Browser SDK 2.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ init, setUserId, track, flush, setTransport }, host) {
  const { promise } = init('0123456789abcdef0123456789abcdef', {
    serverUrl: `${host}/2/httpapi`,
    autocapture: false,
    remoteConfig: { fetchRemoteConfig: false },
    enableDiagnostics: false,
    flushMaxRetries: 50,
    logLevel: 0,
  });
  // As its documentation has it, for events of a page's last moments.
  addEventListener('pagehide', () => {
    setTransport('beacon');
    flush();
  });
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
      settings: 'localStorage (default), flushMaxRetries 50, beacon on pagehide, autocapture off',
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
  throttle: () => ({ code: 429, error: 'Too many requests for some devices and users' }),
};
