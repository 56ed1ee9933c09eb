import type { Outcome } from '../../shared/outcome.js';
import { type Endpoint, nameOf } from './endpoints.js';

/** One of the errors of an answer, in Klaviyo's words. */
export interface KlaviyoErrorDetail {
  /** Such as `invalid` or `duplicate_profile`. */
  code: string;
  title: string;
  /** May quote what was sent, addresses too: do not log it. */
  detail: string;
  /** What in the body it is about, such as `/data/attributes/email`. */
  pointer?: string;
  /** Which parameter or header it is about. */
  parameter?: string;
}

export interface Failure {
  endpoint: Pick<Endpoint, 'method' | 'path' | 'scopes'>;
  outcome: Outcome;
  /** The whole body, where the outcome has only its beginning. */
  text?: string;
  attempts: number;
  klaviyoRequestId?: string | undefined;
  isOutcomeUnknown: boolean;
  /** A 2xx that lacks what belongs into it. */
  isWithoutDocument?: boolean | undefined;
  cause?: unknown;
}

interface WireError {
  code?: unknown;
  title?: unknown;
  detail?: unknown;
  source?: { pointer?: unknown; parameter?: unknown };
  meta?: { duplicate_profile_id?: unknown };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The errors in a body; none when it is a page, or nothing. */
function errorsIn(text: string): WireError[] {
  try {
    const errors = (JSON.parse(text) as { errors?: unknown } | null)?.errors;
    const isObject = (error: unknown) => typeof error === 'object' && error !== null;
    return Array.isArray(errors) ? (errors.filter(isObject) as WireError[]) : [];
  } catch {
    return [];
  }
}

const detailOf = ({ code, title, detail, source }: WireError): KlaviyoErrorDetail => ({
  ...{ code: textOf(code), title: textOf(title), detail: textOf(detail) },
  ...(typeof source?.pointer === 'string' && { pointer: source.pointer }),
  ...(typeof source?.parameter === 'string' && { parameter: source.parameter }),
});

// What may stand in a message: words of Klaviyo's own, never a value of anybody's.
const isWord = (text: string): boolean => /^[\w./[\]-]{1,200}$/.test(text);
const wordsOf = (texts: (string | undefined)[]): string[] => [
  ...new Set(texts.filter((text): text is string => text !== undefined && isWord(text))),
];

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;

function adviceOn(failure: Failure, isKlaviyos: boolean): string {
  const { endpoint, outcome, isOutcomeUnknown, isWithoutDocument, text } = failure;
  const { status, retryAfterMs } = outcome;
  if (isWithoutDocument) {
    const what = text === '' ? 'The answer is empty' : 'Not Klaviyo’s words';
    const doubt = isOutcomeUnknown ? ' It may have been done: look before you repeat it.' : '';
    return `${what}: what is between here and there? See apiHost.${doubt}`;
  }
  if (status === 429) return `Its limit is used up: again in ${seconds(retryAfterMs)}.`;
  if (isOutcomeUnknown) return 'It may have been done all the same: look before you repeat it.';
  if (status === 0) return 'Is the network there?';
  if (status >= 500) return 'That is Klaviyo’s: try again later.';
  if (!isKlaviyos) return 'Not Klaviyo’s words: what is between here and there? See apiHost.';
  const byStatus: Record<number, string> = {
    401: 'Is privateKey right, and not revoked?',
    403: `Give the key the scopes ${endpoint.scopes.join(', ')} in Klaviyo, under Settings, API keys.`,
    404: 'What it names is not there.',
    409: 'It is in conflict with what Klaviyo has.',
    410: 'The API revision has been retired: update klaviyo-storefront.',
    413: 'Send less at once.',
  };
  return byStatus[status] ?? 'See details: each says what is wrong, and where.';
}

function messageOf(failure: Failure, codes: string[], pointers: string[], isKlaviyos: boolean) {
  const { endpoint, outcome, attempts, klaviyoRequestId } = failure;
  const answer = outcome.status === 0 ? 'no answer' : `${outcome.status}`;
  const words = [codes.join(', '), pointers.length > 0 ? `at ${pointers.join(', ')}` : ''];
  const details = words.filter((word) => word !== '').join(' ');
  return [
    `${nameOf(endpoint)}: ${answer}${details && ` (${details})`}.`,
    adviceOn(failure, isKlaviyos),
    ...(attempts > 1 ? [`Tried ${attempts} times.`] : []),
    ...(klaviyoRequestId !== undefined && isWord(klaviyoRequestId)
      ? [`Klaviyo’s request id is ${klaviyoRequestId}.`]
      : []),
  ].join(' ');
}

/**
 * What a call rejects with that Klaviyo has not done, or may not have done. Its message, and whatever a log shows of
 * it, are free of keys and of personal data; only `details` has Klaviyo's own words, and neither `console.log` nor
 * `JSON.stringify` nor pino show those.
 */
export class KlaviyoApiError extends Error {
  override readonly name = 'KlaviyoApiError';
  /** HTTP status; 0 when there was no answer, 429 also when the limit of a day kept it from being sent. */
  readonly status: number;
  /** Klaviyo's codes, such as `duplicate_profile`. */
  readonly codes: string[];
  /** Where in the body the errors are. */
  readonly pointers: string[];
  /** For Klaviyo's support. */
  readonly klaviyoRequestId: string | undefined;
  /** Such as `POST /api/profile-import`. */
  readonly endpoint: string;
  /** How often it was sent. */
  readonly attempts: number;
  /** How long Klaviyo asks us to stay away, in ms; 0 when it does not say. */
  readonly retryAfterMs: number;
  /** True when it may have been done: an attempt had no answer, or a 5xx, or a 2xx without what belongs into it. */
  readonly isOutcomeUnknown: boolean;
  /** With `duplicate_profile`: the profile that has one of the identifiers already. */
  readonly duplicateProfileId: string | undefined;
  // Private, and not called `errors`: Node prints that of every error, enumerable or not, and pino does too.
  readonly #details: KlaviyoErrorDetail[];

  constructor(failure: Failure) {
    const { endpoint, outcome, attempts, klaviyoRequestId, isOutcomeUnknown, cause } = failure;
    const found = errorsIn(failure.text ?? outcome.detail);
    const details = found.map(detailOf);
    const codes = wordsOf(details.map(({ code }) => code));
    const pointers = wordsOf(details.map(({ pointer, parameter }) => pointer ?? parameter));
    super(
      messageOf(failure, codes, pointers, found.length > 0),
      cause === undefined ? {} : { cause },
    );
    this.status = outcome.status;
    this.codes = codes;
    this.pointers = pointers;
    this.klaviyoRequestId = klaviyoRequestId;
    this.endpoint = nameOf(endpoint);
    this.attempts = attempts;
    this.retryAfterMs = outcome.retryAfterMs;
    this.isOutcomeUnknown = isOutcomeUnknown;
    this.duplicateProfileId = found
      .map(({ meta }) => meta?.duplicate_profile_id)
      .find((id) => typeof id === 'string');
    this.#details = details;
  }

  /** Klaviyo's own words, one for each thing that is wrong. They may quote what was sent. */
  get details(): readonly KlaviyoErrorDetail[] {
    return this.#details;
  }
}

/** Whether Klaviyo itself says that what was named is not there: a 404 in other words is about the way to it. */
export const isNotThere = (error: unknown): error is KlaviyoApiError =>
  error instanceof KlaviyoApiError && error.status === 404 && error.details.length > 0;
