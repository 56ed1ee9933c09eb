import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Command, loadEnvFile, UsageError } from './command.js';
import type { EntryFilter, EntryView, Outbox } from './outbox.js';

const help = `Usage: klaviyo-storefront outbox <list|show|retry|drop> [order or receipt] [options]

Looks into the order endpoint's store (DATABASE_URL, as serve has it), also while that is running.

  list                        events that are not delivered, oldest first
    --state STATE             only waiting, held (for its order's first event) or given-up ones
    --limit N                 at most so many (default: 50)
  show ORDER                  everything about an order's events, personal data included
  retry ORDER | --all         send again what was given up
  drop ORDER | --all          remove what was given up; the order may then be posted again
`;

const STATES = ['waiting', 'held', 'given-up'] as const;

interface Asked {
  of: string | undefined;
  all: boolean;
  state: EntryFilter['state'];
  limit: number;
}

function line({
  state,
  metric,
  orderId,
  attempts,
  acceptedAt,
  receipt,
  reason,
}: EntryView): string {
  const accepted = new Date(acceptedAt).toISOString().slice(0, 19);
  const parts = [state.padEnd(8), metric.padEnd(15), orderId, `x${attempts}`, accepted, receipt];
  return `${parts.join('  ')}${reason ? `\n          ${reason.slice(0, 200)}` : ''}`;
}

const actions: Record<string, (outbox: Outbox, asked: Asked) => Promise<string>> = {
  async list(outbox, { of, state, limit }) {
    const filter = { ...(of !== undefined && { of }), ...(state !== undefined && { state }) };
    const [entries, stats] = [await outbox.list(filter, limit), await outbox.stats()];
    const sum = `${stats.waiting} waiting, ${stats.givenUp} given up`;
    return [...entries.map(line), sum].join('\n');
  },
  async show(outbox, { of }) {
    if (of === undefined) throw new UsageError('Name the order or receipt: outbox show 1001');
    const entries = await outbox.list({ of }, 1000);
    if (entries.length === 0) return `Nothing of ${of} is here: it is delivered, or it never came.`;
    const opened = entries.map(({ profile, data, ...rest }) => ({
      ...rest,
      profile: JSON.parse(profile),
      event: JSON.parse(`{${data}}`),
    }));
    return JSON.stringify(opened, null, 2);
  },
  retry: async (outbox, asked) =>
    `${await outbox.retry(target('retry', asked))} will be sent again.`,
  drop: async (outbox, asked) => `${await outbox.drop(target('drop', asked))} removed.`,
};

function target(name: string, { of, all }: Asked): string | undefined {
  if (of === undefined && !all)
    throw new UsageError(`Name an order or receipt: outbox ${name} 1001`);
  return of;
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        state: { type: 'string' },
        limit: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [name, of] = positionals;
  const action = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new UsageError(`outbox needs list, show, retry or drop.\n\n${help}`);
  const state = STATES.find((each) => each === values.state);
  if (values.state !== undefined && !state) {
    throw new UsageError(`--state must be one of ${STATES.join(', ')}.`);
  }
  const limit = Number(values.limit ?? 50);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be 1 or more.');
  loadEnvFile();
  const database = process.env.DATABASE_URL?.trim() || 'klaviyo-orders.db';
  // SQLite would make an empty one, and that nothing waits in it says nothing.
  if (!database.includes('://') && !existsSync(database)) {
    throw new UsageError(
      `There is no file ${database} here. Run this in the folder of serve, or with its DATABASE_URL.`,
    );
  }
  const { openOutbox } = await import('./index.js');
  const outbox = await openOutbox(database);
  try {
    console.log(await action(outbox, { of, all: values.all ?? false, state, limit }));
  } finally {
    await outbox.close();
  }
}

export const outboxCommand: Command = { summary: 'look after orders that wait', help, run };
