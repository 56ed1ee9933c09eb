import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { UsageError } from '../../src/server/command.js';
import { outboxCommand } from '../../src/server/outbox-command.js';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { acceptanceOf } from './orders.js';

/** A store with one order that was given up and one that waits, and the command on it. */
async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-command-'));
  const path = join(directory, 'orders.db');
  const outbox = await createSqliteOutbox({ path });
  onTestFinished(async () => {
    await outbox.close();
    rmSync(directory, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });
  await outbox.accept([acceptanceOf('1001'), acceptanceOf('1002')]);
  const wish = { singles: 1, bulk: false, batchFrom: 100, leaseMs: 1000, now: Date.now() };
  const claim = await outbox.claim(wish);
  await outbox.giveUp(claim!, claim!.entries[0]!, '400: Invalid email.');
  vi.stubEnv('DATABASE_URL', path);
  return async (...args: string[]) => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await outboxCommand.run(args);
    return String(said.mock.calls.at(-1)?.[0]);
  };
}

describe('klaviyo-storefront outbox', () => {
  it('lists what is not delivered, without personal data', async () => {
    const run = await start();
    const list = await run('list');
    expect(list).toMatch(/given-up {2}Placed Order +1001 .*\n +400: Invalid email\./);
    expect(list).toMatch(/waiting +Placed Order +1002/);
    expect(list).toMatch(/3 waiting, 3 given up$/);
    expect(list.toLowerCase()).not.toContain('ada@');
    expect(await run('list', '--state', 'waiting')).not.toContain('1001');
    expect((await run('list', '--limit', '1')).split('\n')).toHaveLength(3);
  });

  it('shows everything of one order', async () => {
    const run = await start();
    const [whole] = JSON.parse(await run('show', '1001'));
    expect(whole).toMatchObject({
      ...{ orderId: '1001', state: 'given-up', reason: '400: Invalid email.' },
      profile: { data: { attributes: { email: 'ada@shop.test-mail.net' } } },
      event: { unique_id: '1001', value: 43.5 },
    });
    expect(await run('show', '1003')).toContain('Nothing of 1003');
  });

  it('sends again and drops what is named, or all', async () => {
    const run = await start();
    expect(await run('retry', '1001')).toBe('3 will be sent again.');
    expect(await run('list')).toMatch(/6 waiting, 0 given up$/);
    expect(await run('drop', '--all')).toBe('0 removed.');
  });

  it('says so where there is no store, and makes none', async () => {
    const run = await start();
    const elsewhere = join(tmpdir(), `klaviyo-storefront-nowhere-${process.pid}.db`);
    vi.stubEnv('DATABASE_URL', elsewhere);
    await expect(run('list')).rejects.toThrow(UsageError);
    await expect(run('list')).rejects.toThrow(/no file .* Run this in the folder of serve/);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it.each([
    [[], /needs list, show, retry or drop/],
    [['empty'], /needs list/],
    [['show'], /Name the order/],
    [['retry'], /Name an order/],
    [['drop'], /Name an order/],
    [['list', '--state', 'lost'], /--state must be/],
    [['list', '--limit', 'many'], /--limit must be/],
    [['list', '--every'], /Unknown option/],
  ])('explains a mistake in %j', async (args, message) => {
    const run = await start();
    await expect(run(...args)).rejects.toThrow(message);
    await expect(run(...args)).rejects.toBeInstanceOf(UsageError);
  });
});
