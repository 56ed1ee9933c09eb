// A disk that is full or read-only, where this machine lets the test have a small one: root, on Linux, that may mount.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { acceptanceOf } from './orders.js';

function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-small-'));
  const args = ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory];
  if (spawnSync('mount', args).status === 0) return directory;
  rmSync(directory, { recursive: true });
  return undefined;
}

const unmount = (directory: string): void => {
  // Lazily: the driver lets go of its file when it is collected.
  execFileSync('umount', ['--lazy', directory]);
  rmSync(directory, { recursive: true });
};

const probe = mountSmallDisk();
if (probe) unmount(probe);
else console.warn('Skipped: a full disk needs root on Linux, and leave to mount a tmpfs.');

describe.skipIf(!probe)('a disk that is full', () => {
  it('takes no order it can’t keep, keeps those it took, and goes on when there is room', async () => {
    const directory = mountSmallDisk()!;
    onTestFinished(() => unmount(directory));
    const filler = join(directory, 'filler');
    writeFileSync(filler, Buffer.alloc(800_000));
    const outbox = await createSqliteOutbox({ path: join(directory, 'orders.db') });
    onTestFinished(() => outbox.close());
    const accepted: string[] = [];
    let refused: unknown;
    for (let id = 0; id < 3000 && !refused; id += 1) {
      try {
        const [answer] = await outbox.accept([acceptanceOf(`${id}`)]);
        if (answer?.kind === 'accepted') accepted.push(`${id}`);
      } catch (error) {
        refused = error;
      }
    }
    expect(String((refused as { code?: string })?.code)).toMatch(/^SQLITE_(FULL|IOERR)/);
    expect(accepted.length).toBeGreaterThan(10);
    expect((await outbox.stats()).waiting).toBe(accepted.length * 3);
    rmSync(filler);
    const [later] = await outbox.accept([acceptanceOf('later')]);
    expect(later?.kind).toBe('accepted');
    const orders = new Set((await outbox.list({}, 10_000)).map(({ orderId }) => orderId));
    expect(orders).toEqual(new Set([...accepted, 'later']));
  });
});

describe.skipIf(!probe)('a disk that is read-only', () => {
  it('is said to be so, with an old file and without one', async () => {
    const directory = mountSmallDisk()!;
    onTestFinished(() => unmount(directory));
    const outbox = await createSqliteOutbox({ path: join(directory, 'orders.db') });
    await outbox.accept([acceptanceOf('1001')]);
    await outbox.close();
    const view = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-view-'));
    execFileSync('mount', ['--bind', directory, view]);
    onTestFinished(() => unmount(view));
    execFileSync('mount', ['-o', 'remount,bind,ro', view]);
    for (const name of ['orders.db', 'new.db']) {
      await expect(createSqliteOutbox({ path: join(view, name) })).rejects.toThrow(
        /DATABASE_URL.*may this user write there/,
      );
    }
  });
});
