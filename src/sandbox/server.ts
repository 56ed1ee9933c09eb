import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Answer } from './api-error.js';
import { refuse } from './api-error.js';
import type { ApiRequest } from './check-request.js';
import type { Control } from './control.js';
import { controlPath } from './control.js';
import { corsHeaders, preflightHeaders } from './cors.js';
import { answerOf, deliver, pause } from './deliver.js';
import type { ActiveFault, Faults } from './fault.js';
import { eventsIn, metricsIn, uniqueIdsIn } from './incoming.js';
import type { Ledger } from './ledger.js';
import type { Endpoint, ResolvedOptions } from './options.js';
import { isEndpoint, isPrivateEndpoint } from './options.js';
import { parseJson, readBody } from './read-body.js';
import type { RecordedRequest } from './records.js';

export interface ServerParts {
  options: () => ResolvedOptions;
  /** Judges a request to a client endpoint. */
  clientApi: { answer(request: ApiRequest): Answer };
  /** Judges a request to an endpoint for servers. */
  privateApi: { answer(request: ApiRequest): Answer };
  control: Control;
  faults: Faults;
  ledger: Ledger;
}

function endpointOf(path: string): Endpoint | undefined {
  const [, side, name] = /^\/(client|api)\/([^/]+)\/?$/.exec(path) ?? [];
  const endpoint = side === 'api' ? `api/${name}` : name;
  return isEndpoint(endpoint) ? endpoint : undefined;
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** HTTP: routes, reads, lets faults have their way, and lists what came. */
export function createSandboxServer(parts: ServerParts) {
  const { options, clientApi, privateApi, control, faults, ledger } = parts;
  const hanging = new Set<ServerResponse>();
  const closing = new AbortController();

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A bug of the sandbox's must look like one, not like a hanging Klaviyo.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const path = url.pathname;
    // One request a connection: when a connection that breaks was a reused one, Chromium repeats the
    // request on its own (a POST too), and the page never learns of the reset it was to be tested with.
    response.shouldKeepAlive = false;
    if (path.startsWith(controlPath)) {
      await control.handle(request, response, path);
      return;
    }
    if (request.method === 'OPTIONS' && !path.startsWith('/api/')) {
      request.resume();
      response.writeHead(204, preflightHeaders()).end();
      return;
    }
    const arrival = ledger.arrive();
    const at = options().now();
    const received = await readBody(request);
    if (!received) {
      response.destroy();
      return;
    }
    const endpoint = endpointOf(path);
    const companyId = url.searchParams.get('company_id') ?? undefined;
    const body = parseJson(received.text);
    const userAgent = header(request, 'user-agent');
    const origin = header(request, 'origin');
    const record: Omit<RecordedRequest, 'status'> = {
      at,
      method: request.method ?? '',
      ...(endpoint && { endpoint }),
      path,
      ...(companyId !== undefined && { companyId }),
      events: endpoint ? eventsIn(endpoint, body).length : 0,
      bytes: received.bytes,
      uniqueIds: endpoint ? uniqueIdsIn(endpoint, body) : [],
      ...(userAgent !== undefined && { userAgent }),
      ...(origin !== undefined && { origin }),
    };
    const judge = (): Answer =>
      endpoint
        ? (isPrivateEndpoint(endpoint) ? privateApi : clientApi).answer({
            method: record.method,
            endpoint,
            companyId,
            authorization: header(request, 'authorization'),
            revision: header(request, 'revision'),
            contentType: header(request, 'content-type'),
            bytes: received.bytes,
            body,
          })
        : refuse(404, [{ detail: `There is no ${path}.` }]);
    const fault =
      endpoint && request.method === 'POST'
        ? faults.take(endpoint, metricsIn(endpoint, body))
        : undefined;
    const list = (status: RecordedRequest['status'], error?: string) =>
      ledger.addRequest(arrival, {
        ...record,
        status,
        ...(fault && { faultId: fault.id }),
        ...(error !== undefined && { error }),
      });
    await exchange(response, judge, fault, list, !isPrivateEndpoint(endpoint));
  }

  async function exchange(
    response: ServerResponse,
    judge: () => Answer,
    fault: ActiveFault | undefined,
    list: (status: RecordedRequest['status'], error?: string) => void,
    isForBrowsers: boolean,
  ): Promise<void> {
    await pause(fault?.delayMs, closing.signal);
    if (closing.signal.aborted) return;
    if (fault?.hang) {
      hanging.add(response);
      response.on('close', () => hanging.delete(response));
      list('hang');
      return;
    }
    if (fault?.reset) {
      list('reset', fault.reset === 'after' ? judge().error : undefined);
      // An RST, where the socket can send one: no answer, and no orderly end either.
      response.socket?.resetAndDestroy();
      return;
    }
    const answer = (fault && answerOf(fault)) ?? judge();
    list(answer.status, answer.error);
    const { exposeRateLimitHeaders } = options();
    const exposed = {
      retryAfter: fault ? fault.exposeRetryAfter !== false : exposeRateLimitHeaders,
      rateLimits: exposeRateLimitHeaders,
    };
    const cors = fault?.withoutCors || !isForBrowsers ? {} : corsHeaders(exposed);
    const headers = { ...cors, ...answer.headers };
    await deliver(response, { ...answer, headers }, fault, closing.signal);
  }

  /** Ends what hangs: its sender sees the connection break. */
  function releaseHanging(): void {
    for (const response of hanging) response.destroy();
    hanging.clear();
  }

  return {
    listen: (port: number, host: string) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address();
          resolve(typeof address === 'object' && address ? address.port : port);
        });
      }),
    releaseHanging,
    close: () =>
      new Promise<void>((resolve) => {
        closing.abort();
        control.close();
        releaseHanging();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
