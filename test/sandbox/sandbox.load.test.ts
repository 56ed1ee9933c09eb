// As much as a middling shop has: loaded through the API and walked to the end.
import { expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.js';
import {
  type ApiResource,
  call,
  eventAttributes,
  follow,
  jobBody,
  jobEntry,
  listOf,
  post,
  profileData,
  startSandbox,
} from './requests.js';

const profileCount = 5000;
const eventCount = 20_000;
const email = (index: number) => `p${index}@shop.test-mail.net`;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

async function load(sandbox: Sandbox): Promise<void> {
  const profiles = range(profileCount).map((index) =>
    profileData({ email: email(index), external_id: `${index}`, properties: { index } }),
  );
  const attributes = { profiles: { data: profiles } };
  const body = { data: { type: 'profile-bulk-import-job', attributes } };
  expect((await call(sandbox, 'POST api/profile-bulk-import-jobs', { body })).status).toBe(202);
  for (let first = 0; first < eventCount; first += 1000) {
    const entries = range(1000).map((index) => {
      const event = { unique_id: `${first + index}`, value: index };
      const profile = profileData({ email: email((first + index) % profileCount) });
      return jobEntry([eventAttributes(event, `Metric ${index % 5}`)], profile);
    });
    const response = await post(sandbox, 'api/event-bulk-create-jobs', jobBody(...entries));
    expect(response.status).toBe(202);
  }
}

async function walk(
  sandbox: Sandbox,
  endpoint: 'GET api/profiles' | 'GET api/events',
  query: Record<string, string>,
): Promise<ApiResource[]> {
  const found: ApiResource[] = [];
  let page = await listOf(await call(sandbox, endpoint, { query }));
  for (;;) {
    found.push(...page.data);
    if (!page.links.next) return found;
    page = await listOf(await follow(page.links.next));
  }
}

it('carries 5,000 profiles and 20,000 events, and lets them be walked', async () => {
  const sandbox = await startSandbox({ rateLimits: false });
  await load(sandbox);

  const profiles = await walk(sandbox, 'GET api/profiles', { 'page[size]': '100' });
  expect(profiles.map(({ attributes }) => attributes.email)).toEqual(
    range(profileCount).map(email),
  );
  const sorted = await walk(sandbox, 'GET api/profiles', { 'page[size]': '100', sort: '-email' });
  expect(sorted.map(({ attributes }) => attributes.email)).toEqual(
    range(profileCount).map(email).sort().reverse(),
  );

  const events = await walk(sandbox, 'GET api/events', { 'page[size]': '1000' });
  expect(events).toHaveLength(eventCount);
  expect(new Set(events.map(({ id }) => id)).size).toBe(eventCount);
  const { data: metrics } = await listOf(await call(sandbox, 'GET api/metrics'));
  const filter = `equals(metric_id,"${metrics[2]?.id}")`;
  const some = await walk(sandbox, 'GET api/events', { 'page[size]': '1000', filter });
  expect(some).toHaveLength(eventCount / 5);

  const one = profiles[4321]?.id;
  const own = await walk(sandbox, 'GET api/events', { filter: `equals(profile_id,"${one}")` });
  expect(own.map(({ relationships }) => relationships.profile?.data)).toEqual(
    range(eventCount / profileCount).map(() => ({ type: 'profile', id: one })),
  );
}, 60_000);
