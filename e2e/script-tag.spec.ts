import { expect, test } from './support/fixture.js';

// Every page of the test shop has a strict CSP (no inline script, Trusted Types, connect-src only the API
// host) and loads the script by its SRI hash; what is here is about the stub and the tag itself.
test('calls made before the script is there, and after, are carried out in order', async ({
  page,
  shop,
  sandbox,
  ledger,
}) => {
  let letThrough: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route('**/script.js', async (route) => {
    await wait;
    await route.continue();
  });
  await page.goto(shop.url(sandbox.url, { stub: true }), { waitUntil: 'domcontentloaded' });
  const [first, second, third] = ledger.enter(3);
  await page.evaluate(
    ([one, two]) => {
      // As themes do it: the event first, then who it is.
      void window.klaviyo.track?.('Viewed Product', { n: one });
      window.klaviyo.push?.(['track', 'Viewed Product', { n: two }] as never);
      void window.klaviyo.identify?.({ $email: 'ada@shop.example' });
    },
    [first, second],
  );
  expect(sandbox.requests()).toEqual([]);
  letThrough();
  await page.waitForFunction(() => window.klaviyo.client);
  await page.evaluate((n) => window.klaviyo.track?.('Viewed Product', { n }), third);
  await ledger.balance();
  const [endpoint] = sandbox.requests().map((request) => request.endpoint);
  expect(endpoint).toBe('profiles');
});

test('a call to the stub is answered by the script', async ({ page, shop, sandbox, ledger }) => {
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const answers: unknown[] = [];
      Object.assign(window, { answers });
      void window.klaviyo.identify?.({ $email: 'ada@shop.example' });
      void window.klaviyo.isIdentified?.((is: unknown) => answers.push(is));
      void window.klaviyo.track?.('Viewed Product', { n: 1 }).then((kept) => answers.push(kept));
    });
  });
  ledger.enter(1);
  await page.goto(shop.url(sandbox.url, { stub: true }));
  await page.waitForFunction(
    () => (window as unknown as { answers: unknown[] }).answers.length > 1,
  );
  const answers = await page.evaluate(() => (window as unknown as { answers: unknown[] }).answers);
  expect(answers).toEqual([true, true]);
  await ledger.balance();
});

test('what was called before the script is there arrives although the page is left as soon as it is', async ({
  page,
  shop,
  sandbox,
  ledger,
}) => {
  const numbers = ledger.enter(3);
  await page.addInitScript(
    ([list, elsewhere]) => {
      if (location.href.startsWith(elsewhere)) return;
      // A page with so much to do that it is gone before its next timer.
      const later = setTimeout;
      Object.assign(window, {
        setTimeout: (task: () => void, ms = 0) => later(task, ms + 60_000),
      });
      addEventListener('DOMContentLoaded', () => {
        for (const n of list) void window.klaviyo.track?.('Added to Cart', { n });
        void window.klaviyo.identify?.({ $email: 'ada@shop.example' });
      });
      const leave = ({ target }: Event) => {
        if ((target as HTMLScriptElement).src?.includes('script.js')) location.assign(elsewhere);
      };
      document.addEventListener('load', leave, true);
    },
    [numbers, shop.elsewhere] as const,
  );
  await page.goto(shop.url(sandbox.url, { stub: true }), { waitUntil: 'commit' });
  await page.waitForURL(`${shop.elsewhere}**`);
  await ledger.balance();
});

// Nobody sees them, but a page that throws pays for it wherever developer tools or Lighthouse look on: the
// first exception there takes longer than all else that the tracker does.
test('nothing is thrown while a visitor looks at a product and buys', async ({
  page,
  shop,
  sandbox,
  ledger,
}) => {
  const devtools = await page.context().newCDPSession(page);
  const thrown: string[] = [];
  devtools.on('Debugger.paused', ({ data, callFrames }) => {
    thrown.push(`${data?.description} at ${callFrames[0]?.url}`);
    void devtools.send('Debugger.resume');
  });
  await devtools.send('Debugger.enable');
  await devtools.send('Debugger.setPauseOnExceptions', { state: 'all' });
  // A first visit, and one to whom all is known.
  for (const visit of [1, 2]) {
    await page.goto(shop.url(sandbox.url, { stub: true }));
    await page.waitForFunction(() => window.klaviyo.client);
    const [n] = ledger.enter(1);
    await page.evaluate(
      async ([number, name]) => {
        void window.klaviyo.identify?.({ $email: 'ada@shop.example', $first_name: name });
        void window.klaviyo.identify?.({ Flavour: name });
        void window.klaviyo.trackViewedItem?.({ ItemId: `${name}` });
        await window.klaviyo.track?.('Viewed Product', { n: number });
        await window.klaviyo.client.flush();
      },
      [n, `Ada ${visit}`] as const,
    );
  }
  await ledger.balance();
  expect(thrown).toEqual([]);
});

test('a page that waits for an answer goes on when the script never comes', async ({
  page,
  shop,
  sandbox,
}) => {
  await page.clock.install();
  await page.route('**/script.js', (route) => route.abort());
  await page.goto(shop.url(sandbox.url, { stub: true }));
  const answer = page.evaluate(() => window.klaviyo.track?.('Added to Cart').then(() => 'went on'));
  await page.clock.runFor(5000);
  expect(await answer).toBe('went on');
});

test("klaviyo.js on the page keeps its names when ours has another's", async ({
  page,
  open,
  ledger,
}) => {
  await page.addInitScript(() => {
    const klaviyo = { identify: () => 'theirs', track: () => 'theirs' };
    const _learnq = [['track', 'Theirs']];
    Object.assign(window, { klaviyo, _learnq, theirs: [klaviyo, _learnq] });
    globalThis.tracker = () => window.shopEvents.client as ReturnType<typeof tracker>;
  });
  await open(page, { attributes: { 'data-global': 'shopEvents' } });
  await ledger.track(page, 1);
  const untouched = await page.evaluate(() => {
    const [klaviyo, _learnq] = (window as unknown as { theirs: unknown[] }).theirs;
    const isSame = window.klaviyo === klaviyo && (window._learnq as unknown) === _learnq;
    return isSame && window.klaviyo.track?.() === ('theirs' as unknown) && JSON.stringify(_learnq);
  });
  expect(untouched).toBe('[["track","Theirs"]]');
  await ledger.balance();
});

test('a private key on the page is refused loudly, and calls are answered still', async ({
  page,
  open,
  sandbox,
  watch,
}) => {
  const companyId = 'pk_0123456789abcdef0123456789abcdef01';
  await open(page, { isKnown: false, options: { companyId } });
  expect(watch.errors).toHaveLength(1);
  expect(watch.errors.splice(0)[0]).toMatch(/private key/);
  const answer = await page.evaluate(() => window.klaviyo.track?.('Added to Cart'));
  expect(answer).toBe(false);
  expect(sandbox.requests()).toEqual([]);
});

test('requests go by a first-party path of the shop', async ({
  page,
  shop,
  sandbox,
  open,
  ledger,
}) => {
  const { apiHost, forwarded } = shop.firstParty(sandbox.url);
  await open(page, { options: { apiHost } });
  await ledger.track(page, 2);
  await ledger.balance();
  expect(forwarded).toHaveLength(3);
});
