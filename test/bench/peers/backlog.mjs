// A thousand events, tracked while there is no network: what it takes to deliver them once there is.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './arrivals.mjs';
import { callMany, namesOf } from './calls.mjs';
import { STORE_MS } from './scenarios.mjs';
import { createVisitor } from './visitor.mjs';

/** @param {{ variant: object; shop: object; browser: object; userAgent: string; turn: Function }} parts */
export async function measureBacklog(parts) {
  const visitor = await createVisitor(parts);
  const { collector } = visitor;
  try {
    const names = namesOf('backlog');
    await visitor.goOffline();
    collector.forget();
    await callMany(visitor.page(), names);
    await sleep(STORE_MS);
    const onlineAt = Date.now();
    await visitor.goOnline();
    await collector.settle(names, { ...PATIENCE, lingerMs: 1000 });
    const { requests } = collector;
    return {
      ...collector.count(names),
      requests: requests.length,
      preflights: collector.preflights(),
      bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
      tookMs: Math.max(0, collector.lastArrivalAt() - onlineAt),
    };
  } finally {
    await visitor.close();
  }
}
