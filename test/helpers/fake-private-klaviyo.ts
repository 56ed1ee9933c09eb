// Klaviyo's private API without a socket: the sandbox's own judgement, on a clock that moves when told.

import { answerOf } from '../../src/sandbox/deliver.js';
import type { PrivateEndpoint } from '../../src/sandbox/endpoints.js';
import { createFaults } from '../../src/sandbox/fault.js';
import { findEndpoint } from '../../src/sandbox/find-endpoint.js';
import { metricsIn, uniqueIdsIn } from '../../src/sandbox/incoming.js';
import type { Fault } from '../../src/sandbox/index.js';
import { applyOptions, defaultOptions, type SandboxOptions } from '../../src/sandbox/options.js';
import { createPrivateApi } from '../../src/sandbox/private-api.js';
import { createRateLimiter } from '../../src/sandbox/rate-limiter.js';
import { createRecorder } from '../../src/sandbox/recorder.js';
import { createLedger } from '../../src/sandbox/store/ledger.js';
import type { ServerEnv } from '../../src/server/env.js';
import { createClock } from './manual-clock.js';

export const startAt = Date.parse('2026-11-22T10:00:00Z');

export interface Sent {
  endpoint: PrivateEndpoint;
  uniqueIds: string[];
  /** `lost` before or after it was processed. */
  status: number | 'lost';
  at: number;
}

export function createPrivateKlaviyo(over: SandboxOptions = {}) {
  const clock = createClock(startAt);
  let options = applyOptions(defaultOptions(), { now: clock.now, ...over });
  const ledger = createLedger();
  const faults = createFaults();
  const currentOptions = () => options;
  const recorder = createRecorder(currentOptions, ledger);
  const api = createPrivateApi(
    { options: currentOptions, ledger, recorder },
    createRateLimiter(currentOptions),
  );
  const sent: Sent[] = [];
  const bodies: { endpoint: PrivateEndpoint; body: unknown }[] = [];

  async function answer(address: string, init: RequestInit): Promise<Response> {
    const url = new URL(address);
    const method = init.method ?? 'GET';
    const endpoint = findEndpoint(method, url.pathname) as PrivateEndpoint;
    const text = init.body === undefined ? '' : String(init.body);
    const body = text === '' ? undefined : JSON.parse(text);
    bodies.push({ endpoint, body });
    const headers = new Headers(init.headers);
    const judge = () =>
      api.answer({
        ...{ method, url, bytes: Buffer.byteLength(text), body },
        authorization: headers.get('authorization') ?? undefined,
        revision: headers.get('revision') ?? undefined,
        contentType: headers.get('content-type') ?? undefined,
      });
    const fault = faults.take(endpoint, metricsIn(endpoint, body));
    const note = (status: Sent['status']) =>
      sent.push({ endpoint, uniqueIds: uniqueIdsIn(endpoint, body), status, at: clock.now() });
    if (fault?.reset) {
      if (fault.reset === 'after') judge();
      note('lost');
      throw new TypeError('fetch failed');
    }
    const given = (fault && answerOf(fault)) ?? judge();
    note(given.status);
    return new Response(given.body || null, { status: given.status, headers: given.headers });
  }

  const env: ServerEnv = {
    now: clock.now,
    // Never set back, whatever the clock does: counted from the timers' own time.
    elapsed: () => clock.now() - jumped,
    random: () => 0.5,
    uuid: () => crypto.randomUUID(),
    fetch: ((url: string, init: RequestInit) => answer(url, init)) as typeof fetch,
    after: clock.after,
  };
  let jumped = 0;

  return {
    env,
    clock: {
      ...clock,
      /** The machine's clock is set; durations go on as before. */
      jump(byMs: number) {
        jumped += byMs;
        clock.jump(byMs);
      },
    },
    sent,
    bodies,
    addFault: (fault: Fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    configure(patch: SandboxOptions) {
      options = applyOptions(options, patch);
    },
    recorded: () => ledger.events.list(),
    profiles: () => ledger.profiles.list(),
  };
}

export type PrivateKlaviyo = ReturnType<typeof createPrivateKlaviyo>;
