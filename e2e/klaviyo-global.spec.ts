import { expect, test } from './support/fixture.js';

test('calls in every form that klaviyo.js knows arrive', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false });
  const answers = await page.evaluate(async (numbers) => {
    const { klaviyo } = window;
    const [a, b, c, d, e] = numbers.map((n) => ({ n }));
    const called = (run: (callback: (result: unknown) => void) => void) => new Promise(run);
    return [
      await klaviyo.isIdentified?.(),
      await called((callback) => klaviyo.identify?.({ $email: 'ada@shop.example' }, callback)),
      await klaviyo.track?.('Viewed Product', a),
      await called((callback) => klaviyo.track?.('Viewed Product', b, callback)),
      await called((callback) => klaviyo.push?.(['track', 'Viewed Product', c, callback])),
      await called((callback) => window._learnq.push(['track', 'Viewed Product', d, callback])),
      await called((callback) => window._klOnsite.push(['track', 'Viewed Product', e, callback])),
      await called((callback) => klaviyo.isIdentified?.(callback)),
      await klaviyo.account?.(),
      await klaviyo.openForm?.('form'),
    ];
  }, ledger.enter(5));
  expect(answers).toEqual([
    false,
    { $email: 'ada@shop.example' },
    ...[true, true, true, true, true],
    true,
    'AbC123',
    undefined,
  ]);
  await ledger.balance();
  expect(sandbox.profiles().map(({ email }) => email)).toEqual(['ada@shop.example']);
});

test('calls recorded before the script came are carried out, the visitor first', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  ledger.enter(3);
  await page.addInitScript(() => {
    Object.assign(window, {
      _learnq: [
        ['track', 'Viewed Product', { n: 1 }],
        ['identify', { $email: 'ada@shop.example', $first_name: 'Ada', Plan: 'gold' }],
      ],
      _klOnsite: [['track', 'Viewed Product', { n: 2 }]],
      klaviyo: [['track', 'Viewed Product', { n: 3 }]],
    });
  });
  await open(page, { isKnown: false });
  await ledger.balance();
  expect(sandbox.requests()[0]?.endpoint).toBe('profiles');
  expect(sandbox.profiles()).toHaveLength(1);
  expect(sandbox.profiles()[0]).toMatchObject({
    email: 'ada@shop.example',
    attributes: { first_name: 'Ada' },
    properties: { Plan: 'gold' },
  });
});

test('$-keys become what Klaviyo calls them', async ({ page, open, sandbox, ledger }) => {
  await open(page, { isKnown: false });
  await page.evaluate(async ([n]) => {
    await window.klaviyo.identify?.({
      $id: 'customer-1',
      $phone_number: '+4930123456',
      $last_name: 'Lovelace',
      $city: 'London',
      $zip: 12345,
      $append: { Sizes: 'L' },
    });
    await window.klaviyo.track?.('Added to Cart', { n, $value: '12.50', $event_id: 'cart-1' });
  }, ledger.enter(1));
  await ledger.balance();
  expect(sandbox.profiles()[0]).toMatchObject({
    externalId: 'customer-1',
    phoneNumber: '+4930123456',
    attributes: { last_name: 'Lovelace', location: { city: 'London', zip: '12345' } },
    properties: { Sizes: ['L'] },
  });
  expect(sandbox.events()[0]).toMatchObject({
    uniqueId: 'cart-1',
    value: 12.5,
    properties: { n: 1 },
  });
});

test('the same $event_id on two pages is recorded once', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  const [n] = ledger.enter(1);
  for (const path of ['/thanks', '/thanks-again']) {
    await open(page, { path });
    await page.evaluate(
      (number) => window.klaviyo.track?.('Placed Order', { n: number, $event_id: 'order-1' }),
      n,
    );
    await sandbox.waitFor(() => sandbox.events().length === 1);
  }
  await ledger.balance();
});

test('viewed items are remembered on the profile, the most viewed first', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  const item = (ItemId: number) => ({ Title: `Item ${ItemId}`, ItemId, Metadata: { Price: 5 } });
  for (const viewed of [item(1), item(2), item(2)]) {
    await page.evaluate((one) => window.klaviyo.trackViewedItem?.(one), viewed);
  }
  await ledger.track(page, 1);
  await ledger.balance();
  const items = sandbox.profiles()[0]?.properties.$viewed_items as {
    ItemId: number;
    Views: number;
  }[];
  expect(items.map(({ ItemId, Views }) => [ItemId, Views])).toEqual([
    [2, 2],
    [1, 1],
  ]);
});
