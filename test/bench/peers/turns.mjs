// Who may work, where many want to.

/** Lets so many at a time; the others queue. */
export function createTurns(count) {
  let free = count;
  const waiting = [];
  return async (work) => {
    if (free === 0) await new Promise((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
