/** An order is worth more than a mistyped phone number: the event without what Klaviyo has refused of its customer. */
import { refusedIdentifier, wireName } from '../shared/payload.js';
import { IDENTIFIERS, type Identifiers } from '../shared/profile.js';

interface ProfileBody {
  data: { id?: string; attributes: Record<string, unknown> };
}

/**
 * A profile as JSON, without the identifier that an error's `source.pointer` names; undefined when it names none, or
 * when nothing else says whose the event is.
 *
 * @param detail the error's body
 */
export function withoutRefused(profile: string, detail: string): string | undefined {
  const { data, ...rest } = JSON.parse(profile) as ProfileBody;
  const { id, attributes, ...others } = data;
  const who: Identifiers = {};
  for (const name of IDENTIFIERS) {
    const value = name === 'id' ? id : attributes[wireName(name)];
    if (typeof value === 'string') who[name] = value;
  }
  const culprit = refusedIdentifier(detail, who);
  if (!culprit || Object.keys(who).length < 2) return undefined;
  const { [wireName(culprit)]: _refused, ...left } = attributes;
  const kept =
    culprit === 'id'
      ? { ...others, attributes }
      : { ...others, ...(id && { id }), attributes: left };
  return JSON.stringify({ ...rest, data: kept });
}
