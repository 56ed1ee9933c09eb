// The toolkit and a sandbox, over real sockets. Every body it sends is held against Klaviyo's OpenAPI files.
import { expect, onTestFinished } from 'vitest';
import { findEndpoint } from '../../src/sandbox/find-endpoint.js';
import type { SandboxOptions } from '../../src/sandbox/index.js';
import { type ServerEnv, serverEnv } from '../../src/server/env.js';
import {
  type CreateKlaviyoOptions,
  createKlaviyo,
} from '../../src/server/klaviyo/create-klaviyo.js';
import { compileRequestSchema } from '../sandbox/openapi-schema.js';
import { startSandbox } from '../sandbox/requests.js';

const sandboxKey = `pk_${'0'.repeat(34)}`;

export interface SentRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Validate = ReturnType<typeof compileRequestSchema>;
const compiled = new Map<string, Validate>();

/** What Klaviyo's schema says against a body; nothing without KLAVIYO_OPENAPI_DIR. */
function objections({ method, path, body }: SentRequest): string[] {
  const endpoint = findEndpoint(method, path);
  if (!endpoint) return [`There is no ${method} ${path}.`];
  if (body === undefined) return [];
  if (!compiled.has(endpoint)) compiled.set(endpoint, compileRequestSchema(endpoint));
  const validate = compiled.get(endpoint);
  if (!validate || validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${method} ${path} ${instancePath} ${message}`,
  );
}

// Nobody waits in a test: a second of a limit is a few milliseconds, on the sandbox's clock too.
const SPEED = 200;

function fastClock() {
  const realAt = performance.now();
  const startAt = Date.now();
  const elapsed = () => (performance.now() - realAt) * SPEED;
  return {
    elapsed,
    now: () => startAt + Math.floor(elapsed()),
    after: (delayMs: number, task: () => void) => {
      const timer = setTimeout(task, delayMs / SPEED);
      return () => clearTimeout(timer);
    },
  };
}

export async function startToolkit(
  options: SandboxOptions = {},
  over: Partial<CreateKlaviyoOptions> = {},
) {
  const clock = fastClock();
  const sandbox = await startSandbox({ now: clock.now, ...options });
  const sent: SentRequest[] = [];
  const wrong: string[] = [];
  const env: ServerEnv = {
    ...{ ...serverEnv(), ...clock },
    fetch: ((url: string, init: RequestInit) => {
      const { pathname, searchParams } = new URL(url);
      const body = init.body === undefined ? undefined : JSON.parse(String(init.body));
      const request = { method: `${init.method}`, path: pathname, query: searchParams, body };
      sent.push(request);
      wrong.push(...objections(request));
      return fetch(url, init);
    }) as typeof fetch,
  };
  onTestFinished(() => expect(wrong).toEqual([]));
  const klaviyo = createKlaviyo({
    ...{ privateKey: sandboxKey, apiHost: sandbox.url, env },
    // A loaded machine may take a while.
    requestTimeoutMs: 20_000 * SPEED,
    ...over,
  });
  return { sandbox, klaviyo, sent, env };
}

/** Everything of a walk. */
export async function allOf<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of walk) items.push(item);
  return items;
}
