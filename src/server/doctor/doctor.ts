/** All the checks, in the order in which they are shown. */
import { type ServerEnv, serverEnv } from '../env.js';
import { createAsk } from './ask.js';
import { type Check, GROUPS, type Group } from './check.js';
import { apiChecks, rateLimitCheck } from './check-api.js';
import { keyChecks } from './check-keys.js';
import { liveChecks } from './check-live.js';
import { orderChecks } from './check-orders.js';
import { pageChecks } from './check-page.js';
import { scopeChecks } from './check-scopes.js';
import { webhookChecks } from './check-webhooks.js';
import { createHide } from './hide-secrets.js';
import { createKlaviyoProbe } from './klaviyo-probe.js';
import { type CheckResult, runChecks, selectChecks } from './run-checks.js';
import { readDoctorSettings } from './settings.js';

export interface DoctorOptions {
  /** The variables that `doctor --help` names. */
  environment: Record<string, string | undefined>;
  /** An address of the shop's own: a profile and events are made with it. Default: nothing is written. */
  live?: string | undefined;
  /** Default: the one this version was made for. */
  revision?: string | undefined;
  /** Only these, and what they need. Default: all. */
  groups?: readonly Group[] | undefined;
  onResult?: (result: CheckResult) => void;
  /** The platform, for tests. */
  env?: ServerEnv;
}

/** Rejects with an `EnvironmentError` for an address, a scope or a revision that is none; else never. */
export async function runDoctor(options: DoctorOptions): Promise<CheckResult[]> {
  const { environment, live, revision, groups = GROUPS, onResult, env = serverEnv() } = options;
  const settings = readDoctorSettings(environment, revision);
  const ask = createAsk(env);
  const probe = createKlaviyoProbe(settings, ask);
  const checks: Check[] = [
    ...keyChecks(settings),
    ...apiChecks(settings, env, probe),
    ...scopeChecks(settings, probe),
    rateLimitCheck(probe),
    ...liveChecks({ settings, env, ask, email: live }),
    ...orderChecks(settings, env, ask),
    ...webhookChecks(settings, env, ask),
    ...pageChecks(settings, ask),
  ];
  const hide = createHide([...settings.secrets, live]);
  return runChecks(selectChecks(checks, groups), { env, hide, onResult });
}
