/** What an answer of Klaviyo's does to what was sent. */
import { backoffMs } from '../shared/backoff.js';
import { DENIED_PAUSE_MS, FAILING_FROM } from '../shared/limits.js';
import type { ServerEnv } from './env.js';
import type { Answer } from './klaviyo-api.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Claim, Entry, Outbox } from './outbox.js';
import { pauseAfter } from './pause-after.js';

export interface SettleParts {
  outbox: Outbox;
  env: ServerEnv;
  log: Log;
  metrics: Metrics;
}

/** Klaviyo's own words about an event, kept with it; they may quote it, so they are never logged. */
const reasonOf = ({ status, detail }: Answer): string => `${status}: ${detail}`;

export function createSettle({ outbox, env, log, metrics }: SettleParts) {
  // Failures in a row of all requests: what one of them met is met by the next as well.
  let failures = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let isDenied = false;
  // Nothing is known yet: a process that was just restarted may be in the middle of a pause.
  let hasHeard = false;

  /** An answer to a request from before the last failure says nothing about the pause since. */
  function succeed(startedAt: number): void {
    hasHeard = true;
    if (startedAt <= failedAt) return;
    if (failures > 0) log.info({ failures }, 'delivery goes on');
    failures = 0;
    pausedUntil = Number.NEGATIVE_INFINITY;
    isDenied = false;
  }

  /** Requests that were under way together fail together: that is one failure. */
  function fail(answer: Answer, startedAt: number): void {
    if (startedAt > failedAt || failures === 0) failures += 1;
    failedAt = env.elapsed();
    const { kind, status, retryAfterMs } = answer;
    isDenied = kind === 'denied';
    const pauseMs = isDenied
      ? Math.max(DENIED_PAUSE_MS, retryAfterMs)
      : pauseAfter(failures, retryAfterMs, env.random());
    pausedUntil = Math.max(pausedUntil, failedAt + pauseMs);
    const facts = { outcome: kind, status, failures, pauseMs: Math.round(pauseMs) };
    if (isDenied) {
      log.error(
        facts,
        'Klaviyo refuses: check KLAVIYO_PRIVATE_KEY, its scope events:write, and KLAVIYO_API_HOST',
      );
    } else log.warn(facts, 'delivery pauses');
  }

  /** When something that was sent `attempts` times is due again. */
  const dueAfter = (attempts: number): number => {
    // Until then nothing is sent anyway; once the key is mended and the process restarted, it goes at once.
    if (isDenied) return env.now();
    const pauseMs = Math.max(0, pausedUntil - env.elapsed());
    // One event that breaks Klaviyo each time must not hold up the others: it waits for itself.
    return env.now() + Math.max(pauseMs, attempts > 2 ? backoffMs(attempts, env.random()) : 0);
  };

  const factsOf = ({ receipt, requestId, orderId, metric, attempts }: Entry, answer: Answer) => ({
    ...{ requestId, receipt, orderId, metric, attempts, status: answer.status },
    klaviyoRequestId: answer.klaviyoRequestId,
  });

  async function deliver(claim: Claim, answer: Answer): Promise<void> {
    await outbox.ack(claim, claim.entries);
    for (const entry of claim.entries) {
      metrics.count('klaviyo_events_delivered_total', entry.metric);
      metrics.time('klaviyo_delivery_seconds', env.now() - entry.acceptedAt);
      log.info(factsOf(entry, answer), 'delivered');
    }
  }

  async function giveUp(claim: Claim, entry: Entry, answer: Answer): Promise<void> {
    await outbox.giveUp(claim, entry, reasonOf(answer));
    metrics.count('klaviyo_events_given_up_total', entry.metric);
    log.error(factsOf(entry, answer), 'given up: see klaviyo-storefront outbox show');
  }

  /** @param startedAt when the request went out, on the clock that is never set back */
  async function settle(claim: Claim, answer: Answer, startedAt: number): Promise<void> {
    const { kind } = answer;
    metrics.count('klaviyo_attempts_total', kind);
    const { entries, batch } = claim;
    const [entry] = entries;
    if (!entry) return;
    if (kind === 'delivered') {
      succeed(startedAt);
      await deliver(claim, answer);
    } else if (kind === 'rejected' || kind === 'tooLarge') {
      // An answer about what was sent is an answer: Klaviyo is there.
      succeed(startedAt);
      if (batch === undefined) await giveUp(claim, entry, answer);
      else await outbox.release(claim, entries, { dueAt: env.now(), split: true });
    } else {
      fail(answer, startedAt);
      // One member may be what breaks Klaviyo, or the size what breaks the way there.
      const isBroken = kind === 'server' || kind === 'network';
      const split = batch !== undefined && isBroken && claim.attempts >= FAILING_FROM;
      const attempts = batch === undefined ? entry.attempts : claim.attempts;
      await outbox.release(claim, entries, { dueAt: dueAfter(attempts), split });
    }
  }

  return {
    settle,
    /** How long to send nothing, in ms. */
    pauseMs: () => Math.max(0, pausedUntil - env.elapsed()),
    /** At the start and after a failure one request goes first and finds out. */
    isProbing: () => failures > 0 || !hasHeard,
    isDenied: () => isDenied,
  };
}
