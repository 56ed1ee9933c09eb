// `npm run bench -- --only=page`: what the built tracker costs a page, beside a fetch per event.
import { launch } from '../chromium.mjs';
import { addTo, median } from '../rows.mjs';
import { startBenchPage } from './page.mjs';

const CALLS = 1000;

/** @param {{ rounds?: number }} options */
export async function measurePage({ rounds = 7 } = {}) {
  const browser = await launch();
  try {
    return await measureIn(browser, rounds);
  } finally {
    await browser.close();
  }
}

async function measureIn(browser, rounds) {
  const bench = await startBenchPage(browser);
  const tracked = [];
  const fetched = [];
  // Alternating, so that a slow moment of the machine meets both. The first round does not count: caches, the
  // JIT, the database.
  for (let round = 0; round <= rounds; round++) {
    const pair = [await bench.measureTrack(CALLS), await bench.measureFetch(CALLS)];
    if (round === 0) continue;
    tracked.push(pair[0]);
    fetched.push(pair[1]);
  }
  const backlog = await bench.deliverBacklog(CALLS);
  await bench.close();

  const of = (found, key) => median(found.map((round) => round[key]));
  const us = (ms) => (ms * 1000) / CALLS;
  const [inCall, fetchInCall] = [of(tracked, 'inCallMs'), of(fetched, 'inCallMs')];
  const [main, fetchMain] = [of(tracked, 'mainThreadMs'), of(fetched, 'mainThreadMs')];
  // The browser tells of tasks over 50 ms only; the others count as 0.
  const longest = of(tracked, 'longestTaskMs');
  const { requests, recorded } = backlog;

  const rows = [];
  const row = addTo(rows);
  row('track(), the call itself', us(inCall), 'µs', 'about 10 µs', us(inCall) <= 12.5);
  row('track(), with the write it starts', us(of(tracked, 'inTaskMs')), 'µs');
  row('track(), everything until delivered', us(main), 'µs');
  row('fetch() per event, the call itself', us(fetchInCall), 'µs');
  row('fetch() per event, everything', us(fetchMain), 'µs');
  const share = inCall / fetchInCall;
  row('the calls, track() to fetch()', share * 100, '%', '2 % or less', share <= 0.02);
  row('everything, track() to fetch()', (main / fetchMain) * 100, '%');
  row('longest task, 0 below 50 ms', longest, 'ms', 'none over 50 ms', longest <= 50);
  row('longest task, worst round', Math.max(...tracked.map((one) => one.longestTaskMs)), 'ms');
  row(`requests for ${CALLS} offline events`, requests, '', 'at most 2', requests <= 2);
  row('recorded of them', recorded, '', `${CALLS}`, recorded === CALLS);
  return { rows, notes: [`${CALLS} calls in one task, medians of ${rounds} rounds`] };
}
