/** identify(): calls close together become one profile request, before the events that follow it. */
import { profileData } from '../shared/payload.js';
import type { Profile } from '../shared/profile.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { QueuedEvent } from './queued-event.js';

/** Parts that are merged member by member; of the others the later one counts. */
const MERGED = ['properties', 'location', 'append', 'unappend'] as const;

export const createProfileUpdates = (
  identity: Identity,
  journal: Journal,
  /** Queues a new update; resolves to its id once it is durable. */
  keep: (data: string, uniqueId: string, onKept: (record: QueuedEvent) => void) => Promise<string>,
) => {
  let record: QueuedEvent | undefined;
  let said: Profile = {};

  return async (profile: Profile, uniqueId: string): Promise<string | undefined> => {
    const news = identity.identify(profile);
    if (!news) return undefined;
    const isOpen =
      record &&
      journal.own.has(record.key) &&
      !record.batch &&
      record.anonymousId === identity.anonymousId();
    if (!record || !isOpen) {
      said = news;
      return keep(profileData(said), uniqueId, (kept) => {
        record = kept;
      });
    }
    for (const part of MERGED) {
      if (said[part]) Object.assign(news, { [part]: { ...said[part], ...news[part] } });
    }
    said = { ...said, ...news };
    record.data = profileData(said);
    record.who = identity.who();
    await journal.persist([record]);
    return record.uniqueId;
  };
};
