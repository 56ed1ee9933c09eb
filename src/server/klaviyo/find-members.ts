import { FILTER_MAX, FILTER_VALUES_MAX } from '../limits.js';
import type { CallEndpoint } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { walk } from './pages.js';
import { readProfile } from './profile.js';
import { listQuery } from './query.js';
import { LIST_MEMBERS } from './query-rules.js';

/** Values cut so that each part fits one `any(...)` and one URL. */
export function* filterParts(values: Iterable<string>): Generator<string[]> {
  let part: string[] = [];
  let length = 0;
  for (const value of new Set(values)) {
    // Three characters around it, encoded: two quotes and a comma.
    const size = encodeURIComponent(value).length + 9;
    if (part.length === FILTER_VALUES_MAX || (part.length > 0 && length + size > FILTER_MAX)) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(value);
    length += size;
  }
  if (part.length > 0) yield part;
}

/** Whoever is looked for: by address, and by number where there is no address. */
interface Person {
  email?: string;
  phoneNumber?: string;
}

const keyOf = ({ email, phoneNumber }: Person): string =>
  email === undefined ? `${phoneNumber}` : email.trim().toLowerCase();

/** Which of these people are in the list. */
export async function findMembers(
  call: CallEndpoint,
  id: string,
  people: readonly Person[],
  signal: AbortSignal | undefined,
): Promise<(person: Person) => boolean> {
  const found = new Set<string>();
  const byEmail = people.filter(({ email }) => email !== undefined);
  const byPhone = people.filter(({ email }) => email === undefined);
  const sets = [
    { name: 'email', people: byEmail },
    { name: 'phoneNumber', people: byPhone },
  ] as const;
  for (const { name, people: some } of sets) {
    for (const values of filterParts(some.map(keyOf))) {
      const query = listQuery(
        LIST_MEMBERS,
        { filter: ({ any }) => any(name, values) },
        { fields: [name] },
      );
      const endpoint = ENDPOINTS.getListMembers;
      const members = walk({ call, endpoint, id, query, signal, read: readProfile });
      for await (const member of members) {
        const { email, phoneNumber } = member;
        found.add(name === 'email' ? keyOf({ email: `${email}` }) : `${phoneNumber}`);
      }
    }
  }
  return (person) => found.has(keyOf(person));
}
