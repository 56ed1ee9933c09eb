import { KlaviyoInputError } from './input-error.js';
import { KlaviyoApiError } from './klaviyo-error.js';

export interface BulkFailure<Result> {
  /** Such as `events.trackAll`. */
  call: string;
  cause: unknown;
  done: Result;
  pending: readonly number[];
  next: number;
  isOutcomeUnknown: boolean;
}

// Of another's error nobody knows whom its message names.
const wordsOf = (cause: unknown): string =>
  cause instanceof KlaviyoApiError || cause instanceof KlaviyoInputError
    ? cause.message
    : 'Its cause says why.';

const messageOf = ({ call, cause, pending, next, isOutcomeUnknown }: BulkFailure<unknown>) => {
  if (next === 0) return `${call} has sent nothing. ${wordsOf(cause)}`;
  const doubt = isOutcomeUnknown ? ', some of them perhaps done' : '';
  const counts = `${next - pending.length} settled, ${pending.length} pending${doubt}`;
  return `${call} ended early: of the first ${next} given ${counts}. ${wordsOf(cause)}`;
};

/**
 * What a call that takes many things rejects with once it has begun: `cause` is what ended it (a `KlaviyoApiError`, the
 * signal's reason, or what the things came with), and the rest says how far it came. Each thing that was given is either
 * settled, and then in `done`, or it is pending: to go on, call again with those.
 *
 * ```ts
 * const left = people.filter((_, index) => error.isPending(index));
 * ```
 *
 * The message, and what a log shows of it, are free of keys and of personal data, as long as `cause` is.
 */
export class KlaviyoBulkError<Result = unknown> extends Error {
  override readonly name = 'KlaviyoBulkError';
  /** How many were looked at: of those from this place on, counted from 0, nothing was sent. */
  readonly next: number;
  /** True when some of `pending` may have been done all the same: their request was sent, and had no answer. */
  readonly isOutcomeUnknown: boolean;
  // Private: one may hold addresses, the other ten thousand numbers, and Node and pino print what is enumerable.
  readonly #done: Result;
  readonly #pending: ReadonlySet<number>;

  constructor(failure: BulkFailure<Result>) {
    super(messageOf(failure), { cause: failure.cause });
    this.next = failure.next;
    this.isOutcomeUnknown = failure.isOutcomeUnknown;
    this.#done = failure.done;
    this.#pending = new Set(failure.pending);
  }

  /** What the call would have resolved with, as far as it came: what is in it is done or refused for good. */
  get done(): Result {
    return this.#done;
  }

  /** Places before `next` of those that are neither done nor refused, in their order; at most one request's worth. */
  get pending(): readonly number[] {
    return [...this.#pending];
  }

  /** Whether the one at this place, counted from 0, is not known to be done or refused. */
  isPending(index: number): boolean {
    return index >= this.next || this.#pending.has(index);
  }
}
