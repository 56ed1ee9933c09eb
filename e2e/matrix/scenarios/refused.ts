// Klaviyo refuses, or the way to it is barred.
import type { DropReason } from 'klaviyo-storefront';
import type { Fault } from 'klaviyo-storefront/sandbox';
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { email, fastNow, hasPause, holdTo, speedUp, visitKnown, type World } from '../world.js';

/** Options of a page on which nothing goes out until it is told to. */
const patient = { flushIntervalMs: 600_000, flushAt: 10_000 };

const asDropped = (numbers: number[]): Record<number, DropReason> =>
  Object.fromEntries(numbers.map((n) => [n, 'rejected']));

/** What keeps everybody out until somebody mends it: a pause of a quarter of an hour. */
const bars: Record<string, { item: number; what: string; fault?: Fault }> = {
  '403-challenge': {
    item: 19,
    what: '403 with an HTML challenge, for a while',
    fault: { html: true },
  },
  '401-mended': { item: 20, what: '401, later mended', fault: { status: 401 } },
  'wrong-key': { item: 20, what: 'a company id that does not exist, later mended' },
};

export const refused = defineScenarios([
  ...[1, 3].map((many) => ({
    name: `poison-${many}`,
    item: 16,
    what: `${many} poisoned of a batch`,
    counts: [40, 600],
    run: async (world: World) => {
      world.defaults = { options: patient };
      const tab = await world.visit();
      world.sandbox.addFault({ metric: 'Poison', status: 400 });
      await world.track(tab, world.count / 2);
      const poisoned = await world.track(tab, many, 'Poison');
      await world.track(tab, world.count / 2);
      await tab.evaluate(() => void tracker().flush());
      // Refused as a whole, then one by one.
      return {
        bound: 1 + 1 + world.count + many + 5,
        dropped: asDropped(poisoned),
        timeoutMs: 150_000,
      };
    },
  })),
  {
    name: 'always-500',
    item: 16,
    what: 'an event that always breaks the server, in a batch; then other events, and another page',
    counts: [40],
    run: async (world) => {
      const { sandbox } = world;
      // Five attempts together, and one in pieces, take minutes.
      speedUp(world, 60);
      const tab = await visitKnown(world);
      const fault = sandbox.addFault({ metric: 'Breaker', status: 500 });
      await world.track(tab, world.count / 2);
      const [breaker] = await world.track(tab, 1, 'Breaker');
      await world.track(tab, world.count / 2);
      const others = () => world.entered.filter((n) => n !== breaker);
      await world.arrival(others(), 60_000);
      // It has failed often by now, and nothing waits for it.
      await world.track(tab, 1);
      await tab.evaluate(() => tracker().flush());
      await world.goto(tab, { path: '/cart' });
      await tab.evaluate(() => void tracker().identify({ firstName: 'Ada' }));
      await world.track(tab, 1);
      await tab.evaluate(() => tracker().flush());
      await world.arrival(others());
      const asked = sandbox.requests().filter(({ faultId }) => faultId === fault).length;
      // The server is mended: it arrives as well.
      sandbox.clearFaults();
      return { bound: asked + 1 + world.count + 1 + 1 + 3, timeoutMs: 60_000 };
    },
  },
  {
    name: 'poisoned-profile',
    item: 17,
    what: 'Klaviyo does not take a visitor, and does not say what about them',
    run: async (world) => {
      world.defaults = { options: patient };
      const tab = await world.visit({ isKnown: false });
      // Klaviyo knows which numbers are assigned; the sandbox knows their shape only.
      const detail = 'Invalid phone number.';
      const fault = world.sandbox.addFault({ status: 400, detail });
      await tab.evaluate(() => void tracker().identify({ phoneNumber: '+15005550001' }));
      const poisoned = await world.track(tab);
      await tab.evaluate(() => void tracker().flush());
      await until('the refusal', () => world.site.dropped.length > world.count);
      world.sandbox.clearFaults();
      const asked = world.sandbox.requests().filter(({ faultId }) => faultId === fault).length;
      await tab.evaluate((address) => void tracker().identify({ email: address }), email);
      await world.track(tab);
      await tab.evaluate(() => void tracker().flush());
      return { bound: asked + 1 + 42, dropped: asDropped(poisoned), reports: { rejected: 1 } };
    },
  },
  {
    name: 'refused-phone',
    item: 17,
    what: 'Klaviyo does not take a phone number: it alone is given up, on later pages too',
    counts: [1, 40],
    run: async (world) => {
      world.defaults = { options: patient };
      const tab = await world.visit({ isKnown: false });
      const phoneNumber = '+15005550001';
      const identify = () =>
        tab.evaluate((who) => void tracker().identify(who), { email, phoneNumber });
      const pointer = '/data/attributes/phone_number';
      world.sandbox.addFault({ endpoint: 'profiles', status: 400, pointer, times: 1 });
      await identify();
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.arrival(world.entered);
      // The theme says so on every page.
      await world.goto(tab, { path: '/next' });
      await identify();
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.arrival(world.entered);
      const [first] = world.sandbox.requests();
      if (first?.status !== 400) throw new Error('the number was not refused');
      const profiles = world.sandbox.profiles();
      const found = profiles.map((profile) => `${profile.email} ${profile.phoneNumber}`);
      if (`${found}` !== `${email} undefined`) throw new Error(`profiles: ${found}`);
      // Said twice, and its events on two pages.
      return { bound: 2 + 2 };
    },
  },
  {
    name: '413',
    item: 18,
    what: '413 for a batch, twice, then for one event',
    counts: [40, 600],
    run: async (world) => {
      world.defaults = { options: patient };
      const tab = await visitKnown(world);
      world.sandbox.addFault({ endpoint: 'event-bulk-create', status: 413, times: 2 });
      world.sandbox.addFault({ endpoint: 'events', metric: 'Too Large', status: 413 });
      await world.track(tab);
      await tab.evaluate(() => void tracker().flush());
      // Tracked earlier it would be one of the batch.
      const isRefused = () => world.sandbox.requests().some(({ status }) => status === 413);
      await until('a batch that is refused', isRefused);
      const large = await world.track(tab, 1, 'Too Large');
      await tab.evaluate(() => void tracker().flush());
      const pieces = world.count === 40 ? 2 + 20 + 10 + 10 : 2 + 3;
      return { bound: 1 + pieces + 1, dropped: asDropped(large) };
    },
  },
  ...Object.entries(bars).map(([name, { fault, ...rest }]) => ({
    name,
    ...rest,
    counts: [1, 40],
    run: async (world: World) => {
      const { sandbox } = world;
      // A quarter of an hour in 15 s, within which another page has to load.
      speedUp(world, 60);
      const tab = await visitKnown(world);
      if (fault) sandbox.addFault(fault);
      else sandbox.configure({ companies: ['Other1'] });
      await world.track(tab);
      const isBarred = () => sandbox.requests().filter(({ status }) => status !== 202).length > 0;
      await until('the bar', isBarred);
      // A page that is gone before it has the answer tells nobody.
      await until('the page to have heard of it', () => hasPause(tab));
      await world.goto(tab, { path: '/cart' });
      await world.track(tab, 1);
      await tab.evaluate(() => tracker().flush());
      const flushedAt = fastNow(world);
      sandbox.clearFaults();
      sandbox.configure({ companies: ['AbC123'] });
      await world.arrival(world.entered, 60_000);
      const untilAt = (refusedAt: number): number => {
        const end = refusedAt + 900_000;
        if (flushedAt > end) throw new Error('the pause was over before the next page flushed');
        return end;
      };
      holdTo(world, untilAt, (status) => status !== 202);
      return { bound: 1 + 1 + 2 };
    },
  })),
  {
    name: 'wrong-cors',
    item: 21,
    what: 'two answers without CORS headers: processed, and the page sees a network error',
    counts: [1, 40, 600],
    run: async (world) => {
      const tab = await visitKnown(world);
      world.sandbox.addFault({ withoutCors: true, times: 2 });
      await world.track(tab);
      return { bound: 1 + 2 + (world.count < 24 ? 1 : 2) + 1 };
    },
  },
  {
    name: 'host-blocked',
    item: 22,
    what: "the API's host is blocked by name; the next page has a path of its own",
    counts: [1, 40, 600],
    run: async (world) => {
      const tab = await world.visit({ options: { apiHost: 'http://klaviyo.invalid' } });
      await world.track(tab);
      await tab.evaluate(() => void tracker().flush());
      if (world.sandbox.requests().length > 0) throw new Error('asked although it is blocked');
      await world.goto(tab, { path: '/cart' });
      return { bound: 1 + (world.count < 24 ? 1 : 3) };
    },
  },
]);
