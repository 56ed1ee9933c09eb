// Rows as text: figures of one thing one below the other, figures of several in columns.

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
function betterThanOurs(rows, ours) {
  return rows
    .filter((row) => row.of === ours)
    .flatMap((own) => {
      const better = rows.filter(({ name, value }) => name === own.name && value < own.value);
      if (better.length === 0) return [];
      const said = better.map((row) => `${row.of} ${textOf(row)}`).join(', ');
      return [`${own.name}: ours ${textOf(own)}; ${said}`];
    });
}

/** @param {{ title: string; rows: object[]; notes?: string[]; ours?: string; tookS: number }} part */
export function printPart({ title, rows, notes = [], ours, tookS }) {
  console.log(`\n${title} (${tookS.toFixed(0)} s)\n${'-'.repeat(title.length)}`);
  const single = rows.filter((row) => row.of === undefined);
  const several = rows.filter((row) => row.of !== undefined);
  if (single.length) {
    console.log(tableOf(single.map((row) => [row.name, textOf(row), verdictOf(row)])));
  }
  if (several.length) console.log(pivotOf(several));
  for (const note of notes) console.log(note);
  const better = ours ? betterThanOurs(several, ours) : [];
  if (better.length) console.log(['Better than ours:', ...better].join('\n  '));
}

/** Row by row, what became of a figure since another run. */
export function printChange(parts, before) {
  console.log('\nChange');
  for (const { id, rows } of parts) {
    const old = before.parts.find((part) => part.id === id)?.rows ?? [];
    const lines = rows.map((row) => {
      const was = old.find(({ name, of }) => name === row.name && of === row.of);
      const name = row.of === undefined ? row.name : `${row.name} (${row.of})`;
      if (!was) return [name, '-', textOf(row), 'new'];
      const ratio = was.value === row.value ? '=' : `x ${(row.value / was.value).toFixed(2)}`;
      return [name, textOf(was), textOf(row), was.value === 0 && row.value ? 'from 0' : ratio];
    });
    const gone = old.filter(
      (was) => !rows.some(({ name, of }) => name === was.name && of === was.of),
    );
    for (const row of gone) lines.push([row.name, textOf(row), '-', 'gone']);
    if (lines.length) console.log(`\n${id}\n${tableOf(lines)}`);
  }
}
