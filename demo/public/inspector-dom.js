// The few words the inspector's views are written in.
const ROWS_MAX = 60;
export const panel = document.querySelector('#qa');

export const part = (name) => panel.querySelector(`[data-qa="${name}"]`);

export function node(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

export const chip = (text, kind = '') => node('span', `qa-chip ${kind}`, text);
export const shortId = (uniqueId) => node('code', '', uniqueId ? uniqueId.slice(0, 8) : 'no id');
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB');

export function duration(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function fill(list, entries, toRow, empty) {
  const rows = entries.slice(0, ROWS_MAX).map(toRow);
  if (entries.length > ROWS_MAX) {
    rows.push(node('li', 'qa-more', `and ${entries.length - ROWS_MAX} more`));
  }
  if (entries.length === 0) rows.push(node('li', 'qa-more', empty));
  list.replaceChildren(...rows);
}
