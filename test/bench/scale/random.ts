/** Chance that is the same for the same seed. */

/** Numbers in [0, 1); mulberry32 over a hash of the parts, so that each visitor has a stream of their own. */
export const createRandom = (...parts: (string | number)[]): (() => number) => {
  let state = 2166136261;
  for (const character of parts.join(' ')) {
    state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

export type Random = ReturnType<typeof createRandom>;

/** Waiting time until something that happens once in `mean` on average. */
export const exponential = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;
