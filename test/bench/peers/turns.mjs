// Who may work, where many want to.

/**
 * Lets so many work at a time; the others queue. `turn.alone(work)` is a turn with nobody else at work: for what
 * depends on how fast the machine is.
 */
export function createTurns(count) {
  let free = count;
  const waiting = [];
  const admit = () => {
    // In order: whoever wants to be alone would otherwise wait for ever.
    while (waiting[0]?.places <= free) {
      const { places, begin } = waiting.shift();
      free -= places;
      begin();
    }
  };
  const turnOf = (places) => async (work) => {
    await new Promise((begin) => {
      waiting.push({ places, begin });
      admit();
    });
    try {
      return await work();
    } finally {
      free += places;
      admit();
    }
  };
  return Object.assign(turnOf(1), { alone: turnOf(count) });
}
