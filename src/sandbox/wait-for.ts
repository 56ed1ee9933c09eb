import type { Sandbox } from './sandbox.js';

interface Waiter {
  check(): void;
  fail(why: string): void;
}

/** What has arrived so far, for the message of a wait that was in vain. */
function summarize(sandbox: Sandbox): string {
  const events = sandbox.events();
  const requests = sandbox.requests();
  const lines = [
    `${events.length} events: ${events.map((event) => event.metric).join(', ') || 'none'}`,
    `${sandbox.profiles().length} profiles`,
    `${requests.length} requests:`,
    ...requests
      .slice(-20)
      .map(
        ({ method, path, status, events: count, error }) =>
          `  ${method} ${path} -> ${status}, ${count} events${error ? `: ${error}` : ''}`,
      ),
  ];
  return lines.join('\n');
}

/** Waits that are looked at whenever something has happened, and never in between. */
export function createWaiters() {
  const waiters = new Set<Waiter>();
  let isDue = false;

  return {
    waitFor(sandbox: Sandbox, predicate: (sandbox: Sandbox) => boolean, timeoutMs: number) {
      return new Promise<void>((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          waiters.delete(waiter);
          finish();
        };
        const waiter: Waiter = {
          check() {
            try {
              if (predicate(sandbox)) settle(resolve);
            } catch (error) {
              settle(() => reject(error));
            }
          },
          fail: (why) =>
            settle(() => reject(new Error(`${why} The sandbox has:\n${summarize(sandbox)}`))),
        };
        const timer = setTimeout(
          () => waiter.fail(`Not what was waited for, after ${timeoutMs} ms.`),
          timeoutMs,
        );
        waiters.add(waiter);
        waiter.check();
      });
    },
    /** Looks once for all that happens in one turn: a bulk request records a thousand events. */
    notify() {
      if (isDue || waiters.size === 0) return;
      isDue = true;
      queueMicrotask(() => {
        isDue = false;
        for (const waiter of [...waiters]) waiter.check();
      });
    },
    failAll(why: string) {
      for (const waiter of [...waiters]) waiter.fail(why);
    },
  };
}
