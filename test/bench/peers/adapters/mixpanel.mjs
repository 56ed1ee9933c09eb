// Mixpanel, the core build: without the session recorder.
import { formDataOf, listOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ mixpanel }, host) {
  mixpanel.init('0123456789abcdef0123456789abcdef', {
    api_host: host,
    // What it does by itself at mixpanel.com; at any other host it sends base64, a third more.
    api_payload_format: 'json',
    persistence: 'localStorage',
    ignore_dnt: true,
  });
  return {
    identify: (email) => {
      mixpanel.identify('ada');
      mixpanel.people.set({ $email: email });
    },
    track: (name, properties) => void mixpanel.track(name, properties),
  };
}

export const adapter = {
  package: 'mixpanel-browser',
  library: { from: 'mixpanel-browser/src/loaders/loader-module-core', default: 'mixpanel' },
  variants: [
    {
      name: 'Mixpanel',
      settings:
        'core build, batching with localStorage and beacon on unload (default), JSON as at mixpanel.com',
    },
  ],
  read(request) {
    if (request.path !== '/track/') return undefined;
    return listOf(formDataOf(request)).map((event) => ({
      n: event.properties?.n,
      id: event.properties?.$insert_id,
    }));
  },
  accept: () => ({ status: 1, error: null }),
  refuse: () => ({ status: 0, error: 'invalid event' }),
};
