/**
 * What this page knows of the queue: the events it tracked itself and alone may send, and those left by
 * pages that are gone. Everything here is stored before anybody relies on it.
 */
import type { Env } from './env.js';
import type { Lock } from './lock.js';
import type { Queue } from './queue.js';
import { isQueuedEvent, type QueuedEvent } from './queued-event.js';
import type { Keyed, Spill } from './spill.js';

/** What localStorage keeps of an event that is over, and may still be in the database. */
const isGone = (record: unknown): record is Keyed => {
  const { key, over } = Object(record);
  return over && typeof key === 'string';
};

export const createJournal = (env: Env, queue: Queue, spill: Spill, lock: Lock) => {
  /**
   * Events of this page. While it holds its owner lock no other page sends them, so when it is hidden it
   * can send them without asking anybody, which is the only way to do that synchronously.
   */
  const own = new Map<string, QueuedEvent>();
  /** Writes under way, or to begin with the end of this task: key to what the latest writes. */
  const writing = new Map<string, QueuedEvent[]>();
  let owner = '';
  /** How often this page has let go of all that it had. */
  let goings = 0;
  let release: (() => void) | undefined;
  let added: QueuedEvent[] = [];
  let adding: Promise<unknown> | undefined;

  const isVolatile = (): boolean => queue.kind() === 'memory';

  const disown = (): void => {
    owner = '';
    release?.();
  };

  /**
   * Resolves once the records are stored as they are now; false when they could not be although an earlier
   * state of them is.
   */
  const persist = async (records: QueuedEvent[]): Promise<boolean> => {
    const before = goings;
    const known = records.filter(({ key }) => !writing.has(key));
    for (const { key } of records) writing.set(key, records);
    const isLeft = (): boolean => goings !== before;
    // What was spilled while IndexedDB was slow is older than this; what a page spills that is left is not.
    if ((await queue.put(records, isLeft)) && !isLeft()) spill.remove(records);
    // What is in memory only is spilled when the page is hidden, if it can be by then.
    const done = isVolatile() ? known : records;
    for (const { key } of done) if (writing.get(key) === records) writing.delete(key);
    return !isVolatile() || !known[0];
  };

  /** The later source knows better: what is in this page's memory best of all. */
  const merge = (
    stored: unknown[],
    spilled: unknown[],
    mine = [...own.values()],
  ): QueuedEvent[] => {
    const found = new Map<string, QueuedEvent>();
    for (const record of [...stored, ...spilled, ...mine]) {
      if (isQueuedEvent(record)) found.set(record.key, record);
      else if (isGone(record)) found.delete(record.key);
    }
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  };

  /** Leaves to others what this page no longer owns, and what they can find. */
  const refresh = (): void => {
    if (isVolatile()) return;
    for (const { key, createdAt } of own.values()) {
      if (!lock.isLasting(createdAt) && !writing.has(key)) own.delete(key);
    }
  };

  /** Removes for good. */
  const remove = async (records: Keyed[]): Promise<void> => {
    for (const { key } of records) {
      own.delete(key);
      writing.delete(key);
    }
    // Firefox keeps no page that holds a lock in its back/forward cache.
    if (!own.size) disown();
    // The spilled copy goes last: it knows of attempts that the stored one does not. Where that stays, of
    // what is final too, until a page can remove it.
    if (!records[0] || (await queue.remove(records.map(({ key }) => key))) || !queue.mayHold()) {
      spill.remove(records);
    } else spill.write(records.map(({ key }) => ({ key, over: 1 })));
  };

  return {
    own,
    persist,
    refresh,

    /** Takes an event in. Resolves once it is stored; all events of one task are stored together. */
    add: (record: QueuedEvent): Promise<unknown> => {
      if (!owner) {
        owner = env.uuid();
        release = lock.own(owner);
      }
      record.owner = owner;
      own.set(record.key, record);
      added.push(record);
      writing.set(record.key, added);
      adding ??= Promise.resolve().then(() => {
        const records = added;
        added = [];
        adding = undefined;
        return persist(records);
      });
      return adding;
    },

    /**
     * From here on any page may send the events of this one. First copies what IndexedDB has not
     * committed, and what has changed since, to localStorage, synchronously.
     * @returns which request may be sent: none that could not be remembered although its events are stored.
     */
    letGo: (changed: QueuedEvent[]): ((request: QueuedEvent[]) => boolean) => {
      for (const record of own.values()) record.owner = '';
      const uncommitted = [...own.values()].filter(
        // Without Web Locks only the spilled copy tells that the page has let go.
        ({ key }) => writing.has(key) || !lock.isReal,
      );
      const isKept = spill.write([...new Set([...changed, ...uncommitted])]);
      // Where nothing can be stored no other page will ever see them.
      if (!isKept && isVolatile()) return () => true;
      if (isKept) {
        goings++;
        // What the task in which the page decides to leave tracks after that is not spilled yet.
        added = [];
      }
      own.clear();
      disown();
      return ([first, second]) =>
        isKept || (!second && first!.attempts < 2 && writing.has(first!.key));
    },

    /** All that this page may send, in the order of tracking. Only under the flusher's lock, until `left`. */
    load: async (
      left: AbortSignal,
    ): Promise<{
      records: QueuedEvent[];
      garbage: IDBValidKey[];
      /** Whether there may be more, without anybody to tell when: pages gone unseen, a slow database. */
      isPartial: boolean;
    }> => {
      // In this order: a page spills before it lets go, so what is free by now has been spilled by now.
      const alive = await lock.alive();
      refresh();
      // Among those of this page are some that it has finished, and a slow write has brought back.
      const isMine = (record: QueuedEvent): boolean =>
        own.has(record.key) || record.owner === owner;
      const isFree = (record: QueuedEvent): boolean =>
        isMine(record) || !alive(record.owner, record.createdAt);
      const gone = spill.read().filter(isGone);
      await remove(gone);
      // Read only now: a refusal meanwhile has wiped what must not be stored any more.
      const reclaimed = spill
        .read()
        .filter(isQueuedEvent)
        .filter((record) => !own.has(record.key) && isFree(record));
      // The spilled copy knows of attempts that the stored one does not. A page that was left meanwhile does
      // not know any more what it is a copy of.
      const isLeft = (): boolean => left.aborted;
      if (reclaimed[0] && (await queue.put(reclaimed, isLeft, () => true)) && !isLeft()) {
        spill.remove(reclaimed);
      }
      const [keys, found] = await queue.all();
      // A record under another key than its own could not be removed by it, and would be sent for ever.
      const isStored = (record: unknown, index: number): boolean =>
        isQueuedEvent(record) && record.key === keys[index];
      const stored = found.filter(isStored);
      const garbage = keys.filter((_, index) => !isStored(found[index], index));
      if (garbage[0]) await queue.remove(garbage);
      // A page that has tracked its first event since is alive by now: it asks for its lock before it writes.
      const still = await lock.alive();
      const all = merge([...stored, ...gone], reclaimed);
      const records = all.filter(
        (record) => isFree(record) && (isMine(record) || !still(record.owner, record.createdAt)),
      );
      const isPartial = queue.isSlow() || (!lock.isReal && records.length < all.length);
      return { records, garbage, isPartial };
    },

    /** Two first pages at once each make up an anonymous id; the one that stays stored counts. */
    rename: (from: string, to: string): void => {
      const records = [...own.values()].filter(
        ({ anonymousId, attempts }) => anonymousId === from && !attempts,
      );
      for (const record of records) record.anonymousId = to;
      if (records[0]) void persist(records);
    },

    /** Everything stored by any page, for the inspector. */
    list: async (): Promise<QueuedEvent[]> => {
      // As of now, whatever is wiped while the database answers.
      const spilled = spill.read();
      const mine = [...own.values()];
      return merge((await queue.all())[1], spilled, mine);
    },

    remove,

    /** Forgets everything but the spilled copies. */
    clear: (): Promise<void> => {
      own.clear();
      writing.clear();
      added = [];
      return queue.clear();
    },
  };
};

export type Journal = ReturnType<typeof createJournal>;
