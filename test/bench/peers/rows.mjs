// What was measured, as rows: the lower the better in each of them.
import { median } from '../rows.mjs';

const OURS = 'klaviyo-storefront';

/** Of all their rounds. */
const costs = [
  ['evaluate and init', 'ms', ({ startMs }) => startMs],
  ['main thread until started', 'ms', ({ startBusyMs }) => startBusyMs],
  ['track, the call', 'µs', ({ callMs }) => callMs * 1000],
  ['track, everything until delivered', 'µs', ({ callBusyMs }) => callBusyMs * 1000],
  ['longest task of 1,000 calls, 0 below 50 ms', 'ms', ({ longestMs }) => longestMs],
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
  const add = (name, variant, value, unit) => rows.push({ name, of: variant.name, value, unit });
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
        if (values.length) add(name, variant, median(values), unit);
      }
    }
  };
  addMedians(costs, (one) => one.costs);
  addMedians(deliveries, ({ backlogs }) => backlogs.filter(({ lost }) => lost < 1000));
  addMedians(losses, ({ backlogs }) => backlogs);
  for (const scenario of scenarios) {
    for (const figure of ['lost', 'copies', 'doubled', 'inPause']) {
      const ofThis = arrivals.filter(
        (one) => one.scenario === scenario && one[figure] !== undefined,
      );
      // Copies are worth a line only where there are any.
      if (/copies|doubled/.test(figure) && !ofThis.some((one) => one[figure])) continue;
      for (const one of ofThis) add(titleOf(scenario, figure), one.variant, one[figure], '');
    }
  }
  const tracked = scenarios.reduce((sum, { names }) => sum + names.length, 0);
  for (const variant of variants) {
    const own = arrivals.filter((one) => one.variant === variant);
    if (own.length < scenarios.length) continue; // a sum without one of them says nothing
    const sum = (of) => own.reduce((total, one) => total + of(one), 0);
    add(
      `all of these: lost of ${tracked}`,
      variant,
      sum(({ lost }) => lost),
      '',
    );
    add(
      'all of these: again',
      variant,
      sum(({ copies }) => copies),
      '',
    );
  }
  return judge(rows, variants);
}

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
    if (name === 'track, the call') return ['a quarter of the fastest', least(name) / 4];
    if (name === '1,000 offline: requests') return ['fewest', least(name)];
    if (/: (lost|doubled|again|requests in the pause)/.test(name)) return ['none', 0];
    if (name.startsWith('longest')) return ['none', 0];
    return undefined;
  };
  return rows.map((row) => {
    const aim = row.of === OURS ? aimOf(row.name) : undefined;
    return aim ? { ...row, aim: aim[0], isMet: row.value <= aim[1] } : row;
  });
}
