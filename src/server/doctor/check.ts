/** One thing the doctor looks at, and what it found. */

/** `skipped` says why in its message, and what to set. */
export type Status = 'passed' | 'failed' | 'skipped';

export interface Finding {
  status: Status;
  /** One line, without keys, secrets and personal data. A failure says what to do. */
  message: string;
}

export const GROUPS = ['keys', 'api', 'live', 'orders', 'webhooks', 'page'] as const;
export type Group = (typeof GROUPS)[number];

export interface Check {
  /** Stays the same from version to version. */
  id: string;
  group: Group;
  title: string;
  /** Ids of checks that have to have passed. */
  needs?: readonly string[];
  /** Default `CHECK_TIMEOUT_MS`. */
  timeoutMs?: number;
  /** What there is to say when it has not ended in time. Default: that. */
  late?: string;
  /** Ends what it does when the signal says so. */
  run(signal: AbortSignal): Finding | Promise<Finding>;
}

const finding =
  (status: Status) =>
  (message: string): Finding => ({ status, message });

export const passed = finding('passed');
export const failed = finding('failed');
export const skipped = finding('skipped');
