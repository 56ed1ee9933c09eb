// Rows as text: figures of one thing one below the other, figures of several in columns.

/** From here on other work on the machine spoils figures; what a quiet one does by itself is below. */
export const BUSY_PERCENT = 15;

const digitsOf = (value) => {
  const size = Math.abs(value);
  return Number.isInteger(value) || size >= 100 ? 0 : size < 10 ? 2 : 1;
};

export const textOf = ({ value, unit }) => {
  const number = value.toLocaleString('en', { maximumFractionDigits: digitsOf(value) });
  return unit ? `${number} ${unit}` : number;
};

const verdictOf = ({ aim, isMet }) =>
  aim === undefined ? '' : `${isMet ? 'met' : 'MISSED'} (aim: ${aim})`;

/** The same line for every row of cells, the first column to the left and the others to the right. */
function tableOf(lines) {
  const widths = [];
  for (const cells of lines) {
    for (const [column, { length }] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, length);
    }
  }
  const pad = (cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]));
  return lines.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n');
}

/** Rows of several: a line for each name, a column for each of them. */
function pivotOf(rows) {
  const columns = [...new Set(rows.map((row) => row.of))];
  const names = [...new Set(rows.map((row) => row.name))];
  const lines = names.map((name) => {
    const ofName = rows.filter((row) => row.name === name);
    const unit = ofName[0].unit ? `, ${ofName[0].unit}` : '';
    const cells = columns.map((column) => {
      const row = ofName.find((one) => one.of === column);
      return row ? textOf({ value: row.value }) : '-';
    });
    const judged = ofName.find(({ aim }) => aim !== undefined);
    return [`${name}${unit}`, ...cells, judged ? verdictOf(judged) : ''];
  });
  // Long names of columns are numbers, with a legend.
  const legend = columns.map((column, index) => `[${index + 1}] ${column}`).join('  ');
  return `${legend}\n${tableOf([['', ...columns.map((_, index) => `[${index + 1}]`), ''], ...lines])}`;
}

/** Where somebody has the lower figure, and ours could be better. */
export function betterThanOurs(rows, ours) {
  return rows
    .filter((row) => row.of === ours)
    .flatMap((own) => {
      const better = rows.filter(({ name, value }) => name === own.name && value < own.value);
      if (better.length === 0) return [];
      const said = better.map((row) => `${row.of} ${textOf(row)}`).join(', ');
      return [`${own.name}: ours ${textOf(own)}; ${said}`];
    });
}

/**
 * @typedef {{ name: string; of?: string; value: number; unit: string; aim?: string; isMet?: boolean; range?: number[] }} Row
 * `range`: of the rounds whose median it is
 * @typedef {{ id: string; title: string; rows: Row[]; notes?: string[]; failures?: string[]; ours?: string; tookS: number }} Part
 */

/** @param {Part} part @returns {string} its table, what there is to know about it, and what could not be measured */
export function textOfPart({ title, rows, notes = [], failures = [], ours, tookS }) {
  const single = rows.filter((row) => row.of === undefined);
  const several = rows.filter((row) => row.of !== undefined);
  const better = ours ? betterThanOurs(several, ours) : [];
  return [
    `\n${title} (${tookS.toFixed(0)} s)\n${'-'.repeat(title.length)}`,
    ...(single.length
      ? [tableOf(single.map((row) => [row.name, textOf(row), verdictOf(row)]))]
      : []),
    ...(several.length ? [pivotOf(several)] : []),
    ...notes,
    ...(better.length ? [['Better than ours:', ...better].join('\n  ')] : []),
    ...failures,
  ].join('\n');
}

const labelOf = ({ name, of }) => (of === undefined ? name : `${name} (${of})`);

function changeOf(row, was) {
  if (!was) return 'new';
  // An aim that was met and is no longer, or the other way round, counts more than its figure.
  const verdict = was.isMet === row.isMet || row.aim === undefined ? '' : `, now ${verdictOf(row)}`;
  if (was.value === row.value) return `=${verdict}`;
  const isWithin = (value, { range }) => range && value >= range[0] && value <= range[1];
  const isNoise = isWithin(row.value, was) && isWithin(was.value, row);
  const change = was.value === 0 ? 'from 0' : `x ${(row.value / was.value).toFixed(2)}`;
  return `${change}${isNoise ? ', within the rounds of both' : ''}${verdict}`;
}

/**
 * Row by row, what became of a figure since another run, of the parts that were run now.
 * @param {{ machine: object; isBrief?: boolean; parts: Part[] }} now
 * @param {{ machine: object; isBrief?: boolean; parts: Part[] }} before as `npm run bench` has written it
 */
export function textOfChange(now, before) {
  // Another browser, Node, load or machine makes figures of its own.
  const others = Object.keys({ ...before.machine, ...now.machine })
    .filter((key) => key !== 'date' && before.machine[key] !== now.machine[key])
    .map((key) => `${key}: ${before.machine[key]} then, ${now.machine[key]} now`);
  if (now.isBrief !== before.isBrief) {
    const word = ({ isBrief }) => (isBrief ? 'one of several parts' : 'a part by itself');
    others.push(`taken as: ${word(before)} then, ${word(now)} now`);
  }
  const tables = now.parts.map(({ id, rows, notes = [] }) => {
    const then = before.parts.find((part) => part.id === id);
    const old = then?.rows ?? [];
    // Other rounds, settings or versions: of these only what is new is said, of what is gone the new one tells.
    const changed = then ? notes.filter((note) => !then.notes?.includes(note)) : [];
    const isSame = (a) => (b) => a.name === b.name && a.of === b.of;
    const lines = rows.map((row) => {
      const was = old.find(isSame(row));
      return [labelOf(row), was ? textOf(was) : '-', textOf(row), changeOf(row, was)];
    });
    for (const was of old.filter((one) => !rows.some(isSame(one)))) {
      lines.push([labelOf(was), textOf(was), '-', 'gone']);
    }
    const said = changed.map((note) => `not so then: ${note}`);
    return lines.length ? [`\n${id}`, tableOf(lines), ...said].join('\n') : '';
  });
  const since = `\nChange since ${before.machine.date}`;
  return [since, ...others, ...tables.filter(Boolean)].join('\n');
}
