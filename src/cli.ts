import { parseArgs } from 'node:util';
import { createSandbox, type SandboxOptions } from './sandbox/index.js';
import { type Command, UsageError } from './server/command.js';
import { doctorCommand } from './server/doctor-command.js';
import { outboxCommand } from './server/outbox-command.js';
import { serveCommand } from './server/serve-command.js';

// As createSandbox has by default, and as Klaviyo's look.
const privateKey = `pk_${'0'.repeat(34)}`;

const sandboxHelp = `Usage: klaviyo-storefront sandbox [options]

Runs a local Klaviyo that enforces the documented client API and private API, and records what it
is sent. Use its address as apiHost, and for the private API the private key that it prints.

  --port N                    port to listen on (default: any free one)
  --host ADDRESS              address to listen on (default: 127.0.0.1)
  --company ID                a company id that exists; repeat it for more (default: AbC123).
                              The private key is the first one's
  --bulk-duplicates RULE      what a repeated unique_id does to a bulk request:
                              fail (default), refuse or discard
  --no-rate-limits            never answer 429 on its own account
  --help                      show this

What it has received: GET <address>/__sandbox/events, /profiles, /requests, /state, /stream.
Webhooks it has sent: GET <address>/__sandbox/deliveries.
What an account has already: POST <address>/__sandbox/lists, /metrics, /segments, /campaigns, /flows.
Faults on request: POST <address>/__sandbox/faults, for example {"status":429,"times":3}.
`;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not '${text}'.`);
  }
  return port;
}

function parseRule(text: string): NonNullable<SandboxOptions['bulkDuplicates']> {
  if (text === 'fail' || text === 'refuse' || text === 'discard') return text;
  throw new UsageError(`--bulk-duplicates must be fail, refuse or discard, not '${text}'.`);
}

async function runSandbox(args: string[]): Promise<void> {
  const { values } = parseOptions(args);
  const companies = values.company ?? ['AbC123'];
  const [owner = ''] = companies;
  const sandbox = await createSandbox({
    ...(values.port !== undefined && { port: parsePort(values.port) }),
    ...(values.host !== undefined && { host: values.host }),
    companies,
    privateKeys: { [privateKey]: owner },
    ...(values['bulk-duplicates'] !== undefined && {
      bulkDuplicates: parseRule(values['bulk-duplicates']),
    }),
    ...(values['no-rate-limits'] && { rateLimits: false }),
  });
  console.log(`Klaviyo sandbox at ${sandbox.url} (company ${companies.join(', ')})`);
  console.log(`Private key: ${privateKey}`);
  console.log(`What it has received: ${sandbox.url}/__sandbox/events`);
  console.log('Stop it with Ctrl-C.');
  const stop = () => {
    // Unheard from now on, so that a second Ctrl-C ends the process whatever happens.
    process.off('SIGINT', stop).off('SIGTERM', stop);
    void sandbox.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        company: { type: 'string', multiple: true },
        'bulk-duplicates': { type: 'string' },
        'no-rate-limits': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const commands: Record<string, Command> = {
  sandbox: { summary: 'run a local Klaviyo', help: sandboxHelp, run: runSandbox },
  serve: serveCommand,
  outbox: outboxCommand,
  doctor: doctorCommand,
};

const overview = `Usage: klaviyo-storefront <command> [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

klaviyo-storefront <command> --help says more about one.
`;

function explain(error: unknown): string {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  // Of another host, such as the database's: its own words name it.
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return message;
  if (code === 'EADDRINUSE')
    return 'That port is taken. Choose another with --port (or PORT), or 0 for any.';
  if (code === 'EACCES') return 'That port may not be used by this user. Choose one above 1023.';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'That address is not one of this machine. Leave --host (or HOST) out for 127.0.0.1.';
  }
  return message;
}

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command '${name}'.\n\n${overview}`);
  if (args.includes('--help') || args.includes('-h')) console.log(command.help);
  else await command.run(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`klaviyo-storefront: ${explain(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
