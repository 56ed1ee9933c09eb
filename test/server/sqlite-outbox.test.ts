import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outbox } from '../../src/server/outbox.js';
import type { OutboxOptions } from '../../src/server/sql-outbox.js';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { acceptanceOf } from './orders.js';
import { outboxContract } from './outbox-contract.js';

let path = '';

async function reopen(options: OutboxOptions = {}): Promise<Outbox> {
  const outbox = await createSqliteOutbox({ path, ...options });
  onTestFinished(() => outbox.close());
  return outbox;
}

async function open(options?: OutboxOptions): Promise<Outbox> {
  const directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-outbox-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  path = join(directory, 'orders.db');
  return reopen(options);
}

describe('an SQLite outbox', () => {
  outboxContract(open, reopen);

  it('is there again when the file is opened again', async () => {
    const one = await open();
    await one.accept([acceptanceOf('1001')]);
    await one.close();
    const two = await reopen();
    expect((await two.stats()).waiting).toBe(3);
  });

  it('says so when the file can’t be opened', async () => {
    await expect(createSqliteOutbox({ path: '/no/such/folder/orders.db' })).rejects.toThrow(
      /DATABASE_URL.*cannot be opened.*folder/,
    );
  });
});
