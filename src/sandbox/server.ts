import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Answer } from './api-error.js';
import { refuse } from './api-error.js';
import type { ClientRequest, PrivateRequest } from './check-request.js';
import type { Control } from './control.js';
import { controlPath } from './control.js';
import { corsHeaders, preflightHeaders } from './cors.js';
import { answerOf, deliver, pause } from './deliver.js';
import { isClientEndpoint } from './endpoints.js';
import type { ActiveFault, Faults } from './fault.js';
import { findEndpoint } from './find-endpoint.js';
import { eventsIn, metricsIn, uniqueIdsIn } from './incoming.js';
import type { ResolvedOptions } from './options.js';
import { parseJson, readBody } from './read-body.js';
import type { RecordedRequest } from './records.js';
import type { Ledger } from './store/ledger.js';

export interface ServerParts {
  options: () => ResolvedOptions;
  /** Judges a request to a client endpoint. */
  clientApi: { answer(request: ClientRequest): Answer };
  /** Judges a request to an endpoint for servers. */
  privateApi: { answer(request: PrivateRequest): Answer };
  control: Control;
  faults: Faults;
  ledger: Ledger;
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Where a request was sent, by its own account: links in answers lead there too. */
function addressOf({ url = '/', headers }: IncomingMessage): URL {
  const origin = `http://${headers.host ?? 'sandbox'}`;
  return new URL(url, URL.canParse(origin) ? origin : 'http://sandbox');
}

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
    const url = addressOf(request);
    const path = url.pathname;
    const isPrivate = path.startsWith('/api/');
    // One request a connection, for pages: when a connection that breaks was a reused one, Chromium repeats the
    // request on its own (a POST too), and the page never learns of the reset it was to be tested with.
    if (!isPrivate) response.shouldKeepAlive = false;
    if (path.startsWith(controlPath)) {
      await control.handle(request, response, path);
      return;
    }
    if (request.method === 'OPTIONS' && !isPrivate) {
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
    const method = request.method ?? '';
    const endpoint = findEndpoint(method, path);
    const companyId = url.searchParams.get('company_id') ?? undefined;
    const body = parseJson(received.text);
    const userAgent = header(request, 'user-agent');
    const origin = header(request, 'origin');
    const record: Omit<RecordedRequest, 'status'> = {
      at,
      method,
      ...(endpoint && { endpoint }),
      path,
      ...(isPrivate && url.search && { query: url.search }),
      ...(companyId !== undefined && { companyId }),
      events: endpoint ? eventsIn(endpoint, body).length : 0,
      bytes: received.bytes,
      uniqueIds: endpoint ? uniqueIdsIn(endpoint, body) : [],
      ...(userAgent !== undefined && { userAgent }),
      ...(origin !== undefined && { origin }),
    };
    const sent = {
      method,
      revision: header(request, 'revision'),
      contentType: header(request, 'content-type'),
      bytes: received.bytes,
      body,
    };
    const judge = (): Answer => {
      if (isPrivate) {
        return privateApi.answer({ ...sent, url, authorization: header(request, 'authorization') });
      }
      return isClientEndpoint(endpoint)
        ? clientApi.answer({ ...sent, endpoint, companyId })
        : refuse(404, [{ detail: `There is no ${path}.` }]);
    };
    const fault =
      endpoint && (isPrivate || method === 'POST')
        ? faults.take(endpoint, metricsIn(endpoint, body))
        : undefined;
    const list = (status: RecordedRequest['status'], error?: string) =>
      ledger.addRequest(arrival, {
        ...record,
        status,
        ...(fault && { faultId: fault.id }),
        ...(error !== undefined && { error }),
      });
    await exchange(response, judge, fault, list, !isPrivate);
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
