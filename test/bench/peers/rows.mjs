// What was measured, as rows: the lower the better in each of them.
import { median } from '../rows.mjs';

const OURS = 'klaviyo-storefront';

/** Of all their rounds. */
const costs = [
  ['evaluate and init', 'ms', ({ startMs }) => startMs],
  ['main thread until started', 'ms', ({ startBusyMs }) => startBusyMs],
  ['track, the call', 'µs', ({ callMs }) => callMs * 1000],
  ['track, everything until delivered', 'µs', ({ callBusyMs }) => callBusyMs * 1000],
  ['longest task of start and 1,000 calls, 0 below 50 ms', 'ms', ({ longestMs }) => longestMs],
  ['1,000 calls: not yet delivered then', '', ({ undelivered }) => undelivered],
];
/** Worth nothing where nothing was delivered. */
const deliveries = [
  ['1,000 offline: requests', '', ({ requests }) => requests],
  ['1,000 offline: preflights', '', ({ preflights }) => preflights],
  ['1,000 offline: bytes sent', 'kB', ({ bytes }) => bytes / 1000],
  ['1,000 offline: time', 's', ({ tookMs }) => tookMs / 1000],
];
const losses = [['1,000 offline: lost', '', ({ lost }) => lost]];

export function rowsOf({ variants, scenarios, found, arrivals }) {
  const rows = [];
  const add = (name, variant, value, unit, more) =>
    rows.push({ name, of: variant.name, value, unit, ...more });
  const addMedian = (name, variant, values, unit) => {
    const range = [Math.min(...values), Math.max(...values)];
    add(name, variant, median(values), unit, { range });
  };
  for (const size of ['min', 'gzip', 'brotli']) {
    for (const variant of variants) {
      const { sizes } = found.get(variant.id);
      if (sizes) add(`bytes, ${size}`, variant, sizes[size] / 1000, 'kB');
    }
  }
  const addMedians = (figures, roundsOf) => {
    for (const [name, unit, of] of figures) {
      for (const variant of variants) {
        const values = roundsOf(found.get(variant.id)).map(of);
        if (values.length) addMedian(name, variant, values, unit);
      }
    }
  };
  addMedians(costs, (one) => one.costs);
  addMedians(deliveries, ({ backlogs }) => backlogs.filter(({ lost }) => lost < 1000));
  addMedians(losses, ({ backlogs }) => backlogs);
  for (const scenario of scenarios) {
    for (const figure of ['lost', 'copies', 'doubled', 'inPause']) {
      const ofThis = variants
        .map((variant) => ({ variant, values: valuesOf(arrivals, scenario, variant, figure) }))
        .filter(({ values }) => values.length);
      // Copies are worth a line only where there are any.
      const isRare = /copies|doubled/.test(figure);
      if (isRare && !ofThis.some(({ values }) => Math.max(...values))) continue;
      for (const { variant, values } of ofThis) {
        addMedian(titleOf(scenario, figure), variant, values, '');
      }
    }
  }
  const tracked = scenarios.reduce((sum, { names }) => sum + names.length, 0);
  const sums = [
    [`all of these: lost of ${tracked}`, 'lost', median],
    ['all of these: again', 'copies', median],
    // What happens in one round of five is no median, and still a loss.
    ['all of these: lost, the worst rounds', 'lost', (values) => Math.max(...values)],
    ['all of these: doubled, the worst rounds', 'doubled', (values) => Math.max(...values)],
  ];
  for (const [name, figure, of] of sums) {
    for (const variant of variants) {
      const all = scenarios.map((scenario) => valuesOf(arrivals, scenario, variant, figure));
      if (all.some((values) => !values.length)) continue; // a sum without one of them says nothing
      const value = all.reduce((sum, values) => sum + of(values), 0);
      add(name, variant, value, '');
    }
  }
  return judge(rows, variants);
}

/** A figure of one of them in one scenario, of all rounds. */
const valuesOf = (arrivals, scenario, variant, figure) =>
  arrivals
    .filter((one) => one.scenario === scenario && one.variant === variant)
    .map((one) => one[figure])
    .filter((value) => value !== undefined);

const titleOf = ({ title, names }, figure) =>
  ({
    lost: `${title}: lost of ${names.length}`,
    copies: `${title}: again`,
    doubled: `${title}: doubled`,
    inPause: `${title}: requests in the pause`,
  })[figure];

/** What issue 6 wants of ours, put beside its rows. A hand-written fetch is no library to be smaller than. */
function judge(rows, variants) {
  const libraries = variants.filter(({ adapter }) => adapter.library && !adapter.isOurs);
  const least = (name) =>
    Math.min(
      ...rows
        .filter((row) => row.name === name && libraries.some((one) => one.name === row.of))
        .map(({ value }) => value),
    );
  const aimOf = (name) => {
    if (name.startsWith('bytes')) return ['a third of the smallest', least(name) / 3];
    if (name.startsWith('track, ')) return ['a quarter of the fastest', least(name) / 4];
    if (name === '1,000 offline: requests') return ['fewest', least(name)];
    if (/: (lost|doubled|again|requests in the pause)/.test(name)) return ['none', 0];
    if (name.startsWith('longest')) return ['none', 0];
    return undefined;
  };
  return rows.map((row) => {
    const aim = row.of === OURS ? aimOf(row.name) : undefined;
    // Nobody to be compared with: nothing is met.
    return aim && Number.isFinite(aim[1])
      ? { ...row, aim: aim[0], isMet: row.value <= aim[1] }
      : row;
  });
}
