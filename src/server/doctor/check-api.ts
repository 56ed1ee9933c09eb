/** Whether Klaviyo is there, and takes key and revision. */
import type { ServerEnv } from '../env.js';
import { type Answer, originOf } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { judgeClock } from './clock-skew.js';
import { judgeRevision } from './judge-revision.js';
import { errorsOf, isAbout, type KlaviyoProbe } from './klaviyo-probe.js';
import type { DoctorSettings } from './settings.js';

const BETWEEN = 'Is KLAVIYO_API_HOST right, and what is between here and there?';

function reached(answer: Answer, host: string): Finding {
  const { status, text } = answer;
  const where = originOf(host);
  if (status === 0) {
    return failed(
      `${where} does not answer: ${answer.failure}. Is the network there, and may this machine use it?`,
    );
  }
  if (status >= 500)
    return failed(`${where} answers ${status}. That is Klaviyo’s: try again later.`);
  const isKlaviyos = errorsOf(answer) !== undefined || (status === 200 && text.includes('"data"'));
  if (!isKlaviyos || status === 404) {
    return failed(`${where} answers ${status}, and not as Klaviyo does. ${BETWEEN}`);
  }
  return passed(`${where} answers.`);
}

function accepted(answer: Answer): Finding {
  const { status } = answer;
  if (status === 401) {
    return failed(
      'Klaviyo refuses the key (401). Is it complete, of this account, and not revoked? Make a new one in Klaviyo, under Settings, API keys.',
    );
  }
  if (status === 410 || (status === 400 && isAbout(answer, 'revision'))) {
    return skipped('Klaviyo refuses the revision, and then says nothing about the key.');
  }
  return passed('Klaviyo knows it.');
}

function rateLimits(answers: readonly Answer[]): Finding {
  const names = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
  // A refusal of the key, or for a scope, comes before anything is counted.
  const counted = answers.filter(({ status }) => status !== 0 && status !== 401 && status !== 403);
  if (counted.length === 0) return skipped('no answer so far was one that has them.');
  const has = ({ headers }: Answer) => names.filter((name) => headers.has(name)).length;
  const best = Math.max(...counted.map(has));
  if (best === names.length) return passed('RateLimit-Limit, -Remaining and -Reset.');
  return failed(
    `Klaviyo’s answers come without ${best === 0 ? 'their' : 'some of their'} RateLimit headers, so nobody here sees what other programs of the account use up. Let what is between here and Klaviyo pass them on.`,
  );
}

export function apiChecks(settings: DoctorSettings, env: ServerEnv, probe: KlaviyoProbe): Check[] {
  return [
    {
      ...{ id: 'api', group: 'api', title: 'Klaviyo reachable', needs: ['private-key'] },
      run: async (signal) => reached(await probe.first(signal), settings.apiHost),
    },
    {
      ...{ id: 'clock', group: 'api', title: 'clock', needs: ['api'] },
      run: async (signal) => judgeClock(await probe.first(signal), 'Klaviyo’s'),
    },
    {
      ...{ id: 'revision', group: 'api', title: 'API revision', needs: ['api'] },
      run: async (signal) => judgeRevision(settings.revision, await probe.first(signal), env.now()),
    },
    {
      ...{
        id: 'private-key-accepted',
        group: 'api',
        title: 'private key accepted',
        needs: ['api'],
      },
      run: async (signal) => accepted(await probe.first(signal)),
    },
  ];
}

/** Looks at what all the others were answered: comes after them. */
export const rateLimitCheck = (probe: KlaviyoProbe): Check => ({
  ...{ id: 'rate-limits', group: 'api', title: 'rate limit headers' },
  needs: ['private-key-accepted', 'revision'],
  run: () => rateLimits(probe.seen()),
});
