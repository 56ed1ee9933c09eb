import { type Command, loadEnvFile, UsageError } from './command.js';

const help = `Usage: klaviyo-storefront serve

Runs the order endpoint. It is configured by the environment, and by .env in this folder:

  KLAVIYO_PRIVATE_KEY         private API key with the scope events:write
  ORDER_SIGNING_SECRET        whsec_ and base64: signs requests to /orders; several with spaces between
  KLAVIYO_PUBLIC_KEY          the company id, for the log
  KLAVIYO_API_HOST            default: Klaviyo; the sandbox's address for a try
  DATABASE_URL                postgres://... or the path of an SQLite file (default: klaviyo-orders.db)
  HOST, PORT                  where to listen (default: 127.0.0.1, 3000)
  SHOPIFY_WEBHOOK_SECRET      turns /webhooks/shopify on
  WOOCOMMERCE_WEBHOOK_SECRET  turns /webhooks/woocommerce on
  ..._WEBHOOK_SECRET_OLD      of either: still taken while it is being replaced
  MAX_WAITING_EVENTS          orders are answered 503 from here on (default: 100000)
  LOG_LEVEL                   info, warn, error or silent (default: info)
`;

const STUCK_MAX_MS = 5000;

async function serve(args: string[]): Promise<void> {
  if (args.length > 0) throw new UsageError(`serve takes no '${args[0]}': see serve --help.`);
  loadEnvFile();
  const { createOrderServer, EnvironmentError } = await import('./index.js');
  const server = await createOrderServer().catch((error: unknown) => {
    throw error instanceof EnvironmentError ? new UsageError(error.message) : error;
  });
  const stop = () => {
    // Unheard from now on, so that a second Ctrl-C ends the process whatever happens.
    process.off('SIGINT', stop).off('SIGTERM', stop);
    // It ends by itself then, unless a database that is stuck holds on to it.
    void server.close().finally(() => setTimeout(() => process.exit(), STUCK_MAX_MS).unref());
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

export const serveCommand: Command = { summary: 'run the order endpoint', help, run: serve };
