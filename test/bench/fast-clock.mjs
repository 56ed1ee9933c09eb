// A clock that is faster than the real one, for a client and a sandbox: a minute's limit takes a few seconds.

/** @param {number} speed seconds of it in one real second */
export function fastClock(speed) {
  const realAt = performance.now();
  const startAt = Date.now();
  const elapsed = () => (performance.now() - realAt) * speed;
  const now = () => startAt + elapsed();
  return {
    elapsed,
    now,
    /** What `createKlaviyo` takes as its `env`. */
    env: {
      ...{ now, elapsed, random: Math.random, uuid: () => crypto.randomUUID() },
      fetch: (url, init) => fetch(url, init),
      after(delayMs, task) {
        const timer = setTimeout(task, delayMs / speed);
        return () => clearTimeout(timer);
      },
    },
  };
}
