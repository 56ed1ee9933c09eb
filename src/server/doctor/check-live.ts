/**
 * With an address of the shop's own: a profile and an event through both APIs, and whether they are there
 * afterwards. The events are marked as of the past, so that they start no flow.
 */
import { asBackfill, eventBody, eventData, profileBody } from '../../shared/payload.js';
import type { ServerEnv } from '../env.js';
import { createCall } from '../klaviyo/call.js';
import { createEvents } from '../klaviyo/events.js';
import { KlaviyoApiError } from '../klaviyo/klaviyo-error.js';
import { createProfiles } from '../klaviyo/profiles.js';
import { FOUND_TIMEOUT_MS } from '../limits.js';
import { silentLog } from '../log.js';
import { type Answer, type Ask, originOf } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { isAbout } from './klaviyo-probe.js';
import type { DoctorSettings } from './settings.js';

const METRIC = 'klaviyo-storefront doctor';
/** Between looks, ms: most are there at once or within some seconds. */
const LOOK_AGAIN_MS = [500, 1000, 2000, 4000, 8000];

interface LiveParts {
  settings: DoctorSettings;
  env: ServerEnv;
  ask: Ask;
  /** The address of the shop's own; undefined: nothing is sent. */
  email: string | undefined;
}

function judgeClient(answer: Answer, { apiHost }: DoctorSettings): Finding {
  const { status, failure } = answer;
  if (status === 202) return passed('202.');
  if (status === 0) return failed(`${originOf(apiHost)} does not answer: ${failure}.`);
  if (status === 400 && isAbout(answer, 'company_id')) {
    return failed(
      'Klaviyo knows no account of KLAVIYO_PUBLIC_KEY (400). Copy it anew from Settings, API keys.',
    );
  }
  if (status === 400 && isAbout(answer, 'revision'))
    return failed('Klaviyo refuses the revision (400).');
  if (status === 429)
    return failed('the account’s limit is used up (429). Run the doctor again in a minute.');
  return failed(`Klaviyo answers ${status}. Is the address given with --live a good one?`);
}

/** A call of the toolkit's: its errors hold no key and no personal data. */
async function attempt(task: () => Promise<Finding>): Promise<Finding> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof KlaviyoApiError) return failed(error.message);
    throw error;
  }
}

export function liveChecks({ settings, env, ask, email }: LiveParts): Check[] {
  const { apiHost, revision, publicKey, privateKey } = settings;
  const call = createCall({ env, log: silentLog, klaviyo: { privateKey, apiHost, revision } });
  const [profiles, events] = [createProfiles(call), createEvents(call, env)];
  // Which events are of this run: what they were sent with is not to be had from Klaviyo.
  const runId = env.uuid();
  const propertiesOf = (through: string) => ({ Run: runId, Through: through });

  /** @param build the body, of a profile's resource */
  async function sendClient(name: string, build: (profile: string) => string, signal: AbortSignal) {
    const profile = profileBody(undefined, { email: email ?? '' });
    const url = `${apiHost}/client/${name}?company_id=${encodeURIComponent(publicKey)}`;
    const headers = { revision, 'content-type': 'application/vnd.api+json' };
    const body = build(profile);
    return judgeClient(await ask(url, { method: 'POST', headers, body, signal }), settings);
  }

  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const stop = (): void => {
        cancel();
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const cancel = env.after(ms, stop, true);
      signal.addEventListener('abort', stop);
    });

  /** Looks until it is there, or the check's time is over. */
  async function waitFor(look: () => Promise<boolean>, signal: AbortSignal): Promise<Finding> {
    for (let looks = 0; !signal.aborted; looks += 1) {
      if (await look()) return passed('it is there.');
      await wait(LOOK_AGAIN_MS[Math.min(looks, LOOK_AGAIN_MS.length - 1)] ?? 0, signal);
    }
    return failed('it is not there.');
  }

  async function isThere(through: string, signal: AbortSignal): Promise<boolean> {
    const profile = await profiles.getByEmail(email ?? '', { signal });
    if (!profile) return false;
    const found = events.iterate({
      filter: ({ equals }) => equals('profileId', profile.id),
      ...{ sort: '-at', fields: ['at', 'properties'], signal },
    });
    // The newest: one page is enough.
    for await (const { items } of found.pages()) {
      return items.some(({ properties: { Run, Through } }) => Run === runId && Through === through);
    }
    return false;
  }

  const checks: Check[] = [
    {
      ...{ id: 'live-client-profile', group: 'live', title: 'profile, public key' },
      needs: ['public-key'],
      run: (signal) => sendClient('profiles', (profile) => profile, signal),
    },
    {
      ...{ id: 'live-client-event', group: 'live', title: 'event, public key' },
      needs: ['public-key'],
      run: (signal) => {
        const data = eventData(METRIC, propertiesOf('client'), env.uuid(), env.now());
        return sendClient('events', (profile) => eventBody(profile, asBackfill(data)), signal);
      },
    },
    {
      ...{ id: 'live-private-profile', group: 'live', title: 'profile, private key' },
      needs: ['scope:profiles:write'],
      run: (signal) =>
        attempt(async () => {
          const { isNew } = await profiles.upsert({ email: email ?? '' }, { signal });
          return passed(isNew ? '201.' : '200.');
        }),
    },
    {
      ...{ id: 'live-private-event', group: 'live', title: 'event, private key' },
      needs: ['scope:events:write'],
      run: (signal) =>
        attempt(async () => {
          const event = { name: METRIC, properties: propertiesOf('private'), backfill: true };
          await events.track({ email: email ?? '' }, event, { signal });
          return passed('202.');
        }),
    },
    {
      ...{
        id: 'live-profile-found',
        group: 'live',
        title: 'profile found',
        timeoutMs: FOUND_TIMEOUT_MS,
      },
      needs: ['scope:profiles:read', 'live-private-profile'],
      run: (signal) =>
        attempt(() =>
          waitFor(
            async () => (await profiles.getByEmail(email ?? '', { signal })) !== undefined,
            signal,
          ),
        ),
    },
    ...(['client', 'private'] as const).map(
      (through): Check => ({
        ...{ id: `live-${through}-event-found`, group: 'live', timeoutMs: FOUND_TIMEOUT_MS },
        title: `event found, ${through === 'client' ? 'public' : 'private'} key`,
        needs: ['scope:profiles:read', 'scope:events:read', `live-${through}-event`],
        late:
          through === 'client'
            ? 'it was accepted, and is not there. Are the two keys of one account?'
            : 'it was accepted, and is not there. Look at the profile in Klaviyo.',
        run: (signal) => attempt(() => waitFor(() => isThere(through, signal), signal)),
      }),
    ),
  ];
  if (email !== undefined) return checks;
  const why = 'it writes into the account. Do it with --live and an address of your own.';
  return checks.map(({ needs: _needs, ...check }) => ({ ...check, run: () => skipped(why) }));
}
