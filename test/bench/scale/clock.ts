/**
 * Time for thousands of visitors: as `test/helpers/manual-clock.ts`, with a heap in place of a list. After each
 * timer everything that it has set going comes to rest: the storage of these visitors answers within microtasks.
 */
interface Timer {
  at: number;
  order: number;
  /** Absent once it is cancelled. */
  task: (() => void) | undefined;
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** Ends when no microtask is left. Without a turn of the event loop, which costs a system call. */
const rest = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export const createClock = (startAt: number) => {
  const heap: Timer[] = [];
  let nowAt = startAt;
  let order = 0;

  const push = (timer: Timer): void => {
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  };
  const pop = (): Timer | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (!last || first === last) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  };

  return {
    /** Epoch ms, whole ones, as a browser's. */
    now: () => nowAt,
    /** Returns its cancellation. */
    after: (delayMs: number, task: () => void): (() => void) => {
      const timer: Timer = { at: nowAt + Math.ceil(Math.max(0, delayMs)), order: order++, task };
      push(timer);
      return () => {
        timer.task = undefined;
      };
    },
    /** Runs all timers there are and will be. */
    runOut: async (): Promise<void> => {
      for (let timer = pop(); timer; timer = pop()) {
        if (!timer.task) continue;
        nowAt = timer.at;
        timer.task();
        await rest();
      }
    },
  };
};

export type Clock = ReturnType<typeof createClock>;
