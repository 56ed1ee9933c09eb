/** Takes what is due out of the outbox, sends it within the account's limits, and settles the answers. */
import type { ServerEnv } from './env.js';
import type { Answer, KlaviyoApi } from './klaviyo-api.js';
import {
  BACKLOG_FROM,
  BULK_RATE,
  CONCURRENCY,
  LEASE_SPARE_MS,
  POLL_MS,
  REMEMBER_MS,
  SINGLE_RATE,
  STOP_MAX_MS,
  STOP_STORE_MAX_MS,
} from './limits.js';
import { type Log, nameOf } from './log.js';
import type { Metrics } from './metrics.js';
import type { Claim, Outbox } from './outbox.js';
import { createPacer, type Pacer } from './pacer.js';
import { createSettle } from './settle.js';
import { withoutRefused } from './without-refused.js';

export interface WorkerOptions {
  /** From this many fresh events on they go out in bulk; Infinity: never. Default 100. */
  backlogFrom?: number;
  /** How often to look for work nobody told of. Default 1000. */
  pollMs?: number;
  /**
   * How long what was claimed stays this worker's; after that, as after a crash, it is anybody's. Default: ten
   * seconds longer than a request to Klaviyo may take, so 30 000.
   */
  leaseMs?: number;
}

interface WorkerParts {
  outbox: Outbox;
  api: KlaviyoApi;
  env: ServerEnv;
  log: Log;
  metrics: Metrics;
  options?: WorkerOptions;
}

const HOUR_MS = 3_600_000;

/** Starts a worker. */
export function createWorker({ outbox, api, env, log, metrics, options = {} }: WorkerParts) {
  const {
    backlogFrom = BACKLOG_FROM,
    pollMs = POLL_MS,
    leaseMs = api.requestTimeoutMs + LEASE_SPARE_MS,
  } = options;
  const { settle, pauseMs, isProbing, isDenied } = createSettle({ outbox, env, log, metrics });
  const singles = createPacer(SINGLE_RATE, env.elapsed);
  const bulk = createPacer(BULK_RATE, env.elapsed);
  const underWay = new Set<Promise<void>>();
  let isStopping = false;
  let isLooking = false;
  let looking = Promise.resolve();
  let isAgain = false;
  let cancelTimer = (): void => undefined;
  let lookedAt = env.elapsed();
  let forgotAt = Number.NEGATIVE_INFINITY;
  let storeFailures = 0;

  function lookAfter(delayMs: number): void {
    cancelTimer();
    if (!isStopping) cancelTimer = env.after(delayMs, wake);
  }

  /** Something may be due: look now. */
  function wake(): void {
    if (isStopping) return;
    isAgain = true;
    if (!isLooking) looking = look();
  }

  async function look(): Promise<void> {
    isLooking = true;
    let nextMs = pollMs;
    while (isAgain && !isStopping) {
      isAgain = false;
      lookedAt = env.elapsed();
      try {
        nextMs = await takeWork();
        storeFailures = 0;
      } catch (error) {
        storeFailures += 1;
        nextMs = Math.min(30_000, pollMs * 2 ** Math.min(storeFailures, 5));
        log.error({ error: nameOf(error), failures: storeFailures }, 'the store does not answer');
      }
    }
    isLooking = false;
    lookAfter(nextMs);
  }

  /** Claims and starts what may go out; returns when to look again unless woken. */
  async function takeWork(): Promise<number> {
    if (env.elapsed() - forgotAt > HOUR_MS) {
      forgotAt = env.elapsed();
      await outbox.forget(env.now() - REMEMBER_MS);
    }
    for (;;) {
      const room = (isProbing() ? 1 : CONCURRENCY) - underWay.size;
      if (room <= 0 || isStopping) return pollMs;
      const singleMs = Math.max(pauseMs(), singles.waitMs());
      const bulkMs = Math.max(pauseMs(), bulk.waitMs());
      // A pause may be long, and looking is a sign of life.
      const nextMs = Math.min(pollMs, Math.ceil(singleMs) || pollMs);
      if (singleMs > 0 && bulkMs > 0) return nextMs;
      const claim = await outbox.claim({
        singles: singleMs > 0 ? 0 : room,
        bulk: bulkMs <= 0,
        batchFrom: backlogFrom,
        ...{ leaseMs, now: env.now() },
      });
      if (!claim) return nextMs;
      start(claim);
      if (claim.batch === undefined && claim.entries.length < room) return nextMs;
    }
  }

  function start(claim: Claim): void {
    if (claim.batch !== undefined) {
      begin(claim, bulk, () => api.sendBatch(claim.entries));
      return;
    }
    for (const entry of claim.entries) {
      begin({ ...claim, entries: [entry] }, singles, () => api.sendEvent(entry));
    }
  }

  function begin(claim: Claim, pacer: Pacer, send: () => Promise<Answer>): void {
    const task = run(claim, pacer, send).catch((error: unknown) => {
      // The store failed between Klaviyo's answer and here. The lease ends, and it is sent again:
      // under the same unique_id, so Klaviyo records it once.
      log.error({ error: nameOf(error) }, 'an answer could not be stored');
    });
    underWay.add(task);
    void task.finally(() => {
      underWay.delete(task);
      wake();
    });
  }

  async function run(
    claim: Claim,
    pacer: Pacer,
    send: () => Promise<Answer>,
    wasSent = false,
  ): Promise<void> {
    const waitMs = Math.max(pacer.waitMs(), wasSent ? pauseMs() : 0);
    if (waitMs > 0 || isStopping) {
      // One of several that were claimed together, and those before it have met the limit.
      const how = { dueAt: env.now() + Math.ceil(waitMs), unsent: !wasSent };
      await outbox.release(claim, claim.entries, how);
      return;
    }
    const answered = pacer.take();
    const startedAt = env.elapsed();
    const answer = await send();
    answered();
    if (answer.remaining !== undefined) {
      pacer.heed(answer.remaining, answer.resetMs, underWay.size);
    }
    if (answer.kind === 'rejected' && (await runWithoutRefused(claim, answer))) return;
    await settle(claim, answer, startedAt);
  }

  /** Sends a single event again without the identifier that is refused; false when that can't be. */
  async function runWithoutRefused(claim: Claim, { detail }: Answer): Promise<boolean> {
    const [entry] = claim.batch === undefined ? claim.entries : [];
    if (!entry) return false;
    const profile = withoutRefused(entry.profile, detail);
    if (profile === undefined) return false;
    metrics.count('klaviyo_attempts_total', 'rejected');
    const mended = { ...entry, profile };
    const { requestId, receipt, orderId, metric } = entry;
    log.warn(
      { requestId, receipt, orderId, metric },
      'Klaviyo refuses one of its identifiers: sent again without it',
    );
    await run({ ...claim, entries: [mended] }, singles, () => api.sendEvent(mended), true);
    return true;
  }

  /** Resolves when nothing is under way. */
  async function rest(): Promise<void> {
    await looking;
    while (underWay.size > 0) await Promise.all(underWay);
  }

  function isWithin(maxMs: number, work: Promise<void>): Promise<boolean> {
    let cancel = (): void => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = env.after(maxMs, () => resolve(false));
    });
    return Promise.race([work.then(() => true), late]).finally(() => cancel());
  }

  wake();

  return {
    wake,
    /** Whether it is looking at the store as it should. */
    isAlive: () => !isStopping && env.elapsed() - lookedAt < 60_000 + pollMs,
    isDenied,
    pauseMs,
    /**
     * Takes nothing new, and waits for what is under way, but not for ever: what Klaviyo has not answered by
     * then is broken off. That and the rest stay in the store.
     */
    async stop(maxMs = STOP_MAX_MS): Promise<void> {
      isStopping = true;
      cancelTimer();
      if (await isWithin(maxMs, rest())) return;
      api.breakOff();
      await isWithin(STOP_STORE_MAX_MS, rest());
    },
  };
}

export type Worker = ReturnType<typeof createWorker>;
