import type { Answer } from '../api-error.js';
import { type IncomingProfile, readProfile } from '../incoming.js';
import { droppedDomains, maxBodyBytes } from '../limits.js';
import type { ConsentKind } from '../records.js';
import { createSubscriber, type Request } from '../store/subscriber.js';
import { isObject } from '../validate/check.js';
import { subscribeBody, unsubscribeBody } from '../validate/subscription-job.js';
import { empty, notFound } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type SubscriptionEndpoint =
  | 'POST api/profile-subscription-bulk-create-jobs'
  | 'POST api/profile-subscription-bulk-delete-jobs';

interface JobProfile {
  attributes: {
    email?: string | null;
    phone_number?: string | null;
    subscriptions: { push?: { anonymous_id?: string | null } | null };
  };
}

interface JobBody {
  data: {
    attributes: {
      custom_source?: string | null;
      historical_import?: boolean | null;
      profiles: { data: JobProfile[] };
    };
    relationships?: { list?: { data?: { id: string } } };
  };
}

interface Kind {
  kind: ConsentKind;
  consentedAt?: number;
}

/** The kinds a profile's `subscriptions` name: `email.marketing` and so on. */
function kindsIn(subscriptions: object): Kind[] {
  const kinds: Kind[] = [];
  for (const [channel, consents] of Object.entries(subscriptions)) {
    for (const [name, consent] of Object.entries(isObject(consents) ? consents : {})) {
      if (!isObject(consent) || !('consent' in consent)) continue;
      const { consented_at: at } = consent;
      const consentedAt = typeof at === 'string' && { consentedAt: Date.parse(at) };
      kinds.push({ kind: `${channel}.${name}` as ConsentKind, ...consentedAt });
    }
  }
  return kinds;
}

const isDropped = (email: string | null | undefined): boolean =>
  droppedDomains.includes(email?.toLowerCase().split('@')[1] ?? '');

/** Consent, for many people at once. */
export function subscriptionRoutes({ options, ledger }: World): Rows<SubscriptionEndpoint> {
  const subscriber = createSubscriber(options, ledger);

  /** Whom one entry of a job is about; undefined for nobody, as whom an id names that nobody has. */
  function personIn(companyId: string, profile: JobProfile): IncomingProfile | undefined {
    const { email, phone_number, subscriptions } = profile.attributes;
    if (isDropped(email)) return undefined;
    const anonymous_id = subscriptions.push?.anonymous_id;
    const attributes = { email, phone_number, anonymous_id };
    const person = readProfile({ ...profile, attributes });
    const { id } = person.identifiers;
    if (id !== undefined && !ledger.profiles.of(companyId).get(id)) delete person.identifiers.id;
    return Object.keys(person.identifiers).length > 0 ? person : undefined;
  }

  /** Hands over everybody in the body, with the list; 404 when that is not there. */
  function forEach(
    { companyId, body, endpoint, at }: Call<never>,
    take: (who: Request, kinds: Kind[]) => void,
  ): Answer {
    const { attributes, relationships } = (body as JobBody).data;
    const listId = relationships?.list?.data?.id;
    const list = listId === undefined ? undefined : ledger.lists.of(companyId).get(listId);
    if (listId !== undefined && !list) {
      return notFound(`A list with id \`${listId}\` does not exist.`);
    }
    for (const profile of attributes.profiles.data) {
      const person = personIn(companyId, profile);
      if (!person) continue;
      const who = { companyId, endpoint, person, list, receivedAt: at };
      take(who, kindsIn(profile.attributes.subscriptions));
    }
    return empty(202);
  }

  return {
    'POST api/profile-subscription-bulk-create-jobs': row({
      body: { maxBytes: maxBodyBytes, check: subscribeBody },
      handle(call) {
        const { custom_source, historical_import } = (call.body as JobBody).data.attributes;
        const source = custom_source ?? undefined;
        const isHistorical = historical_import === true;
        return forEach(call, (who, consents) =>
          subscriber.subscribe({ ...who, consents, source, isHistorical }),
        );
      },
    }),
    'POST api/profile-subscription-bulk-delete-jobs': row({
      body: { maxBytes: maxBodyBytes, check: () => unsubscribeBody },
      handle: (call) =>
        forEach(call, (who, kinds) =>
          subscriber.unsubscribe({ ...who, kinds: kinds.map(({ kind }) => kind) }),
        ),
    }),
  };
}
