// What subscribing and unsubscribing do to a profile.
import type { ConsentKind, RecordedProfile } from '../records.js';

/** Suppressions that a new consent takes away; a bounced address stays one. */
const lifted = ['UNSUBSCRIBE', 'SPAM_COMPLAINT', 'USER_SUPPRESSED'];

type Person = Pick<RecordedProfile, 'consents' | 'suppressions' | 'listSuppressions'>;

interface Word {
  kind: ConsentKind;
  /** When it was given or taken back, epoch ms. */
  at: number;
  /** When the sandbox was told, epoch ms. */
  updatedAt: number;
}

export function giveConsent(
  person: Person,
  word: Word & { source?: string; isDoubleOptIn: boolean; listId?: string },
): void {
  const { kind, listId, ...consent } = word;
  person.consents[kind] = { consent: 'SUBSCRIBED', ...consent };
  if (kind !== 'email.marketing') return;
  person.suppressions = person.suppressions.filter(({ reason }) => !lifted.includes(reason));
  person.listSuppressions = person.listSuppressions.filter((one) => one.listId !== listId);
}

/** Everywhere: no marketing of that kind may go out any more. */
export function takeConsentBack(person: Person, { kind, at, updatedAt }: Word): void {
  person.consents[kind] = { consent: 'UNSUBSCRIBED', at, updatedAt, isDoubleOptIn: false };
  if (kind !== 'email.marketing') return;
  const others = person.suppressions.filter(({ reason }) => reason !== 'UNSUBSCRIBE');
  person.suppressions = [...others, { reason: 'UNSUBSCRIBE', at }];
}

/** For one list only: what was consented to elsewhere stays. */
export function leaveList(person: Person, listId: string, at: number): void {
  const others = person.listSuppressions.filter((one) => one.listId !== listId);
  person.listSuppressions = [...others, { listId, reason: 'UNSUBSCRIBE', at }];
}
