// The doctor against real servers on loopback, by the machine's clock or by one that is moved by hand.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type DoctorOptions, runDoctor } from '../../src/server/doctor/doctor.js';
import type { CheckResult } from '../../src/server/doctor/run-checks.js';
import { type ServerEnv, serverEnv } from '../../src/server/env.js';
import { createOrderServer } from '../../src/server/node.js';
import { privateKey, secret } from '../server/orders.js';
import { createClock } from './manual-clock.js';

const publicKey = 'AbC123';

/** Variables of a shop whose Klaviyo is the sandbox. */
export const environmentOf = (
  apiHost: string,
  over: Record<string, string> = {},
): Record<string, string> => ({
  ...{ KLAVIYO_PUBLIC_KEY: publicKey, KLAVIYO_PRIVATE_KEY: privateKey, KLAVIYO_API_HOST: apiHost },
  ...over,
});

/** A server of Node's for one test. Returns its address. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nothing listens any more. */
export async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** The order endpoint, as `serve` runs it. */
export async function startOrders(over: object = {}) {
  const config = {
    ...{ privateKey, signingSecrets: [secret], shopifySecrets: [], woocommerceSecrets: [] },
    ...{ database: ':memory:', port: 0, host: '127.0.0.1', logLevel: 'silent' },
  };
  const server = await createOrderServer({ config: { ...config, ...over } });
  onTestFinished(() => server.close());
  return server;
}

/** What a run found, by the ids of its checks. */
export interface Diagnosis {
  results: CheckResult[];
  statusOf(id: string): string | undefined;
  messageOf(id: string): string;
  /** Ids of what has failed. */
  failures(): string[];
}

function diagnosisOf(results: CheckResult[]): Diagnosis {
  const find = (id: string) => results.find((result) => result.id === id);
  return {
    results,
    statusOf: (id) => find(id)?.status,
    messageOf: (id) => find(id)?.message ?? '',
    failures: () => results.filter(({ status }) => status === 'failed').map(({ id }) => id),
  };
}

export async function diagnose(
  environment: DoctorOptions['environment'],
  options: Omit<DoctorOptions, 'environment'> = {},
): Promise<Diagnosis> {
  return diagnosisOf(await runDoctor({ environment, ...options }));
}

/**
 * A run by a clock that is moved by hand.
 * @param instead what to answer in the place of a server
 */
export function startDoctor(
  environment: DoctorOptions['environment'],
  options: Omit<DoctorOptions, 'environment'> = {},
  instead: (url: URL) => Response | undefined = () => undefined,
) {
  const clock = createClock(Date.now());
  let underWay = 0;
  const env: ServerEnv = {
    ...serverEnv(),
    ...{ now: clock.now, elapsed: clock.now, after: clock.after },
    // Whole at once, so that it is known when nothing is on its way.
    fetch: async (url, init) => {
      underWay += 1;
      try {
        const response = instead(new URL(`${url}`)) ?? (await fetch(url, init));
        const { status, headers } = response;
        const bytes = await response.arrayBuffer();
        const hasNone = status === 204 || status === 304;
        return new Response(hasNone ? null : bytes, { status, headers });
      } finally {
        underWay -= 1;
      }
    },
  };
  const done = diagnose(environment, { ...options, env });
  return {
    clock,
    done,
    /** Moves the clock whenever nothing is on its way, until the run is over. */
    async finish(): Promise<Diagnosis> {
      let isOver = false;
      const over = done.finally(() => {
        isOver = true;
      });
      over.catch(() => undefined);
      while (!isOver) {
        if (underWay === 0) await clock.advance(250);
        else await new Promise((resolve) => setImmediate(resolve));
      }
      return over;
    },
  };
}
