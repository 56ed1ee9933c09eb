/** identify(): calls close together become one profile request, before the events that follow it. */

import type { Profile } from '../shared/profile.js';
import { attempt } from './attempt.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';

/** Parts that are merged member by member; of the others the later one counts. */
const MERGED = ['properties', 'location'] as const;

/** Whether it matters which of the two comes first: then they stay two requests. */
const isOrdered = (said: Profile, news: Profile): unknown =>
  [said, news].some(({ append, unappend }) => append ?? unappend) ||
  said.unset ||
  [news.unset].flat().some((name) => attempt(() => name! in (said.properties ?? {})));

export const createProfileUpdates =
  (
    identity: Identity,
    journal: Journal,
    /** Queues a new update; resolves to its id once it is durable. */
    keep: (data: string, uniqueId: string) => Promise<string | undefined>,
  ) =>
  async (profile: Profile, uniqueId: string): Promise<string | undefined> => {
    const news = identity.identify(profile);
    if (!news) return undefined;
    const now = identity.current();
    const open = [...journal.own.values()]
      .reverse()
      .find(
        ({ metric, batch, anonymousId }) => !metric && !batch && anonymousId === now.anonymousId,
      );
    const said = open && (JSON.parse(open.data) as Profile);
    if (!said || isOrdered(said, news)) return keep(JSON.stringify(news), uniqueId);
    for (const part of MERGED) {
      if (said[part]) Object.assign(news, { [part]: { ...said[part], ...news[part] } });
    }
    Object.assign(open!, now, { data: JSON.stringify({ ...said, ...news }) });
    await journal.persist([open!]);
    return open!.uniqueId;
  };
