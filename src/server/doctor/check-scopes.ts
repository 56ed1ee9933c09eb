/** What the private key may do: those scopes that are needed, and the others for whoever wonders. */
import type { Answer } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { errorsOf, type KlaviyoProbe } from './klaviyo-probe.js';
import { factsOf, isScope, SCOPES, type Scope } from './scopes.js';
import type { DoctorSettings } from './settings.js';

/** Whether an answer shows that the key has the scope; undefined when it shows nothing. */
function isGranted(answer: Answer): boolean | undefined {
  const { status } = answer;
  if (status === 403 && errorsOf(answer) !== undefined) return false;
  // Refused for what was sent, hence after the key was looked at.
  return (status >= 200 && status < 300) || [400, 404, 409, 422].includes(status)
    ? true
    : undefined;
}

export function scopeChecks(settings: DoctorSettings, probe: KlaviyoProbe): Check[] {
  const granted = new Set<string>();

  async function look(scope: Scope, signal: AbortSignal): Promise<Finding> {
    const { method, path, besides = [], for: uses, lookups = [] } = factsOf(scope);
    const isNeeded = settings.scopes.includes(scope);
    const answer = await probe.send(method, path, signal);
    const isThere = isGranted(answer);
    const what = `It is for ${[...uses, ...lookups].join(', ')}.`;
    if (isThere) {
      granted.add(scope);
      return passed(isNeeded ? what : 'the key has it, too.');
    }
    const missing = besides.filter((other) => !granted.has(other));
    if (isThere === false && missing.length > 0) {
      const words = `it does not show before the key has ${missing.join(' and ')}. ${what}`;
      return isNeeded ? failed(words) : skipped(words);
    }
    if (isThere === undefined) {
      const words =
        answer.status === 0
          ? `no answer: ${answer.failure}. Run the doctor again.`
          : `Klaviyo answers ${answer.status}, which does not show it. Run the doctor again in a minute.`;
      return isNeeded ? failed(words) : skipped(words);
    }
    return isNeeded
      ? failed(
          `the key lacks it. ${what} Make a key that has it in Klaviyo, under Settings, API keys.`,
        )
      : skipped(`the key lacks it, and KLAVIYO_SCOPES does not ask for it. ${what}`);
  }

  return Object.keys(SCOPES)
    .filter(isScope)
    .map((scope) => ({
      ...{ id: `scope:${scope}`, group: 'api', title: `scope ${scope}` },
      needs: ['private-key-accepted', 'revision'],
      run: (signal) => look(scope, signal),
    }));
}
