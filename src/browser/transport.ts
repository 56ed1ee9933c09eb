/** Sends one body and reads the answer. Never rejects: no answer is an outcome too. */
import { KEEPALIVE_MAX_BYTES } from '../shared/limits.js';
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { bytesOf } from './bytes-of.js';
import type { Env } from './env.js';
import type { Settings } from './options.js';

export type Endpoint = 'events' | 'event-bulk-create' | 'profiles';

export const createTransport = (env: Env, settings: Settings) => {
  let keepaliveBytes = 0;

  return {
    /** What a page that is being closed can still send. */
    keepaliveLeft: () => KEEPALIVE_MAX_BYTES - keepaliveBytes,
    /** Starts the request before it returns. */
    send: (endpoint: Endpoint, body: string): Promise<Outcome> => {
      const size = bytesOf(body);
      // Every request that fits outlives its page: a navigation does not cancel it.
      const keepalive = size <= KEEPALIVE_MAX_BYTES - keepaliveBytes;
      if (keepalive) keepaliveBytes += size;
      // One signal for head and body. Not AbortSignal.timeout, whose error has another name in each engine.
      const control = new AbortController();
      const cancel = env.after(settings.requestTimeoutMs, () => control.abort());
      return new Promise<Response>((resolve) => {
        // Inside a promise, because a fetch that another script has replaced may throw.
        resolve(
          env.fetch(`${settings.apiHost}/client/${endpoint}?company_id=${settings.companyId}`, {
            method: 'POST',
            headers: { revision: settings.revision, 'content-type': 'application/vnd.api+json' },
            body,
            keepalive,
            credentials: 'omit',
            signal: control.signal,
          }),
        );
      })
        .then(async (response) =>
          readOutcome(
            response.status,
            response.headers.get('retry-after'),
            // A body that is cut or never ends does not change what the status says.
            response.ok ? '' : await response.text().catch(() => ''),
          ),
        )
        .catch(() => readOutcome(0, null, ''))
        .finally(() => {
          cancel();
          if (keepalive) keepaliveBytes -= size;
        });
    },
  };
};

export type Transport = ReturnType<typeof createTransport>;
