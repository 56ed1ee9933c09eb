import { expect, test } from './support/fixture.js';

// Promise 4. An event is given up only for a named reason, and every one is reported.
for (const bulkDuplicates of ['fail', 'refuse', 'discard'] as const) {
  for (const { others, to } of [
    { others: 9, to: 'one by one' },
    { others: 39, to: 'in bulk' },
  ]) {
    test(`one event that Klaviyo refuses costs none of the ${others} sent with it ${to} (${bulkDuplicates})`, async ({
      page,
      context,
      open,
      sandbox,
      ledger,
    }) => {
      sandbox.configure({ bulkDuplicates });
      await open(page);
      await sandbox.waitFor(() => sandbox.profiles().length === 1);
      sandbox.addFault({ metric: 'Poison', status: 400 });
      await context.setOffline(true);
      await ledger.track(page, others + 1, (n) => (n === 5 ? 'Poison' : 'Viewed Product'));
      await context.setOffline(false);
      await ledger.balance({ dropped: { 5: 'rejected' } });
      const isBulk = sandbox.requests().some(({ events }) => events > 1);
      expect(isBulk).toBe(to === 'in bulk');
    });
  }
}

test('an event that is too large on its own is given up, and no other', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  sandbox.addFault({ metric: 'Huge', status: 413 });
  await ledger.track(page, 2);
  const [huge = 0] = await ledger.track(page, 1, 'Huge');
  await ledger.track(page, 2);
  await ledger.balance({ dropped: { [huge]: 'rejected' } });
});

test('the oldest of too many events are given up as evicted', async ({
  page,
  context,
  open,
  ledger,
}) => {
  await open(page, { options: { maxQueueEvents: 5 } });
  await ledger.track(page, 1);
  await ledger.arrival([1]);
  await context.setOffline(true);
  await ledger.track(page, 8);
  await context.setOffline(false);
  await ledger.balance({ dropped: { 2: 'evicted', 3: 'evicted', 4: 'evicted' } });
});

test('an event older than maxAgeMs is given up as expired', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await page.clock.install();
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 2);
  await page.clock.fastForward(15 * 86_400_000);
  sandbox.configure({ now: () => Date.now() + 15 * 86_400_000 });
  await ledger.track(page, 2);
  // What a flush from before the jump has under way is over.
  await page.evaluate(() => tracker().flush());
  await context.setOffline(false);
  await ledger.balance({ dropped: { 1: 'expired', 2: 'expired' } });
});

test('an event older than staleAfterMs is recorded as backfill, so that it starts no flow', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await page.clock.install();
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 2);
  await page.clock.fastForward(2 * 86_400_000);
  sandbox.configure({ now: () => Date.now() + 2 * 86_400_000 });
  await ledger.track(page, 2);
  // What a flush from before the jump has under way is over.
  await page.evaluate(() => tracker().flush());
  await context.setOffline(false);
  await ledger.balance();
  const backfill = sandbox.events().map((event) => [event.properties.n, event.backfill]);
  expect(Object.fromEntries(backfill)).toEqual({ 1: true, 2: true, 3: false, 4: false });
});

test('what could never be an event is reported as invalid', async ({ page, open, ledger }) => {
  await open(page);
  const answer = await page.evaluate(([n]) => {
    const circular: Record<string, unknown> = { n };
    circular.self = circular;
    return tracker().track('Viewed Product', circular);
  }, ledger.enter(1));
  expect(answer).toBeUndefined();
  await ledger.balance({ dropped: { 1: 'invalid' } });
});
