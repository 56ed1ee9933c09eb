// Bodies and calls as a tracker makes them, for the sandbox's tests.
import { onTestFinished } from 'vitest';
import type { Endpoint, Sandbox, SandboxOptions } from '../../src/sandbox/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { isPrivateEndpoint } from '../../src/sandbox/options.js';

type Json = Record<string, unknown>;

/** A sandbox for one test, closed when that ends. */
export async function startSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** A clock that moves only when told. */
export function createClock(at = Date.parse('2026-11-22T10:00:00.250Z')) {
  const clock = {
    now: () => at,
    advance(ms: number) {
      at += ms;
    },
  };
  return clock;
}

export const ada = { email: 'ada@shop.test-mail.net' };

/** Attributes of an event; `undefined` takes a field out. */
export const eventAttributes = (over: Json = {}, metric: unknown = 'Viewed Product'): Json => ({
  properties: { ProductName: 'Tide Mug' },
  metric: { data: { type: 'metric', attributes: { name: metric } } },
  ...over,
});

export const profileData = (attributes: Json = ada, over: Json = {}): Json => ({
  type: 'profile',
  attributes,
  ...over,
});

export const eventBody = (over: Json = {}, metric?: unknown, profile: Json = profileData()) => ({
  data: {
    type: 'event',
    attributes: { ...eventAttributes(over, metric), profile: { data: profile } },
  },
});

export const bulkBody = (events: Json[], profile: Json = profileData(), over: Json = {}) => ({
  data: {
    type: 'event-bulk-create',
    attributes: {
      profile: { data: profile },
      events: { data: events.map((attributes) => ({ type: 'event', attributes })) },
      ...over,
    },
  },
});

export const bulkOf = (...uniqueIds: string[]) =>
  bulkBody(uniqueIds.map((unique_id) => eventAttributes({ unique_id })));

/** One entry of a bulk job: somebody and what they did. */
export const jobEntry = (events: Json[], profile: Json = profileData()) => ({
  type: 'event-bulk-create',
  attributes: {
    profile: { data: profile },
    events: { data: events.map((attributes) => ({ type: 'event', attributes })) },
  },
});

export const jobBody = (...entries: ReturnType<typeof jobEntry>[]) => ({
  data: {
    type: 'event-bulk-create-job',
    attributes: { 'events-bulk-create': { data: entries } },
  },
});

export const profileBody = (attributes: Json = ada, over: Json = {}) => ({
  data: profileData(attributes, over),
});

export const subscriptionBody = (attributes: Json = ada, over: Json = {}) => ({
  data: {
    type: 'subscription',
    attributes: { profile: { data: profileData(attributes) }, ...over },
    relationships: { list: { data: { type: 'list', id: 'Y6nRLr' } } },
  },
});

export const backInStockBody = (attributes: Json = ada, channels: unknown = ['EMAIL']) => ({
  data: {
    type: 'back-in-stock-subscription',
    attributes: { channels, profile: { data: profileData(attributes) } },
    relationships: {
      variant: { data: { type: 'catalog-variant', id: '$custom:::$default:::TIDE-MUG' } },
    },
  },
});

/** The one that the sandbox knows unless it is told otherwise. */
const privateKey = `pk_${'0'.repeat(34)}`;

const headers = {
  'content-type': 'application/vnd.api+json',
  revision: '2026-07-15',
};

/** Posts as the tracker does; a header given as undefined is left out. */
export function post(
  sandbox: Sandbox,
  endpoint: Endpoint,
  body: unknown,
  over: { headers?: Record<string, string | undefined>; query?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  const authorization = isPrivateEndpoint(endpoint) ? `Klaviyo-API-Key ${privateKey}` : undefined;
  const merged = Object.entries({ ...headers, authorization, ...over.headers });
  const sent = merged.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const url = isPrivateEndpoint(endpoint)
    ? `${sandbox.url}/${endpoint}`
    : `${sandbox.url}/client/${endpoint}${over.query ?? '?company_id=AbC123'}`;
  return fetch(url, {
    method: 'POST',
    headers: sent,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: over.signal ?? null,
  });
}

export interface ErrorBody {
  errors: {
    id: string;
    status: number;
    code: string;
    title: string;
    detail: string;
    source?: { pointer?: string; parameter?: string };
  }[];
}

/** The answer's errors, which must be Klaviyo's JSON:API ones. */
export async function errorsOf(response: Response): Promise<ErrorBody['errors']> {
  const { errors } = (await response.json()) as ErrorBody;
  return errors;
}

/** Status and the pointers (or parameters) of the errors. */
export async function refusal(response: Response): Promise<[number, ...string[]]> {
  if (response.status === 202) return [202];
  const errors = await errorsOf(response);
  return [
    response.status,
    ...errors.map(({ source }) => source?.pointer ?? source?.parameter ?? ''),
  ];
}
