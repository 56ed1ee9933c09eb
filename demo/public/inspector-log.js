// The delivery log. It survives navigation, since in a shop of several pages an event is often
// queued on one page and delivered on the next.
const KEY = 'saltmarsh.qa.log';
const ENTRIES_MAX = 40;
/** Events of one kind that follow each other this closely share a line. */
const GROUP_MS = 2000;

export function createLog(runId, onChange) {
  let entries = [];
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY));
    if (stored?.runId === runId) entries = stored.entries;
  } catch {
    // Unreadable: the log starts empty.
  }

  return {
    entries: () => entries,
    add(type, text, at) {
      const last = entries.at(-1);
      if (last?.type === type && last.text === text && at - last.at < GROUP_MS) {
        last.count += 1;
        last.at = at;
      } else {
        entries.push({ key: `${at}-${entries.length}-${type}`, at, type, text, count: 1 });
      }
      entries = entries.slice(-ENTRIES_MAX);
      sessionStorage.setItem(KEY, JSON.stringify({ runId, entries }));
      onChange();
    },
    clear() {
      entries = [];
      sessionStorage.removeItem(KEY);
      onChange();
    },
  };
}
