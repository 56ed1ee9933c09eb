/** The order endpoint as a server of Node's. */
import type { Server } from 'node:http';
import { isPostgres, readEnvironment, type ServerConfig } from './environment.js';
import { createOrderHandler, type OrderHandler } from './handler.js';
import { readOptions } from './handler-options.js';
import { STOP_MAX_MS } from './limits.js';
import type { Log } from './log.js';
import type { Outbox } from './outbox.js';
import { importPeer } from './peer.js';
import { createPostgresOutbox } from './postgres-outbox.js';
import { createSqliteOutbox } from './sqlite-outbox.js';
import type { WorkerOptions } from './worker.js';

export interface OrderServerOptions {
  /** Default: what the environment says, see `.env.example`. */
  config?: ServerConfig;
  /** Default: pino, on standard output, at the level of LOG_LEVEL. */
  log?: Log;
  worker?: WorkerOptions | false;
}

export interface OrderServer {
  /** Its address, without a slash at the end. */
  url: string;
  port: number;
  /** Takes no more requests, finishes what is under way within ten seconds, and closes the store. */
  close(): Promise<void>;
}

/** How long a sender may take for its headers, and for all of its request. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_MAX_MS = 30_000;
/** How often Node looks for senders who are too slow. */
const CHECK_MS = 5000;

/** The outbox a database address stands for. */
export function openOutbox(database: string, maxWaiting?: number): Promise<Outbox> {
  const options = maxWaiting === undefined ? {} : { maxWaiting };
  return isPostgres(database)
    ? createPostgresOutbox({ connectionString: database, ...options })
    : createSqliteOutbox({ path: database, ...options });
}

/** Everything the server needs, at once: so that what is missing is one line to type and not four. */
function importAll(database: string) {
  const driver = isPostgres(database) ? 'pg' : 'libsql';
  const peers = ['hono', '@hono/node-server', driver, 'pino', 'prom-client'] as const;
  return importPeer('The order server', peers, async () => {
    const [adapter, { pino }] = await Promise.all([
      import('@hono/node-server'),
      import('pino'),
      import('prom-client'),
      driver === 'pg' ? import('pg') : import('libsql'),
    ]);
    return { pino, createAdaptorServer: adapter.createAdaptorServer };
  });
}

type Peers = Awaited<ReturnType<typeof importAll>>;

function createLog({ pino }: Peers, level: string): Log {
  // Level and time as every log collector reads them; no host name and process id.
  const timestamp = () => `,"time":"${new Date().toISOString()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const logger = pino({ level, base: null, timestamp, formatters });
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

async function listen(
  { createAdaptorServer }: Peers,
  handler: OrderHandler,
  { port, host }: ServerConfig,
): Promise<Server> {
  const server: Server = createAdaptorServer({
    async fetch(request: Request) {
      const response = await handler(request);
      // What is under way gets its answer, and its sender goes elsewhere with the next one.
      if (!server.listening) response.headers.set('connection', 'close');
      return response;
    },
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_MAX_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Resolves when every answer has been given, or after a while; open connections are broken then. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), STOP_MAX_MS);
  await closed;
  clearTimeout(late);
}

/**
 * Starts the order endpoint on Node. Rejects with an `EnvironmentError` or a `MissingPeerError` that says
 * what to do, and when the port is taken or the database can't be reached.
 */
export async function createOrderServer(options: OrderServerOptions = {}): Promise<OrderServer> {
  const config = options.config ?? readEnvironment(process.env);
  const peers = await importAll(config.database);
  const log = options.log ?? createLog(peers, config.logLevel);
  const { privateKey, apiHost, signingSecrets, shopifySecrets, woocommerceSecrets } = config;
  const klaviyo = { privateKey, ...(apiHost !== undefined && { apiHost }) };
  const settings = { klaviyo, signingSecrets, shopifySecrets, woocommerceSecrets };
  // Before the store is opened, which would then have to be closed again.
  readOptions(settings);
  const outbox = await openOutbox(config.database, config.maxWaiting);
  const handler = createOrderHandler({
    ...{ ...settings, outbox, log },
    ...(options.worker !== undefined && { worker: options.worker }),
  });
  let server: Server;
  try {
    server = await listen(peers, handler, config);
  } catch (error) {
    await handler.close();
    await outbox.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  const store = isPostgres(config.database) ? 'postgresql' : 'sqlite';
  log.info({ url, store, company: config.publicKey }, 'listening');

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    log.info({}, 'stopping');
    // Both at once, so that both are over within the same bound.
    await Promise.all([closeServer(server), handler.close()]);
    await outbox.close();
    log.info({}, 'stopped');
  }
  return {
    url,
    port,
    close() {
      closed ??= close();
      return closed;
    },
  };
}
