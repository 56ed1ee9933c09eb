import type { IncomingMessage, ServerResponse } from 'node:http';
import { controlCorsHeaders } from './cors.js';
import type { Faults } from './fault.js';
import type { ResolvedOptions } from './options.js';
import { parseJson, readBody } from './read-body.js';
import type { Sandbox } from './sandbox.js';
import type { Ledger } from './store/ledger.js';

export const controlPath = '/__sandbox/';

export interface ControlParts {
  sandbox: () => Sandbox;
  options: () => ResolvedOptions;
  faults: Faults;
  ledger: Ledger;
}

/** The HTTP side of the sandbox's methods, for a demo, an end-to-end test or a shop's CI in another process. */
export function createControl({ sandbox, options, faults, ledger }: ControlParts) {
  const streams = new Set<ServerResponse>();

  function send(response: ServerResponse, status: number, value?: unknown): void {
    const body = value === undefined ? '' : JSON.stringify(value);
    response.writeHead(status, {
      ...controlCorsHeaders(),
      'cache-control': 'no-store',
      ...(body && { 'content-type': 'application/json' }),
    });
    response.end(body);
  }

  /** Server-Sent Events, one for each thing that is recorded from now on. */
  function stream(response: ServerResponse): void {
    response.writeHead(200, {
      ...controlCorsHeaders(),
      'cache-control': 'no-store',
      'content-type': 'text/event-stream',
    });
    // A first line, so that the reader's `open` comes now and not with the first event.
    response.write(': open\n\n');
    streams.add(response);
    const unsubscribe = ledger.onHappening(({ kind, record }) => {
      response.write(`event: ${kind}\ndata: ${JSON.stringify(record)}\n\n`);
    });
    response.on('close', () => {
      streams.delete(response);
      unsubscribe();
    });
  }

  function state() {
    const { now: _clock, ...shown } = options();
    const counts = {
      events: ledger.events.size,
      profiles: ledger.profiles.size,
      requests: ledger.requestCount,
    };
    return { url: sandbox().url, options: shown, faults: faults.list(), counts };
  }

  function read(name: string): unknown {
    if (name === 'events') return sandbox().events();
    if (name === 'profiles') return sandbox().profiles();
    if (name === 'requests') return sandbox().requests();
    if (name === 'deliveries') return sandbox().deliveries();
    if (name === 'state') return state();
    return undefined;
  }

  /** What can be given to the sandbox, by the name to send it to. */
  const fixtures: Record<string, (fixture: never) => string> = {
    lists: (fixture) => sandbox().addList(fixture),
    metrics: (fixture) => sandbox().addMetric(fixture),
    segments: (fixture) => sandbox().addSegment(fixture),
    campaigns: (fixture) => sandbox().addCampaign(fixture),
    flows: (fixture) => sandbox().addFlow(fixture),
  };

  function write(name: string, body: unknown): unknown {
    const add = Object.hasOwn(fixtures, name) ? fixtures[name] : undefined;
    if (add) return { id: add(body as never) };
    if (name === 'webhooks') return sandbox().sendWebhook(body as never);
    if (name === 'confirm') {
      const { email } = body as { email?: unknown };
      return { confirmed: sandbox().confirmSubscriptions(String(email)) };
    }
    if (name === 'faults') return { id: sandbox().addFault(body as never) };
    if (name === 'configure') {
      if (typeof body !== 'object' || body === null) throw new TypeError('Send an object.');
      sandbox().configure(body);
      return state();
    }
    if (name === 'reset') {
      sandbox().reset();
      return {};
    }
    return undefined;
  }

  function remove(name: string): unknown {
    if (name === 'faults') {
      sandbox().clearFaults();
      return {};
    }
    const id = name.startsWith('faults/') ? name.slice('faults/'.length) : '';
    return faults.remove(id) ? {} : undefined;
  }

  async function handle(request: IncomingMessage, response: ServerResponse, path: string) {
    const name = path.slice(controlPath.length).replace(/\/$/, '');
    const { method } = request;
    if (method === 'OPTIONS') return send(response, 204);
    if (method === 'GET' && name === 'stream') return stream(response);
    const body = await readBody(request);
    if (!body) return response.destroy();
    try {
      const answer =
        method === 'GET'
          ? read(name)
          : method === 'POST'
            ? await write(name, body.text === '' ? undefined : parseJson(body.text))
            : method === 'DELETE'
              ? remove(name)
              : undefined;
      if (answer !== undefined) return send(response, method === 'POST' ? 201 : 200, answer);
      return send(response, 404, { error: `There is no ${method} ${path}.` });
    } catch (error) {
      return send(response, 400, { error: (error as Error).message });
    }
  }

  return {
    handle,
    close() {
      for (const response of streams) response.end();
    },
  };
}

export type Control = ReturnType<typeof createControl>;
