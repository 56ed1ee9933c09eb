// What a part of the benchmark finds: { name, of?, value, unit, aim?, isMet? }. `of` says whose figure it is where
// there are several; the printer makes columns of them.

export const median = (numbers) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Adds a row; without an aim there is nothing to meet. */
export const addTo = (rows) => (name, value, unit, aim, isMet) =>
  void rows.push({ name, value, unit, ...(aim === undefined ? {} : { aim, isMet }) });
