// Pages that are left in the task of their event, fifty times each.
import { type Tab, until } from '../driver.js';
import { defineScenarios, type Expected } from '../scenario.js';
import { pathOf } from '../site.js';
import { start, visitKnown, type World } from '../world.js';

const times = 50;

/** One by one they go: Chromium ends a page that does not get its turn soon after it is left. */
const alone = { isAlone: true, isAboutBulk: false, shortCount: 10 };

interface Leaving {
  n: number;
  elsewhere: string;
  /** Of a visitor who says in the same task who they are. */
  email?: string;
}

const ways = {
  navigate: ({ n, elsewhere, email }: Leaving) => {
    if (email) void tracker().identify({ email });
    void tracker().track('Added to Cart', { n });
    location.assign(elsewhere);
  },
  assign: ({ n, elsewhere, email }: Leaving) => {
    if (email) void tracker().identify({ email });
    location.assign(elsewhere);
    void tracker().track('Added to Cart', { n });
  },
  submit: ({ n, elsewhere, email }: Leaving) => {
    const form = document.querySelector('form')!;
    form.action = elsewhere;
    form.addEventListener('submit', () => {
      if (email) void tracker().identify({ email });
      void tracker().track('Added to Cart', { n });
    });
    form.requestSubmit();
  },
  close: ({ n, email }: Leaving) => {
    if (email) void tracker().identify({ email });
    void tracker().track('Added to Cart', { n });
    window.close();
  },
};
type Way = keyof typeof ways;

/** Leaves the tab's page and waits until that has happened. */
async function leave(world: World, tab: Tab, way: Way, leaving: Leaving): Promise<void> {
  const browser = await world.browser();
  const left = world.site.left();
  const open = way === 'close' ? await browser.count() : 0;
  await start(tab, ways[way], leaving);
  await until('the page to be left', async () =>
    way === 'close' ? (await browser.count()) < open : world.site.left() > left,
  );
}

/** The same visitor every time. What has not arrived at once goes out on a later page. */
const returning =
  (way: Way) =>
  async (world: World): Promise<Expected> => {
    const tab = await visitKnown(world);
    for (const n of world.enter()) {
      const leaving = { n, elsewhere: world.site.elsewhere() };
      if (way !== 'close') {
        await leave(world, tab, way, leaving);
        await world.goto(tab);
        continue;
      }
      const popup = await (await world.browser()).popup(tab);
      await leave(world, popup, way, leaving);
    }
    await world.goto(tab, { path: '/next' });
    // A backoff that closed tabs have left behind may have to end first: five minutes are the longest.
    await world.arrival(world.entered, 300_000);
    // The profile, and each event; one whose answer came too late for its page is sent once more, and one
    // whose second page was left too, twice. After location.assign it leaves with the very last of its page, and
    // is answered by none of them. A window that is closed as soon as it is open may be in the
    // middle of sending what others have left, five at a time (Firefox loads no page in between).
    const perEvent = { navigate: 3, assign: 5, submit: 3, close: 7 }[way];
    return { bound: 1 + perEvent * world.count };
  };

/** Another visitor every time, who never comes back: an origin of their own is an empty profile. */
const bouncing =
  (way: Way) =>
  async (world: World): Promise<Expected> => {
    const { site } = world;
    const tab = await world.visit({ isKnown: false });
    for (const n of world.enter()) {
      const origin = await site.freshOrigin();
      const leaving = {
        n,
        elsewhere: site.elsewhere(),
        email: `visitor${n}@shop.example`,
      };
      await tab.goto(`${origin}${pathOf({})}`);
      if (way === 'close') {
        const popup = await (await world.browser()).popup(tab);
        await leave(world, popup, way, leaving);
      } else await leave(world, tab, way, leaving);
    }
    // Profile and event; what a closed tab was not answered its opener sends once more.
    return { bound: (way === 'close' ? 4 : 2) * world.count, isGone: true };
  };

const whats: Record<Way, string> = {
  navigate: 'track, then location.assign in the same task',
  assign: 'location.assign, then track in the same task',
  submit: 'track while a form is submitted',
  close: 'track, then window.close in the same task',
};

export const leaving = defineScenarios([
  ...(Object.keys(ways) as Way[]).map((way) => ({
    name: `${way}-returning`,
    item: 4,
    what: `${whats[way]}, ${times} times, by a visitor who comes back`,
    counts: [times],
    timeoutMs: 400_000,
    ...alone,
    ...(way === 'close' && { needs: ['self-close' as const] }),
    run: returning(way),
  })),
  // What is tracked after the page has begun to leave only the next page is sure to send.
  ...(['navigate', 'submit', 'close'] as const).map((way) => ({
    name: `${way}-bouncing`,
    item: 4,
    what: `${whats[way]}, by ${times} visitors who never come back`,
    counts: [times],
    timeoutMs: 400_000,
    ...alone,
    isShort: way === 'navigate',
    ...(way === 'close' && { needs: ['self-close' as const, 'last-words' as const] }),
    run: bouncing(way),
  })),
  {
    name: 'closed-by-visitor',
    item: 4,
    what: `a tab closed by the visitor right after track, ${times} times`,
    counts: [times],
    timeoutMs: 400_000,
    ...alone,
    run: async (world) => {
      await visitKnown(world);
      for (const n of world.enter()) {
        const tab = await world.visit({ isKnown: false });
        await tab.evaluate((number) => void tracker().track('Added to Cart', { n: number }), n);
        await tab.close();
      }
      // WebKit ends the requests of a closed tab, and of those after it that send what it has left.
      return { bound: 1 + 5 * world.count };
    },
  },
]);
