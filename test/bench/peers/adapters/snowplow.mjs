// Snowplow's browser tracker.
import { jsonOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ newTracker, setUserId, trackSelfDescribingEvent }, host) {
  newTracker('sp', host, {
    appId: 'shop',
    discoverRootDomain: false,
    cookieSecure: false,
    eventMethod: 'post',
    // "Recommended to leave as 1 to reduce chance of losing events", says its documentation.
    bufferSize: 1,
    keepalive: true,
    maxLocalStorageQueueSize: 2000,
    stateStorageStrategy: 'cookieAndLocalStorage',
  });
  return {
    identify: (email) => setUserId(email),
    track: (name, properties) =>
      trackSelfDescribingEvent({
        event: { schema: 'iglu:shop/event/jsonschema/1-0-0', data: { name, ...properties } },
      }),
  };
}

export const adapter = {
  package: '@snowplow/browser-tracker',
  library: {
    from: '@snowplow/browser-tracker',
    names: ['newTracker', 'setUserId', 'trackSelfDescribingEvent'],
  },
  variants: [
    {
      name: 'Snowplow',
      settings: 'POST, bufferSize 1, keepalive, localStorage queue of 2000',
    },
  ],
  read(request) {
    if (!request.path.endsWith('/tp2')) return undefined;
    return (jsonOf(request)?.data ?? []).map((event) => ({
      n: JSON.parse(event.ue_pr ?? '{}').data?.data?.n,
      id: event.eid,
    }));
  },
  accept: () => 'ok',
  refuse: () => 'invalid',
};
