// A clock that stands still while the machine works: how fast that is makes no difference to what is measured, only
// how long it takes. Real requests over real sockets, each with a given time on its way.

/** @param {{ latencyMs: () => number }} options there and back */
export function virtualClock({ latencyMs }) {
  let nowAt = Date.now();
  const startAt = nowAt;
  let order = 0;
  let underWay = 0;
  const timers = new Map();

  const now = () => nowAt;
  const elapsed = () => nowAt - startAt;
  function after(delayMs, task) {
    const id = order;
    order += 1;
    timers.set(id, { at: nowAt + Math.max(0, delayMs), task });
    return () => timers.delete(id);
  }
  const pause = (durationMs) => new Promise((resolve) => after(durationMs, resolve));

  async function virtualFetch(url, init) {
    const wayMs = latencyMs() / 2;
    await pause(wayMs);
    underWay += 1;
    try {
      const response = await fetch(url, init);
      const body = await response.arrayBuffer();
      const { status, headers } = response;
      await Promise.resolve();
      return new Response(body.byteLength > 0 ? body : null, { status, headers });
    } finally {
      underWay -= 1;
      await pause(wayMs);
    }
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** Lets time pass until the promise is settled. */
  async function run(promise) {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    while (!isSettled) {
      // Whatever can go on without the clock goes on first.
      for (let quiet = 0; quiet < 2; quiet += 1) {
        await turn();
        if (underWay > 0) quiet = -1;
      }
      let first;
      for (const [id, timer] of timers)
        if (!first || timer.at < first.timer.at) first = { id, timer };
      if (!first) continue;
      timers.delete(first.id);
      nowAt = Math.max(nowAt, first.timer.at);
      first.timer.task();
    }
    return promise;
  }

  const env = { now, elapsed, after, random: Math.random, uuid: () => crypto.randomUUID() };
  return { now, elapsed, run, env: { ...env, fetch: virtualFetch } };
}
