import { expect, test } from './support/fixture.js';

test('events tracked offline arrive when the connection is back', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 5);
  await page.evaluate(() => tracker().flush());
  expect(await page.evaluate(async () => (await tracker().inspect()).pause?.reason)).toBe(
    'network',
  );
  await context.setOffline(false);
  expect(await ledger.balance()).toEqual({ copies: 0 });
});

test('1000 offline events arrive in at most 2 requests', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 1000);
  await context.setOffline(false);
  expect(await ledger.balance()).toEqual({ copies: 0 });
  const requests = sandbox.requests().filter(({ endpoint }) => endpoint !== 'profiles');
  expect(requests.length).toBeLessThanOrEqual(2);
  // A slow machine tries the first one before the network is back; then it comes last.
  const [, ...others] = Array.from({ length: 1000 }, (_, index) => index + 1);
  const order = sandbox.events().map(({ properties }) => properties.n);
  expect(order.filter((n) => n !== 1)).toEqual(others);
});

test('1000 events tracked one after another while offline arrive in at most 2 requests', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
  watch,
}) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  // A flush that has just delivered something would not believe that the browser is offline.
  await page.evaluate(() => tracker().flush());
  await context.setOffline(true);
  await ledger.track(page, 20);
  await expect.poll(() => watch.paused.length).toBeGreaterThan(0);
  for (let at = 20; at < 1000; at += 140) await ledger.track(page, 140);
  await context.setOffline(false);
  expect(await ledger.balance()).toEqual({ copies: 0 });
  const requests = sandbox.requests().filter(({ endpoint }) => endpoint !== 'profiles');
  expect(requests.length).toBeLessThanOrEqual(2);
});

for (const status of [500, 503, 520]) {
  test(`events outlive two answers of ${status}`, async ({ page, open, sandbox, ledger }) => {
    await open(page);
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    sandbox.addFault({ status, times: 2 });
    await ledger.track(page, 1);
    await ledger.balance({ timeoutMs: 15_000 });
    expect(sandbox.requests().map((request) => request.status)).toEqual([202, status, status, 202]);
  });
}

test('a request that is never answered is given up after requestTimeoutMs and sent again', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  // The page's own clock: a slow machine answers late, and that must not look like no answer.
  await page.clock.install();
  await open(page, { options: { requestTimeoutMs: 60_000 } });
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ hang: true, times: 1 });
  await ledger.track(page, 1);
  await sandbox.waitFor(() => sandbox.requests().length === 2);
  await page.clock.fastForward(61_000);
  await ledger.balance();
  expect(sandbox.requests().map(({ status }) => status)).toEqual([202, 'hang', 202]);
});

test('an answer whose body never ends counts by its status', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await page.clock.install();
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ slowBodyMs: 600_000 });
  await ledger.track(page, 3);
  const left = () => page.evaluate(async () => (await tracker().inspect()).queue.length);
  await expect.poll(left).toBe(0);
  // Long past requestTimeoutMs: nothing is sent again.
  await page.clock.fastForward(60_000);
  expect(await ledger.balance()).toEqual({ copies: 0 });
});

for (const { fault, what } of [
  { fault: { status: 401 }, what: '401' },
  { fault: { status: 403, html: true }, what: '403 with a challenge page' },
  { fault: { status: 410 }, what: '410' },
]) {
  test(`a ${what} stops sending for long, keeps the queue and warns once`, async ({
    page,
    open,
    sandbox,
    ledger,
    watch,
  }) => {
    await page.clock.install();
    await open(page);
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    sandbox.addFault(fault);
    await ledger.track(page, 3);
    await expect.poll(() => watch.flushed.at(-1)?.remaining).toBe(3);
    const asked = sandbox.requests().length;

    // Neither more events, nor a flush by hand, nor another page makes it ask again.
    await ledger.track(page, 3);
    await page.evaluate(() => tracker().flush());
    await open(page, { path: '/cart' });
    await ledger.track(page, 3);
    await page.evaluate(() => tracker().flush());
    const { pause, queue, now } = await page.evaluate(async () => ({
      ...(await tracker().inspect()),
      now: Date.now(),
    }));
    expect(pause?.reason).toBe('denied');
    expect((pause?.untilAt ?? 0) - now).toBeGreaterThan(600_000);
    expect(queue).toHaveLength(9);
    expect(sandbox.requests()).toHaveLength(asked);
    const [warning] = watch.warnings.splice(0, 1);
    expect(warning).toContain(`${fault.status}`);

    sandbox.clearFaults();
    await page.clock.fastForward(1_300_000);
    await ledger.balance();
  });
}

test('a batch that is too large is sent in two halves', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 60);
  sandbox.addFault({ endpoint: 'event-bulk-create', status: 413, times: 1 });
  await context.setOffline(false);
  expect(await ledger.balance()).toEqual({ copies: 0 });
  const bulk = sandbox.requests().filter(({ events }) => events > 1);
  const [whole = 0] = bulk.map(({ events }) => events);
  // A slow machine tries one event before the network is back, and that one can join no bulk request.
  expect(whole).toBeGreaterThanOrEqual(59);
  expect(bulk.map(({ events, status }) => [events, status])).toEqual([
    [whole, 413],
    [Math.ceil(whole / 2), 202],
    [Math.floor(whole / 2), 202],
  ]);
  expect(sandbox.requests().filter(({ events }) => events === 1)).toHaveLength(60 - whole);
});
