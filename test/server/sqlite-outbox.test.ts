import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
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

  it('refuses the tables of a newer version, and takes those from before there were versions', async () => {
    const one = await open();
    await one.accept([acceptanceOf('1001')]);
    const admin = new Database(path);
    onTestFinished(() => void admin.close());
    admin.exec('update klaviyo_schema set version = 99');
    await expect(createSqliteOutbox({ path })).rejects.toThrow(/newer.*version 99/);
    admin.exec('drop table klaviyo_schema');
    expect((await (await reopen()).stats()).waiting).toBe(3);
    expect(admin.prepare('select version from klaviyo_schema').all()).toEqual([{ version: 1 }]);
  });

  it('waits for another program that is writing, and then says that it is locked', async () => {
    const outbox = await open();
    const other = new Database(path);
    onTestFinished(() => void other.close());
    other.exec('begin immediate');
    const patient = outbox.accept([acceptanceOf('1001')]);
    await new Promise((resolve) => setImmediate(resolve));
    other.exec('commit');
    expect((await patient)[0]?.kind).toBe('accepted');
    other.exec('begin immediate');
    await expect(outbox.accept([acceptanceOf('1002')])).rejects.toMatchObject({
      code: 'SQLITE_BUSY',
    });
    other.exec('commit');
    const [later] = await outbox.accept([acceptanceOf('1002')]);
    expect(later?.kind).toBe('accepted');
  });

  it.each([
    ['no database', (file: string) => writeFileSync(file, 'orders, lots of them'.repeat(100))],
    ['a folder', (file: string) => mkdirSync(file)],
  ])('says so when the file is %s', async (_, make) => {
    const directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-outbox-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    make(join(directory, 'orders.db'));
    await expect(createSqliteOutbox({ path: join(directory, 'orders.db') })).rejects.toThrow(
      /DATABASE_URL.*cannot be opened.*SQLite/,
    );
  });

  it('says so when the file can’t be opened', async () => {
    await expect(createSqliteOutbox({ path: '/no/such/folder/orders.db' })).rejects.toThrow(
      /DATABASE_URL.*cannot be opened.*folder/,
    );
  });
});
