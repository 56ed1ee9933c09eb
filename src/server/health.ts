/** What a monitor asks: is the process there, can it take orders, how is it going. */
import type { ServerEnv } from './env.js';
import { type Log, nameOf } from './log.js';
import type { Metrics } from './metrics.js';
import type { Outbox } from './outbox.js';
import { MissingPeerError } from './peer.js';
import { json, problem, type Reply } from './reply.js';
import type { Worker } from './worker.js';

interface HealthParts {
  outbox: Outbox;
  /** Undefined where another process delivers. */
  worker: Worker | undefined;
  env: ServerEnv;
  log: Log;
  metrics: Metrics;
}

export function createHealth({ outbox, worker, env, log, metrics }: HealthParts) {
  const isDenied = () => worker?.isDenied() ?? false;

  function delivery(): string {
    if (!worker) return 'elsewhere';
    if (!worker.isAlive()) return 'dead';
    if (worker.isDenied()) return 'denied';
    return worker.pauseMs() > 0 ? 'paused' : 'running';
  }

  /**
   * 200 as long as orders can be taken and something delivers them. While Klaviyo refuses the key they still
   * can: then `delivery` says `denied`, and a load balancer must not turn orders away for it.
   */
  async function readyz(): Promise<Reply> {
    const state = delivery();
    try {
      const { waiting, givenUp, oldestAt } = await outbox.stats();
      const oldestWaitingMs = oldestAt === undefined ? 0 : Math.max(0, env.now() - oldestAt);
      const ready = state !== 'dead';
      const facts = { ready, store: 'reachable', delivery: state };
      return json(ready ? 200 : 503, { ...facts, waiting, givenUp, oldestWaitingMs });
    } catch (error) {
      log.error({ error: nameOf(error) }, 'the store does not answer');
      return json(503, { ready: false, store: 'unreachable', delivery: state });
    }
  }

  async function metricsText(): Promise<Reply> {
    try {
      const text = await metrics.render(await outbox.stats(), env.now(), isDenied());
      const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
      return { status: 200, body: text, headers };
    } catch (error) {
      if (error instanceof MissingPeerError) return problem(501, error.message);
      log.error({ error: nameOf(error) }, 'the store does not answer');
      return problem(503, 'The store does not answer.');
    }
  }

  return { healthz: async () => json(200, { ok: true }), readyz, metrics: metricsText };
}
