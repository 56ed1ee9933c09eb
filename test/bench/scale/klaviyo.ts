/**
 * The sandbox's own parts on the virtual clock: its rate limiter, its checks and its recording, without its
 * HTTP server.
 */
import { createClientApi } from '../../../src/sandbox/client-api.js';
import { answerOf } from '../../../src/sandbox/deliver.js';
import { type ClientEndpoint, documentedLimits } from '../../../src/sandbox/endpoints.js';
import { createFaults } from '../../../src/sandbox/fault.js';
import { applyOptions, defaultOptions } from '../../../src/sandbox/options.js';
import { createRateLimiter } from '../../../src/sandbox/rate-limiter.js';
import { createRecorder } from '../../../src/sandbox/recorder.js';
import { createLedger } from '../../../src/sandbox/store/ledger.js';
import type { Clock } from './clock.js';

export const COMPANY = 'AbC123';
/** The number of a simulated event, as a property of it. */
const NUMBER = 'n';

export interface KlaviyoParts {
  clock: Clock;
  /** Of the documented limits, for fewer visitors. 1 is Klaviyo. */
  share: number;
  onAnswer: (endpoint: ClientEndpoint, status: number) => void;
  /** An event is recorded, once. */
  onRecorded: (number: number) => void;
}

const responseTo = (status: number, headers: Record<string, string>, body: string) => {
  const lower = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name: string) => lower.get(name) ?? null },
    text: async () => body,
  } as Response;
};

export const createKlaviyo = ({ clock, share, onAnswer, onRecorded }: KlaviyoParts) => {
  const scaled = (number: number): number => Math.max(1, Math.round(number * share));
  const limits = Object.fromEntries(
    (['events', 'event-bulk-create', 'profiles'] as const).map((endpoint) => {
      const { burst, steady } = documentedLimits[endpoint];
      return [endpoint, { burst: scaled(burst), steady: scaled(steady) }];
    }),
  ) as Record<'events' | 'event-bulk-create' | 'profiles', { burst: number; steady: number }>;
  const options = applyOptions(defaultOptions(), {
    companies: [COMPANY],
    now: clock.now,
    limits,
    // The kind reading. Ours does not depend on it; the others would lose events by the other.
    bulkDuplicates: 'discard',
  });
  const ledger = createLedger();
  const current = () => options;
  const api = createClientApi(current, createRecorder(current, ledger), createRateLimiter(current));
  const faults = createFaults();
  ledger.onEvent(({ record }) => onRecorded(record.properties[NUMBER] as number));

  return {
    limits,
    faults,
    receive: (url: string, init: RequestInit): Response => {
      const endpoint = /client\/([a-z-]+)/.exec(url)![1] as ClientEndpoint;
      const text = init.body as string;
      const headers = init.headers as Record<string, string>;
      const fault = faults.take(endpoint, []);
      const answer =
        (fault && answerOf(fault)) ??
        api.answer({
          endpoint,
          companyId: /company_id=(\w+)/.exec(url)?.[1],
          method: init.method ?? 'GET',
          revision: headers.revision,
          contentType: headers['content-type'],
          bytes: text.length,
          body: JSON.parse(text),
        });
      onAnswer(endpoint, answer.status);
      return responseTo(answer.status, answer.headers, answer.body);
    },
    /** Copies of recorded events that came again and were discarded. */
    duplicates: (): number => {
      let sum = 0;
      for (const { record } of ledger.events.of(COMPANY).values()) sum += record.duplicates;
      return sum;
    },
  };
};

export type Klaviyo = ReturnType<typeof createKlaviyo>;
