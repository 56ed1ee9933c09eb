import { GROUP_MAX } from './limits.js';
import type { Acceptance, Accepted } from './outbox.js';

interface Waiting {
  acceptances: Acceptance[];
  resolve(accepted: Accepted[]): void;
  reject(error: unknown): void;
}

/**
 * Group commit: what comes in while one commit is being written goes into the next one together, so a disk
 * that syncs 1000 times a second still accepts many thousand orders.
 */
export function createGroupAccept(
  commit: (acceptances: Acceptance[]) => Promise<Accepted[]>,
): (acceptances: Acceptance[]) => Promise<Accepted[]> {
  let waiting: Waiting[] = [];
  let isCommitting = false;

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, GROUP_MAX);
      waiting = waiting.slice(GROUP_MAX);
      try {
        const accepted = await commit(group.flatMap(({ acceptances }) => acceptances));
        let from = 0;
        for (const { acceptances, resolve } of group) {
          resolve(accepted.slice(from, from + acceptances.length));
          from += acceptances.length;
        }
      } catch (error) {
        // A store that does not answer takes seconds to say so. Those behind would wait for that group after
        // group, and orders that come in faster would fill the memory; so all are told, and send it again.
        for (const { reject } of [...group, ...waiting.splice(0)]) reject(error);
      }
    }
    isCommitting = false;
  }

  return (acceptances) =>
    new Promise((resolve, reject) => {
      waiting.push({ acceptances, resolve, reject });
      if (isCommitting) return;
      isCommitting = true;
      // After this turn's input: requests that arrived together share the first commit too.
      setImmediate(() => void commitAll());
    });
}
