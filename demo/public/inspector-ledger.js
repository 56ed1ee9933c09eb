// What this browser's pages were told is tracked, kept apart from the tracker's own storage, so that
// it can be compared with what the sandbox has recorded. One key an event: tabs cannot overwrite each other.
const ROOT = 'saltmarsh.qa.event.';

export function createLedger(runId) {
  const prefix = `${ROOT}${runId}.`;
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(ROOT));

  // Another run of the demo had another, empty sandbox.
  for (const key of keys()) if (!key.startsWith(prefix)) localStorage.removeItem(key);

  return {
    add(uniqueId) {
      if (localStorage.getItem(prefix + uniqueId) === null) {
        localStorage.setItem(prefix + uniqueId, '');
      }
    },
    drop: (uniqueId, reason) => localStorage.setItem(prefix + uniqueId, reason),
    /** uniqueId -> the reason it was dropped for, or ''. */
    read: () =>
      new Map(keys().map((key) => [key.slice(prefix.length), localStorage.getItem(key) ?? ''])),
    clear() {
      for (const key of keys()) localStorage.removeItem(key);
    },
    /** Another tab tracked something. */
    onChange: (listener) =>
      addEventListener('storage', ({ key }) => {
        if (key === null || key.startsWith(prefix)) listener();
      }),
  };
}

/**
 * Counts from three snapshots, which must have been taken in this order: ledger, queue, recorded events.
 * Then whatever has left the queue has already reached the recorded list, if it was delivered. What the
 * order endpoint has sent is counted elsewhere.
 */
export function compare(ledger, queuedIds, recorded) {
  const events = recorded.filter(({ endpoint }) => !endpoint.startsWith('api/'));
  const copies = new Map();
  for (const { uniqueId } of events) {
    if (uniqueId) copies.set(uniqueId, (copies.get(uniqueId) ?? 0) + 1);
  }
  const sum = { tracked: ledger.size, recorded: 0, waiting: 0, dropped: 0, lost: 0, doubled: 0 };
  for (const [uniqueId, reason] of ledger) {
    if (copies.has(uniqueId)) sum.recorded += 1;
    else if (queuedIds.has(uniqueId)) sum.waiting += 1;
    else if (reason) sum.dropped += 1;
    else sum.lost += 1;
  }
  for (const count of copies.values()) sum.doubled += count - 1;
  const elsewhere = events.filter(({ uniqueId }) => !ledger.has(uniqueId)).length;
  return { ...sum, elsewhere };
}
