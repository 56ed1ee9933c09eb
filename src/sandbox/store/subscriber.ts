import type { Endpoint } from '../endpoints.js';
import type { IncomingProfile } from '../incoming.js';
import type { ResolvedOptions } from '../options.js';
import type { ConsentKind } from '../records.js';
import { giveConsent, leaveList, takeConsentBack } from './consents.js';
import type { Ledger } from './ledger.js';
import type { List } from './lists.js';
import type { Profile } from './profiles.js';

/** Who asks for something, and how it came. */
export interface Request {
  companyId: string;
  person: IncomingProfile;
  list: List | undefined;
  endpoint: Endpoint;
  receivedAt: number;
}

/** Somebody's yes to some kinds of messages. */
interface Subscription extends Request {
  consents: { kind: ConsentKind; consentedAt?: number | undefined }[];
  source: string | undefined;
  /** Consent that was collected elsewhere before: nobody has to confirm it. */
  isHistorical: boolean;
}

/** Somebody's no. */
interface Refusal extends Request {
  kinds: ConsentKind[];
}

/** Subscribes and unsubscribes, by the opt-in process of the list or else of the account. */
export function createSubscriber(options: () => ResolvedOptions, ledger: Ledger) {
  const { profiles, pending } = ledger;

  /** Consent takes effect, and who is subscribed joins the list. */
  function grant(profile: Profile, subscription: Subscription, at: number, isDoubleOptIn: boolean) {
    const { consents, list, source } = subscription;
    for (const { kind, consentedAt } of consents) {
      giveConsent(profile, {
        ...{ kind, at: consentedAt ?? at, updatedAt: at, isDoubleOptIn },
        ...(source !== undefined && { source }),
        ...(list && { listId: list.id }),
      });
    }
    // "It does not by itself add the profile to a list specified in the request."
    if (consents.some(({ kind }) => kind !== 'email.open_tracking')) list?.join(profile, at);
    profiles.touch(profile, at);
  }

  const mustConfirm = ({ list, isHistorical, consents }: Subscription): boolean =>
    (list?.optInProcess ?? options().optInProcess) === 'double_opt_in' &&
    !isHistorical &&
    consents.some(({ kind }) => kind === 'email.marketing');

  function note(profile: Profile, who: Request, kinds: ConsentKind[], more: object): void {
    const { endpoint, list, receivedAt } = who;
    const listId = list && { listId: list.id };
    profile.subscriptions.push({ endpoint, channels: kinds, ...listId, ...more, receivedAt });
    ledger.tellProfile(profile);
  }

  return {
    /** Consent of a profile that is known already: at once, or when it is confirmed. */
    consent(profile: Profile, subscription: Subscription): void {
      const { companyId, receivedAt } = subscription;
      if (mustConfirm(subscription)) {
        pending.add(companyId, profile.email, (at) => grant(profile, subscription, at, true));
      } else grant(profile, subscription, receivedAt, false);
    },
    /** Consent of somebody who may be new: whoever has to confirm it is not there before that. */
    subscribe(subscription: Subscription): void {
      const { companyId, person, consents, source, receivedAt } = subscription;
      const make = (at: number, isDoubleOptIn: boolean) => {
        const profile = profiles.upsert(companyId, person, at);
        grant(profile, subscription, at, isDoubleOptIn);
        const kinds = consents.map(({ kind }) => kind);
        note(profile, subscription, kinds, { ...(source && { customSource: source }) });
      };
      if (mustConfirm(subscription)) {
        pending.add(companyId, person.identifiers.email, (at) => make(at, true));
      } else make(receivedAt, false);
    },
    /** "Profiles not in the specified list will be globally unsubscribed", as those are without a list. */
    unsubscribe(refusal: Refusal): void {
      const { companyId, person, kinds, list, receivedAt } = refusal;
      const profile = profiles.upsert(companyId, person, receivedAt);
      const isMember = list?.members.get(profile.id) !== undefined;
      if (list && isMember) {
        leaveList(profile, list.id, receivedAt);
        list.leave(profile.id);
      } else {
        for (const kind of kinds) {
          takeConsentBack(profile, { kind, at: receivedAt, updatedAt: receivedAt });
        }
      }
      profiles.touch(profile, receivedAt);
      note(profile, refusal, kinds, { isTakenBack: true });
    },
  };
}
