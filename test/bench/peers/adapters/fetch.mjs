// What shops write themselves: one fetch per event.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. */
export function start(_library, host, { keepalive }) {
  let email;
  return {
    identify: (address) => {
      email = address;
    },
    track: (name, properties) => {
      fetch(`${host}/event`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          name,
          email,
          id: crypto.randomUUID(),
          time: Date.now(),
          properties,
        }),
        keepalive,
      }).catch(() => {});
    },
  };
}

export const adapter = {
  variants: [
    { name: 'fetch', settings: 'one per event', options: { keepalive: false } },
    {
      name: 'fetch, keepalive',
      settings: 'one per event, with keepalive',
      options: { keepalive: true },
    },
  ],
  read(request) {
    if (request.path !== '/event') return undefined;
    const event = jsonOf(request);
    return [{ n: event?.properties?.n, id: event?.id }];
  },
  accept: () => ({}),
  refuse: () => ({ error: 'invalid event' }),
};
