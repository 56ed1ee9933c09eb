// A thousand events, tracked while there is no network: what it takes to deliver them once there is.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './arrivals.mjs';
import { callMany, namesOf } from './calls.mjs';
import { STORE_MS } from './scenarios.mjs';
import { createVisitor } from './visitor.mjs';

/** Whoever is silent for so long only waits, and disturbs nobody. */
const SILENT_MS = 3000;

/**
 * In a browser of its own: one whose localStorage is written a thousand times keeps the pages of others waiting.
 * @param {{ variant: object; shop: object; userAgent: string; turn: Function }} parts
 */
export async function measureBacklog(parts) {
  const visitor = await createVisitor({ ...parts, onProfile: true });
  const { collector, turn } = visitor;
  const names = namesOf('backlog');
  const patience = { ...PATIENCE, lingerMs: 1000 };
  try {
    const onlineAt = await turn(async () => {
      await visitor.goOffline();
      collector.forget();
      await callMany(visitor.page(), names);
      await sleep(STORE_MS);
      const now = Date.now();
      await visitor.goOnline();
      await collector.settle(names, { ...patience, quietMs: SILENT_MS });
      return now;
    });
    const isCut = await collector.settle(names, patience);
    const { requests } = collector;
    return {
      ...collector.count(names),
      requests: requests.length,
      preflights: collector.preflights(),
      bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
      tookMs: Math.max(0, collector.lastArrivalAt() - onlineAt),
      ...(isCut && { isCut }),
    };
  } finally {
    await visitor.close();
  }
}
