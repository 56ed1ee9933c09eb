import type { Endpoint } from './endpoints.js';
import { isEndpoint } from './endpoints.js';
import { maxTimerMs } from './limits.js';

/** Something that goes wrong on purpose, for the requests it matches. The oldest matching fault wins. */
export interface Fault {
  /** Only requests to this endpoint, named as in `limits`. Default: every endpoint. */
  endpoint?: Endpoint;
  /** Only requests whose body holds an event of this metric. */
  metric?: string;
  /** For how many requests. Default: until it is cleared. */
  times?: number;
  /** Answer with this status and do not process the request. */
  status?: number;
  /** The error's `detail`. Default: what Klaviyo says with that status. */
  detail?: string;
  /** The error's `source.pointer`: what in the body is wrong, such as `/data/attributes/phone_number`. Default: none. */
  pointer?: string;
  /** `Retry-After`, whole seconds; a 429 also names them in its `detail`. Default for a 429: 1. */
  retryAfterSeconds?: number;
  /** Whether CORS lets a page read `Retry-After`. Default true. */
  exposeRetryAfter?: boolean;
  /** Give the answer an HTML body, as a challenge page in front of the API would. Status 403 unless `status` says otherwise. */
  html?: boolean;
  /** Never answer, never process. The socket stays open until `clearFaults`, `reset` or `close`. */
  hang?: boolean;
  /**
   * Destroy the connection without an answer: `before` the request is processed, or `after`, which
   * is the case where a tracker cannot know.
   */
  reset?: 'before' | 'after';
  /** The answer's head comes at once, its body (or, when that is empty, its end) this many milliseconds later. */
  slowBodyMs?: number;
  /** Break the connection half way through the answer's body. The request is processed unless `status` is set. */
  truncateBody?: boolean;
  /** Wait this long before doing anything else, milliseconds. */
  delayMs?: number;
  /** Leave the CORS headers off the answer: the request is processed, and the page sees a network error. */
  withoutCors?: boolean;
}

/** A fault that is set. */
export interface ActiveFault extends Fault {
  id: string;
  /** How many more requests it will meet; absent: until cleared. */
  remaining?: number;
}

export interface Faults {
  add(fault: Fault): string;
  /** The fault for a request, counted down; undefined when none matches. */
  take(endpoint: Endpoint, metrics: readonly string[]): ActiveFault | undefined;
  list(): ActiveFault[];
  /** Removes one, and says whether it was there. */
  remove(id: string): boolean;
  clear(): void;
}

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
const isDuration = (value: unknown) =>
  typeof value === 'number' && value >= 0 && value <= maxTimerMs;
const isText = (value: unknown) => typeof value === 'string';
const isBoolean = (value: unknown) => typeof value === 'boolean';

const accepted: Record<keyof Fault, (value: unknown) => boolean> = {
  endpoint: isEndpoint,
  metric: isText,
  times: isCount,
  status: (value) => Number.isInteger(value) && (value as number) >= 200 && (value as number) < 600,
  detail: isText,
  pointer: (value) => isText(value) && (value as string).startsWith('/'),
  // Safe, so that it is written in digits.
  retryAfterSeconds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  exposeRetryAfter: isBoolean,
  html: isBoolean,
  hang: isBoolean,
  reset: (value) => value === 'before' || value === 'after',
  slowBodyMs: isDuration,
  truncateBody: isBoolean,
  delayMs: isDuration,
  withoutCors: isBoolean,
};

/** Throws a TypeError for a field no fault has or a value it cannot take. */
function assertFault(fault: unknown): asserts fault is Fault {
  if (typeof fault !== 'object' || fault === null || Array.isArray(fault)) {
    throw new TypeError('A fault is an object.');
  }
  for (const [name, value] of Object.entries(fault)) {
    if (!Object.hasOwn(accepted, name)) throw new TypeError(`A fault has no field '${name}'.`);
    if (value !== undefined && !accepted[name as keyof Fault](value)) {
      throw new TypeError(`A fault's '${name}' cannot be ${JSON.stringify(value)}.`);
    }
  }
}

export function createFaults(): Faults {
  const faults: ActiveFault[] = [];
  let lastId = 0;

  const matches = (fault: Fault, endpoint: Endpoint, metrics: readonly string[]) =>
    (fault.endpoint === undefined || fault.endpoint === endpoint) &&
    (fault.metric === undefined || metrics.includes(fault.metric));

  function remove(id: string): boolean {
    const index = faults.findIndex((fault) => fault.id === id);
    if (index >= 0) faults.splice(index, 1);
    return index >= 0;
  }

  return {
    add(fault) {
      assertFault(fault);
      lastId += 1;
      const id = `fault-${lastId}`;
      faults.push({ ...fault, id, ...(fault.times !== undefined && { remaining: fault.times }) });
      return id;
    },
    take(endpoint, metrics) {
      const fault = faults.find((candidate) => matches(candidate, endpoint, metrics));
      if (fault?.remaining !== undefined) {
        fault.remaining -= 1;
        if (fault.remaining === 0) remove(fault.id);
      }
      return fault;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    remove,
    clear() {
      faults.length = 0;
    },
  };
}
