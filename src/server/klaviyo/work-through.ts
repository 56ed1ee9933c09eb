/** Many things, a request's worth at a time, and how far that has come when it ends early. */
import { batchesOf, type Limits, type Many, type Member, type Rejected } from './batches.js';
import { KlaviyoBulkError } from './bulk-error.js';
import { KlaviyoInputError, needMany } from './input-error.js';
import { KlaviyoApiError } from './klaviyo-error.js';

/** What is known of a batch while it is worked on. */
export interface Progress {
  /** These are done, or left out for good. Those in `rejected` need not be named. */
  settle(members: readonly Member<unknown>[]): void;
  /** From here on what ends the call, the signal for one, may leave something done. */
  sending(): void;
  /** Besides the error it ends with there is another one, after which something may have been done. */
  doubt(): void;
}

interface Work<T> {
  /** Such as `events.trackAll`, for messages. */
  call: string;
  items: Many<T>;
  write(item: T): string;
  limits: Limits;
  /** Does one batch, and puts what came of it into the result. All of it is settled when that resolves. */
  send(batch: Member<T>[], progress: Progress): Promise<void>;
}

/** Says of what is wrong which one it is about. */
export function atPlace<T>(index: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KlaviyoInputError)) throw error;
    throw new KlaviyoInputError(`Number ${index}, counted from 0: ${error.message}`);
  }
}

/** Sends everything in order. Rejects with a `KlaviyoBulkError` when it can't go on. */
export async function workThrough<T, Result extends object>(
  { call, items, write, limits, send }: Work<T>,
  result: Result & { rejected?: Rejected[] },
): Promise<Result> {
  needMany(items, `What ${call} is given`);
  let next = 0;
  const pending = new Set<number>();
  let isSending = false;
  let isInDoubt = false;
  const progress: Progress = {
    settle(members) {
      for (const { index } of members) pending.delete(index);
    },
    sending() {
      isSending = true;
    },
    doubt() {
      isInDoubt = true;
    },
  };
  const writeNamed = (item: T, index: number) => atPlace(index, () => write(item));
  try {
    for await (const batch of batchesOf(items, writeNamed, limits)) {
      for (const { index } of batch) pending.add(index);
      next += batch.length;
      isSending = false;
      await send(batch, progress);
      pending.clear();
    }
    return result;
  } catch (cause) {
    for (const { index } of result.rejected ?? []) pending.delete(index);
    isInDoubt ||= cause instanceof KlaviyoApiError ? cause.isOutcomeUnknown : isSending;
    throw new KlaviyoBulkError({
      ...{ call, cause, done: result, next, pending: [...pending] },
      isOutcomeUnknown: isInDoubt && pending.size > 0,
    });
  }
}
