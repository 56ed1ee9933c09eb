// The question every scenario ends with.
import { until } from './driver.js';
import type { Expected } from './scenario.js';
import type { World } from './world.js';

export interface Verdict {
  lost: number;
  doubled: number;
  requests: number;
  bound: number;
  /** Copies that Klaviyo discarded. */
  copies: number;
  /** What is wrong, in words; empty when all is well. */
  faults: string[];
}

const some = (numbers: number[]): string =>
  numbers.slice(0, 5).join(', ') + (numbers.length > 5 ? ', ...' : '');

export async function judge(world: World, expected: Expected): Promise<Verdict> {
  const { sandbox, site, entered, numberOf, network } = world;
  const { dropped = {}, mayDrop, mayBeBoth = [], reports = {}, besides = [] } = expected;
  const { timeoutMs = 45_000 } = expected;
  const faults: string[] = [];
  const reasonsOf = (n: number) =>
    site.dropped.filter(({ uniqueId }) => numberOf.get(uniqueId) === n).map(({ reason }) => reason);
  const isGivenUp = (n: number): boolean => mayDrop !== undefined && reasonsOf(n).includes(mayDrop);
  const wanted = (): number[] => entered.filter((n) => !(n in dropped) && !isGivenUp(n));

  await until('arrival', () => world.has(wanted()), timeoutMs).catch(() => {
    // What only the last page brings out is late.
    const late = wanted().filter((n) => !world.has([n])).length;
    faults.push(`${late} not there after ${timeoutMs} ms`);
  });
  const leftIn = expected.isGone ? 0 : await drain(world, timeoutMs);
  if (leftIn) faults.push(`${leftIn} left in the queue`);
  await until(
    'reports',
    () =>
      site.dropped.length >=
      Object.keys(dropped).length + Object.values(reports).reduce((a, b) => a + b, 0),
    2000,
  ).catch(() => undefined);
  await rest(world).catch((error: Error) => faults.push(error.message));

  const recorded = sandbox.events().filter(({ metric }) => !besides.includes(metric));
  const numbers = recorded.map(({ properties }) => properties.n as number);
  const found = new Set(numbers);
  const lost = wanted().filter((n) => !found.has(n) && reasonsOf(n).length === 0);
  const doubled = numbers.filter((n, index) => numbers.indexOf(n) !== index);
  const unexpected = [...found].filter((n) => !entered.includes(n) || n in dropped);
  if (lost.length) faults.push(`LOST ${lost.length} (${some(lost)})`);
  if (doubled.length) faults.push(`DOUBLED ${doubled.length} (${some(doubled)})`);
  if (unexpected.length) faults.push(`not wanted: ${some(unexpected)}`);

  const both = entered.filter((n) => found.has(n) && isGivenUp(n) && !mayBeBoth.includes(n));
  if (both.length) faults.push(`recorded, and reported as dropped: ${some(both)}`);
  for (const n of entered) {
    const reasons = reasonsOf(n);
    const right = n in dropped ? [dropped[n]] : isGivenUp(n) ? [mayDrop] : [];
    if (`${reasons}` !== `${right}`) faults.push(`${n} reported [${reasons}], not [${right}]`);
  }
  const others: Record<string, number> = {};
  for (const { uniqueId, reason } of site.dropped) {
    if (!numberOf.has(uniqueId)) others[reason] = (others[reason] ?? 0) + 1;
  }
  for (const reason of new Set([...Object.keys(others), ...Object.keys(reports)])) {
    if (others[reason] !== reports[reason]) {
      faults.push(`${others[reason] ?? 0} other reports of ${reason}, not ${reports[reason] ?? 0}`);
    }
  }
  const requests = sandbox.requests().length;
  if (requests > expected.bound) faults.push(`bound: ${requests} requests, not ${expected.bound}`);
  if (site.errors.length) faults.push(`error: ${site.errors[0]}`);
  const personal = site.warnings.find((warning) => /@|\+\d{11}/.test(warning));
  if (personal) faults.push(`personal: ${personal}`);
  network.mend();
  return {
    lost: lost.length,
    doubled: doubled.length,
    requests,
    bound: expected.bound,
    copies: recorded.reduce((sum, { duplicates }) => sum + duplicates, 0),
    faults: faults.slice(0, 12),
  };
}

/** Opens one page more and waits until nothing waits: what is recorded and stays would be sent again. */
async function drain(world: World, timeoutMs: number): Promise<number> {
  // MiniBrowser with a profile folder has one tab only.
  const isAlone = world.hasProfile && world.engine.name === 'webkit' && world.current;
  const tab = isAlone || (await world.visit({ isKnown: false, path: '/last' }));
  let left = 0;
  await until(
    'an empty queue',
    async () => {
      left = await tab.evaluate(async () => {
        const { queue } = await tracker().inspect();
        return queue.filter(({ held }) => !held).length;
      });
      return left === 0;
    },
    timeoutMs,
  ).catch(() => undefined);
  return left;
}

/** Waits until nothing has come for half a second: a double follows what it is the double of. */
async function rest({ sandbox, site }: World): Promise<void> {
  let before = '';
  let sinceAt = 0;
  const isQuiet = (): boolean => {
    const copies = sandbox.events().reduce((sum, { duplicates }) => sum + duplicates + 1, 0);
    const now = `${copies} ${sandbox.requests().length} ${site.dropped.length}`;
    if (now !== before) sinceAt = Date.now();
    before = now;
    return Date.now() - sinceAt >= 500;
  };
  await until('half a second in which nothing comes', isQuiet, 10_000);
}
