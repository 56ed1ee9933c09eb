import type { Page } from '@playwright/test';
import { expect, test } from './support/fixture.js';

// Promise 5. One flusher per origin however many tabs; a pause asked for by Klaviyo, and our own backoff,
// hold across navigations and tabs.
for (const count of [2, 4]) {
  test(`${count} tabs never have requests under way at the same time`, async ({
    context,
    shop,
    sandbox,
    open,
    ledger,
  }) => {
    const { apiHost, forwarded } = shop.firstParty(sandbox.url);
    const tabs: Page[] = [];
    for (let index = 0; index < count; index++) {
      const tab = await context.newPage();
      await open(tab, { path: `/tab-${index}`, options: { apiHost } });
      tabs.push(tab);
    }
    sandbox.addFault({ delayMs: 40 });
    for (let round = 0; round < 4; round++) {
      await Promise.all(tabs.map((tab) => ledger.track(tab, 3)));
    }
    expect(await ledger.balance()).toEqual({ copies: 0 });
    const overlaps = forwarded.flatMap((one) =>
      forwarded.filter(
        (other) =>
          other.from !== one.from && other.startAt >= one.startAt && other.startAt < one.endAt,
      ),
    );
    expect(overlaps).toEqual([]);
    expect(new Set(forwarded.map(({ from }) => from)).size).toBe(count);
  });
}

test('a tab sends what a tab that is gone has left', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  const other = await context.newPage();
  await open(other);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ reset: 'before' });
  await ledger.track(other, 5);
  await other.close();
  sandbox.clearFaults();
  await ledger.track(page, 1);
  await ledger.balance();
});

for (const exposeRetryAfter of [true, false]) {
  const read = exposeRetryAfter ? 'read from its header' : "read from the answer's body";
  test(`nobody asks again before a Retry-After is over, ${read}, on the next page or in another tab`, async ({
    page,
    context,
    open,
    sandbox,
    ledger,
    watch,
  }) => {
    await open(page);
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    sandbox.addFault({ status: 429, retryAfterSeconds: 2, times: 1, exposeRetryAfter });
    await ledger.track(page, 1);
    await expect.poll(() => watch.paused.length).toBe(1);
    await open(page, { path: '/cart' });
    await ledger.track(page, 2);
    const other = await context.newPage();
    await open(other, { path: '/checkout' });
    await ledger.track(other, 2);
    expect(await ledger.balance()).toEqual({ copies: 0 });
    const [, refused, ...later] = sandbox.requests();
    expect(refused?.status).toBe(429);
    expect(Math.min(...later.map(({ at }) => at)) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(
      2000,
    );
  });
}

test('our own backoff holds on the next page', async ({ page, open, sandbox, ledger, watch }) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ status: 503, times: 1 });
  await ledger.track(page, 1);
  await expect.poll(() => watch.paused.length).toBe(1);
  await page.reload();
  await ledger.track(page, 2);
  await ledger.balance();
  const after = sandbox.requests().slice(2);
  expect(Math.min(...after.map(({ at }) => at))).toBeGreaterThanOrEqual(
    watch.paused[0]?.untilAt ?? 0,
  );
});
