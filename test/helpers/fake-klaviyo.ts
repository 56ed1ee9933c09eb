/** A Klaviyo behind `env.fetch`: answers as told, records each event as its unique_id rules say. */
import { type Body, type Incoming, readRequest } from './read-request.js';

/** What the bulk endpoint does with a unique_id that it has had before; see the sandbox's options. */
export type BulkRule = 'discard' | 'refuse' | 'fail';

/** How a request ends. Without any field: processed, and answered 202. */
export interface Answer {
  /** Anything but 2xx means that nothing of the request is processed. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** The connection breaks before or after the request is processed; `hang`: processed, never answered. */
  lost?: 'before' | 'after' | 'hang';
  /** Time from request to answer; processing comes half-way. Default: at once. */
  latencyMs?: number;
}

/** An answer for some requests only. */
export interface Rule extends Answer {
  endpoint?: string;
  /** Only requests with an event of this metric. */
  metric?: string;
  /** Default: for ever. */
  times?: number;
  when?: (request: Incoming) => boolean;
}

export interface RecordedEvent {
  uniqueId: string;
  metric: string;
  /** What identifies its profile, as it was sent. */
  profile: Body;
  attributes: Body;
  endpoint: string;
  at: number;
}

export interface RecordedRequest extends Incoming {
  at: number;
  /** Set when it is processed; 0 for no answer. */
  status?: number;
  /** The rule it met. */
  answer: Answer;
}

/** Klaviyo's words for a body with a mistake. */
const REFUSAL = JSON.stringify({
  errors: [{ code: 'invalid', detail: 'refused', source: { pointer: '/data/attributes' } }],
});

export const createFakeKlaviyo = (now: () => number) => {
  const requests: RecordedRequest[] = [];
  const events: RecordedEvent[] = [];
  const profiles: Body[] = [];
  const duplicates: string[] = [];
  const options: {
    bulkRule: BulkRule;
    latencyMs: number;
    /** What its data makes impossible: such a request is refused whenever it is processed. */
    refuses: (request: Incoming) => boolean;
    /** What the server itself cannot digest: such a request is answered 500, and nothing of it is processed. */
    breaks: (request: Incoming) => boolean;
  } = { bulkRule: 'fail', latencyMs: 0, refuses: () => false, breaks: () => false };
  let rules: Rule[] = [];

  // One key a profile: whatever identifies it first. Good enough for one visitor at a time.
  const idOf = (profile: Body, metric: string, uniqueId: string): string =>
    JSON.stringify([profile.email ?? profile.anonymous_id, metric, uniqueId]);
  const received = new Set<string>();

  const ruleFor = (request: Incoming): Rule | undefined => {
    const rule = rules.find(
      ({ endpoint, metric, times = 1, when }) =>
        times > 0 &&
        (!endpoint || endpoint === request.endpoint) &&
        (!metric || request.metrics.includes(metric)) &&
        (!when || when(request)),
    );
    if (rule?.times) rule.times--;
    return rule;
  };

  /** Records what a request holds; gives the answer's status. */
  const process = (request: Incoming): number => {
    if (options.breaks(request)) return 500;
    if (options.refuses(request)) return 400;
    if (request.endpoint === 'profiles') {
      profiles.push(request.profile);
      return 202;
    }
    const ids = request.events.map((event) => idOf(request.profile, event.metric, event.uniqueId));
    const isRepeated = ids.some((id, index) => received.has(id) || ids.indexOf(id) < index);
    if (request.endpoint === 'event-bulk-create' && isRepeated && options.bulkRule !== 'discard') {
      return options.bulkRule === 'refuse' ? 400 : 202;
    }
    request.events.forEach((event, index) => {
      if (received.has(ids[index]!)) duplicates.push(event.uniqueId);
      else {
        received.add(ids[index]!);
        const { profile, endpoint } = request;
        events.push({ ...event, profile, endpoint, at: now() });
      }
    });
    return 202;
  };

  return {
    options,
    requests,
    events,
    profiles,
    /** Unique ids that came again and were not recorded again. */
    duplicates,
    /** Unique ids of what is recorded, in order. */
    uniqueIds: (): string[] => events.map(({ uniqueId }) => uniqueId),
    metrics: (): string[] => events.map(({ metric }) => metric),
    /** Requests as `endpoint:number of events`. */
    shapes: (): string[] =>
      requests.map(({ endpoint, events: { length } }) => `${endpoint}:${length}`),
    /** Adds a rule. The first that fits a request is used. */
    answer: (rule: Rule): void => void rules.push({ ...rule }),
    /** Klaviyo is itself again. */
    heal: (): void => {
      rules = [];
    },
    /** Takes a request in. `work` is done by the network, in time. */
    receive: (url: string, init: RequestInit) => {
      const read = readRequest(url, init);
      const answer: Answer = ruleFor(read) ?? {};
      const incoming: RecordedRequest = { ...read, at: now(), answer };
      requests.push(incoming);
      const { status = 202, headers, body, lost, latencyMs = options.latencyMs } = answer;
      let response: Response | undefined;
      return {
        incoming,
        latencyMs,
        isAnswered: !lost,
        isHanging: lost === 'hang',
        process: (): void => {
          if (incoming.refusal) incoming.status = 400;
          else if (lost === 'before' || status >= 300) incoming.status = status;
          else incoming.status = process(incoming);
          const isRefused = incoming.status === 400;
          const text = body ?? incoming.refusal ?? (isRefused ? REFUSAL : '');
          response = new Response(text || null, {
            status: incoming.status,
            headers: headers ?? {},
          });
          if (lost) incoming.status = 0;
        },
        response: (): Response => response!,
      };
    },
  };
};

export type FakeKlaviyo = ReturnType<typeof createFakeKlaviyo>;
