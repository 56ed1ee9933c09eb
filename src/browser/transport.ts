/** Sends one body and reads the answer. Never rejects: no answer is an outcome too. */
import { KEEPALIVE_MAX_BYTES } from '../shared/limits.js';
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { bytesOf } from './bytes-of.js';
import type { Env } from './env.js';
import type { Settings } from './options.js';

export type Endpoint = 'events' | 'event-bulk-create' | 'profiles';

export const createTransport = (env: Env, settings: Settings) => {
  let keepaliveLeft = KEEPALIVE_MAX_BYTES;

  return {
    /** What a page that is being closed can still send. */
    keepaliveLeft: () => keepaliveLeft,
    /** Starts the request before it returns. */
    send: async (endpoint: Endpoint, body: string): Promise<Outcome> => {
      const size = bytesOf(body);
      // Every request that fits outlives its page: a navigation does not cancel it.
      const keepalive = size <= keepaliveLeft;
      if (keepalive) keepaliveLeft -= size;
      try {
        const response = await env.fetch(
          `${settings.apiHost}/client/${endpoint}?company_id=${settings.companyId}`,
          {
            method: 'POST',
            headers: { revision: settings.revision, 'content-type': 'application/vnd.api+json' },
            body,
            keepalive,
            credentials: 'omit',
            // For head and body.
            signal: env.timeout(settings.requestTimeoutMs),
          },
        );
        const retryAfter = response.headers.get('retry-after');
        return readOutcome(
          response.status,
          // Seconds, or (proxies) a date.
          Number(retryAfter) || (Date.parse(retryAfter!) - env.now()) / 1000,
          // A body that is cut or never ends does not change what the status says.
          response.ok ? '' : await response.text().catch(() => ''),
          /html/.test(response.headers.get('content-type')!),
        );
      } catch {
        return readOutcome(0);
      } finally {
        if (keepalive) keepaliveLeft += size;
      }
    },
  };
};

export type Transport = ReturnType<typeof createTransport>;
