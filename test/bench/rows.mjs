// What a part of the benchmark finds: { name, of?, value, unit, aim?, isMet? }. `of` says whose figure it is where
// there are several; the printer makes columns of them.

/** Of an even number of figures the mean of the two in the middle. */
export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** Adds a row; without an aim there is nothing to meet. */
export const addTo = (rows) => (name, value, unit, aim, isMet) =>
  void rows.push({ name, value, unit, ...(aim === undefined ? {} : { aim, isMet }) });
