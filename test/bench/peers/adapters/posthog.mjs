// PostHog, the slim build: without the parts that record sessions, surveys and the like.
import { formDataOf, jsonOf, listOf, textOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ posthog }, host) {
  posthog.init('key', {
    api_host: host,
    autocapture: false,
    capture_pageview: false,
    disable_session_recording: true,
    disable_surveys: true,
    advanced_disable_flags: true,
    disable_external_dependency_loading: true,
    persistence: 'localStorage',
    // By default ten events a second, and a hundred at once.
    rate_limiting: { events_per_second: 1000, events_burst_limit: 2000 },
  });
  return {
    identify: (email) => posthog.identify('ada', { email }),
    track: (name, properties) => posthog.capture(name, properties),
  };
}

export const adapter = {
  package: 'posthog-js',
  library: { from: 'posthog-js/dist/module.slim.js', default: 'posthog' },
  variants: [
    {
      name: 'PostHog',
      settings:
        'slim build, batching with beacon on unload (default), rate_limiting lifted, flags and recording off',
    },
  ],
  read(request) {
    if (!/^\/(e|i\/v0\/e|batch|track)\/?$/.test(request.path)) return undefined;
    const isForm = textOf(request).startsWith('data=');
    const body = isForm ? formDataOf(request) : jsonOf(request);
    return listOf(body?.batch ?? body?.data ?? body).map((event) => ({
      n: event?.properties?.n,
      id: event?.uuid,
    }));
  },
  accept: () => ({ status: 1 }),
  refuse: () => ({ type: 'validation_error', code: 'invalid_payload', detail: 'Invalid event' }),
};
