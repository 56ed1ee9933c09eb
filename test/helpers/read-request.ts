/** What a request to Klaviyo's client API says, and whether it is one. */
export type Body = Record<string, unknown>;

export interface Incoming {
  endpoint: string;
  url: string;
  headers: Record<string, string>;
  keepalive: boolean;
  bytes: number;
  text: string;
  events: { uniqueId: string; metric: string; attributes: Body }[];
  uniqueIds: string[];
  metrics: string[];
  /** Attributes of the request's profile, with its `id` and `meta` beside them where it has any. */
  profile: Body;
  /** Why a real Klaviyo would answer 400. */
  refusal?: string;
}

interface Resource {
  type?: string;
  id?: string;
  attributes: Body;
  meta?: Body;
}

const resourceOf = (value: unknown): Resource => (value as { data: Resource }).data;

const eventOf = ({ attributes }: Resource) => {
  const { profile: _, ...rest } = attributes;
  return {
    uniqueId: `${attributes.unique_id}`,
    metric: `${resourceOf(attributes.metric).attributes.name}`,
    attributes: rest,
  };
};

const profileOf = ({ id, attributes, meta }: Resource): Body => ({
  ...attributes,
  ...(id ? { id } : undefined),
  ...(meta ? { meta } : undefined),
});

const read = (endpoint: string, text: string) => {
  const root = resourceOf(JSON.parse(text));
  if (endpoint === 'profiles') return { events: [], profile: profileOf(root) };
  const profile = profileOf(resourceOf(root.attributes.profile));
  if (endpoint === 'events') return { events: [eventOf(root)], profile };
  const members = (root.attributes.events as { data: Resource[] }).data;
  return { events: members.map(eventOf), profile };
};

export const readRequest = (url: string, init: RequestInit): Incoming => {
  const { pathname, searchParams } = new URL(url, 'https://shop.example');
  const endpoint = pathname.split('/client/')[1] ?? '';
  const text = `${init.body}`;
  const headers = init.headers as Record<string, string>;
  const incoming: Incoming = {
    endpoint,
    url,
    headers,
    keepalive: !!init.keepalive,
    bytes: new TextEncoder().encode(text).length,
    text,
    events: [],
    uniqueIds: [],
    metrics: [],
    profile: {},
  };
  try {
    Object.assign(incoming, read(endpoint, text));
  } catch (error) {
    incoming.refusal = `${error}`;
  }
  incoming.uniqueIds = incoming.events.map(({ uniqueId }) => uniqueId);
  incoming.metrics = incoming.events.map(({ metric }) => metric);
  if (!searchParams.get('company_id')) incoming.refusal = 'no company';
  if (!headers.revision) incoming.refusal = 'no revision';
  if (headers['content-type'] !== 'application/vnd.api+json') incoming.refusal = 'content type';
  if (incoming.events.length > 1000) incoming.refusal = 'too many events';
  return incoming;
};
