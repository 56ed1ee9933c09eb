/**
 * Time for a simulated origin. Nothing happens by itself: `advance` runs what is due, in order, and lets
 * everything asynchronous come to rest after each step.
 */
interface Timer {
  at: number;
  order: number;
  task: () => void;
}

export const createClock = (startAt: number) => {
  let nowAt = startAt;
  let order = 0;
  let timers: Timer[] = [];
  const tasks: (() => void)[] = [];
  let busy = 0;
  /** What a timer or a task threw; a tracker must never throw into its page. */
  const errors: unknown[] = [];

  const run = (task: () => void): void => {
    try {
      task();
    } catch (error) {
      errors.push(error);
    }
  };

  /** One turn of the real event loop: all microtasks, and one step of fake-indexeddb. */
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Runs queued tasks and waits until nothing moves without the clock. */
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; ) {
      const task = tasks.shift();
      if (task) run(task);
      await turn();
      quiet = busy || tasks.length ? 0 : quiet + 1;
    }
  };

  return {
    errors,
    settle,
    now: () => nowAt,
    /** A device clock that jumps: timers are not affected by it. */
    jump: (byMs: number): void => {
      nowAt += byMs;
      for (const timer of timers) timer.at += byMs;
    },
    after: (delayMs: number, task: () => void): (() => void) => {
      const timer = { at: nowAt + Math.max(0, delayMs), order: order++, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    /** A task of the event loop: runs with the next `settle`, one a turn. */
    queueTask: (task: () => void): void => {
      tasks.push(task);
    },
    /** Counts work that settles without the clock, such as a transaction. */
    during: <T>(work: Promise<T>): Promise<T> => {
      busy++;
      return work.finally(() => {
        busy--;
      });
    },
    advance: async (byMs: number): Promise<void> => {
      const untilAt = nowAt + byMs;
      await settle();
      for (;;) {
        const due = timers
          .filter((timer) => timer.at <= untilAt)
          .sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        nowAt = Math.max(nowAt, due.at);
        run(due.task);
        await settle();
      }
      nowAt = untilAt;
      await settle();
    },
  };
};

export type Clock = ReturnType<typeof createClock>;
