// Bodies and calls as a tracker makes them, for the sandbox's tests.
import { expect, onTestFinished } from 'vitest';
import { isPrivateEndpoint, type PrivateEndpoint, placeOf } from '../../src/sandbox/endpoints.js';
import type { Endpoint, Sandbox, SandboxOptions } from '../../src/sandbox/index.js';
import { createSandbox } from '../../src/sandbox/index.js';

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
export const privateKey = `pk_${'0'.repeat(34)}`;

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

export interface CallOptions {
  /** What goes in the path. */
  id?: string;
  query?: Record<string, string>;
  body?: unknown;
  /** A header given as undefined is left out. */
  headers?: Record<string, string | undefined>;
}

/** Calls a private endpoint as a server does. */
export function call(
  sandbox: Sandbox,
  endpoint: PrivateEndpoint,
  { id = '', query = {}, body, headers: over = {} }: CallOptions = {},
): Promise<Response> {
  const { method, path } = placeOf(endpoint);
  const url = new URL(sandbox.url + path.replace('{id}', encodeURIComponent(id)));
  url.search = new URLSearchParams(query).toString();
  const merged = {
    accept: headers['content-type'],
    authorization: `Klaviyo-API-Key ${privateKey}`,
    revision: headers.revision,
    ...(body !== undefined && { 'content-type': headers['content-type'] }),
    ...over,
  };
  const sent = Object.entries(merged).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  return fetch(url, {
    method,
    headers: sent,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

export interface ApiResource {
  type: string;
  id: string;
  attributes: Record<string, unknown>;
  relationships: Record<string, { data?: unknown }>;
  links: { self: string };
}

interface ApiLinks {
  self: string;
  next: string | null;
  prev: string | null;
}

/** The document of an answer that has one resource. */
export async function oneOf(response: Response) {
  expect(response.ok, `${response.status} of ${response.url}`).toBe(true);
  return (await response.json()) as {
    data: ApiResource;
    included?: ApiResource[];
    links: ApiLinks;
  };
}

/** The document of an answer that has a list. */
export async function listOf(response: Response) {
  expect(response.ok, `${response.status} of ${response.url}`).toBe(true);
  return (await response.json()) as {
    data: ApiResource[];
    included?: ApiResource[];
    links: ApiLinks;
  };
}

/** Follows a link of an answer. */
export const follow = (link: string | null): Promise<Response> =>
  fetch(link ?? 'about:nothing-follows', {
    headers: { authorization: `Klaviyo-API-Key ${privateKey}`, revision: headers.revision },
  });

export interface ErrorBody {
  errors: {
    id: string;
    status: number;
    code: string;
    title: string;
    detail: string;
    source?: { pointer?: string; parameter?: string };
    meta: Record<string, unknown>;
  }[];
}

/** The answer's errors, which must be Klaviyo's JSON:API ones. */
export async function errorsOf(response: Response): Promise<ErrorBody['errors']> {
  const { errors } = (await response.json()) as ErrorBody;
  return errors;
}

/** Status and the pointers (or parameters) of the errors. */
export async function refusal(response: Response): Promise<[number, ...string[]]> {
  if (response.ok) return [response.status];
  const errors = await errorsOf(response);
  return [
    response.status,
    ...errors.map(({ source }) => source?.pointer ?? source?.parameter ?? ''),
  ];
}
