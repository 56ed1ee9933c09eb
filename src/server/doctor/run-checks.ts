/** Runs checks one after the other. Each ends in time, and none keeps the others from being run. */
import type { ServerEnv } from '../env.js';
import { CHECK_TIMEOUT_MS } from '../limits.js';
import { nameOf } from '../log.js';
import { type Check, type Finding, failed, type Status, skipped } from './check.js';

export interface CheckResult {
  id: string;
  group: Check['group'];
  title: string;
  status: Status;
  message: string;
  /** How long it took, whole ms; 0 when it was skipped for another one. */
  durationMs: number;
}

export interface Run {
  env: ServerEnv;
  /** Takes out of a message what nobody is to read. */
  hide: (text: string) => string;
  /** Told of each result as soon as it is there. */
  onResult?: ((result: CheckResult) => void) | undefined;
}

const HELD_BACK = 'is the address right, and does anything hold the answer back?';

const WHY: Record<Status, string> = {
  passed: '',
  failed: 'has failed',
  skipped: 'was skipped',
};

function runInTime(check: Check, env: ServerEnv): Promise<Finding> {
  const { timeoutMs = CHECK_TIMEOUT_MS, late = HELD_BACK } = check;
  const control = new AbortController();
  return new Promise((resolve) => {
    const cancel = env.after(
      timeoutMs,
      () => {
        resolve(failed(`no end within ${timeoutMs / 1000} s: ${late}`));
        control.abort();
      },
      true,
    );
    Promise.resolve()
      .then(() => check.run(control.signal))
      .catch((error: unknown) => failed(`a defect of the doctor (${nameOf(error)}): report it.`))
      .then(resolve)
      .finally(cancel);
  });
}

export async function runChecks(
  checks: readonly Check[],
  { env, hide, onResult }: Run,
): Promise<CheckResult[]> {
  const results = new Map<string, CheckResult>();
  for (const check of checks) {
    const { id, group, title, needs = [] } = check;
    const startedAt = env.elapsed();
    const blocker = needs
      .map((name) => results.get(name))
      .find((each) => each?.status !== 'passed');
    const { status, message } = blocker
      ? skipped(`it needs “${blocker.title}”, which ${WHY[blocker.status]}.`)
      : await runInTime(check, env);
    const durationMs = blocker ? 0 : Math.round(env.elapsed() - startedAt);
    const result = { id, group, title, status, message: hide(message), durationMs };
    results.set(id, result);
    onResult?.(result);
  }
  return [...results.values()];
}

/** The checks of some groups, and whatever these need. */
export function selectChecks(checks: readonly Check[], groups: readonly string[]): Check[] {
  const wanted = new Set<string>();
  const want = (check: Check | undefined): void => {
    if (!check || wanted.has(check.id)) return;
    wanted.add(check.id);
    for (const id of check.needs ?? []) want(checks.find((each) => each.id === id));
  };
  for (const check of checks) if (groups.includes(check.group)) want(check);
  return checks.filter(({ id }) => wanted.has(id));
}
