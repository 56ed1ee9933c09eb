/**
 * A well-made tracker that has one endpoint: everything that waits goes out in one bulk request, a second after
 * the last event, as a page opens and as it is left. Stored, with our own backoff, held across pages, and with
 * Retry-After respected; it differs in the endpoint only.
 */
import { backoffMs } from '../../../../src/shared/backoff.js';
import { BULK_MAX_EVENTS, DENIED_PAUSE_MS } from '../../../../src/shared/limits.js';
import { readOutcome } from '../../../../src/shared/outcome.js';
import { bulkBody, eventData, profileBody } from '../../../../src/shared/payload.js';
import { post } from './request.js';
import { propertiesOf, type Strategy } from './strategy.js';

const FLUSH_MS = 1000;
const MAX_AGE_MS = 14 * 86_400_000;

interface Stored {
  email?: string;
  queue: { number: number; at: number; data: string }[];
  untilAt: number;
  failures: number;
}
const key = 'bulk';
const EMPTY: Stored = { queue: [], untilAt: 0, failures: 0 };

export const alwaysBulk: Strategy = {
  name: 'bulk',
  title: 'always bulk',
  open: ({ env }, _device, teller) => {
    const state = env.local.read<Stored>(key) ?? structuredClone(EMPTY);
    let isBusy = false;
    let cancel: (() => void) | undefined;

    const save = (): void => void env.local.write(key, state);
    const schedule = (delayMs: number): void => {
      cancel?.();
      cancel = env.after(delayMs, () => void flush());
    };
    const pause = (reason: string, retryAfterMs: number): void => {
      const leastMs = reason === 'denied' ? DENIED_PAUSE_MS : 0;
      const askedMs = retryAfterMs * (1 + env.random());
      const pauseMs = Math.max(backoffMs(++state.failures, env.random()), askedMs, leastMs);
      state.untilAt = env.now() + pauseMs;
      schedule(pauseMs);
    };
    const flush = async (): Promise<void> => {
      const now = env.now();
      for (const { number, at } of state.queue)
        if (at < now - MAX_AGE_MS) teller.drop(number, 'expired');
      state.queue = state.queue.filter(({ at }) => at >= now - MAX_AGE_MS);
      const members = state.queue.slice(0, BULK_MAX_EVENTS);
      if (isBusy || !state.email || !members[0]) return;
      if (now < state.untilAt) return schedule(state.untilAt - now);
      isBusy = true;
      const profile = profileBody(undefined, { email: state.email });
      const body = bulkBody(
        profile,
        members.map(({ data }) => data),
      );
      const { kind, retryAfterMs } = await post(env.fetch, 'event-bulk-create', body).then(
        async (response) =>
          readOutcome(response.status, response.headers.get('retry-after'), await response.text()),
        () => readOutcome(0),
      );
      isBusy = false;
      if (kind === 'delivered' || kind === 'rejected') {
        if (kind === 'rejected') for (const { number } of members) teller.drop(number, 'rejected');
        state.queue = state.queue.filter((one) => !members.includes(one));
        state.failures = 0;
      } else pause(kind, retryAfterMs);
      save();
      if (state.queue[0] && !state.failures) schedule(FLUSH_MS);
    };

    env.listen({ visibilitychange: () => void flush(), pagehide: () => void flush() });
    schedule(env.random() * FLUSH_MS);
    return {
      identify: (email) => {
        state.email = email;
        save();
        schedule(FLUSH_MS);
      },
      track: (metric, number) => {
        const data = eventData(metric, propertiesOf(number), env.uuid(), env.now());
        state.queue.push({ number, at: env.now(), data });
        save();
        if (!state.failures) schedule(FLUSH_MS);
      },
    };
  },
  stored: ({ local }) =>
    (JSON.parse(local.get(key) ?? JSON.stringify(EMPTY)) as Stored).queue.map(
      ({ number }) => number,
    ),
};
