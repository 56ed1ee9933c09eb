// What a scenario is.
import type { DropReason } from 'klaviyo-storefront';
import type { SandboxOptions } from 'klaviyo-storefront/sandbox';
import type { Ability, EngineName } from './driver.js';
import type { World } from './world.js';

/** How the books have to look in the end; what is not said here is recorded once and nothing else is. */
export interface Expected {
  /** Requests to Klaviyo, all together, at most. */
  bound: number;
  /** Events that are to be reported as dropped, by number. */
  dropped?: Record<number, DropReason>;
  /** Events that are recorded, or else are reported as dropped for this reason. */
  mayDrop?: DropReason;
  /** Those among them that may be both: they were under way, and nobody knew whether they had arrived. */
  mayBeBoth?: number[];
  /** Reports about what this page has not tracked: stored garbage, a profile update. */
  reports?: Record<string, number>;
  /** Nobody opens a page any more: what is not there by now never comes. */
  isGone?: boolean;
  /** Metrics beside the numbered events. */
  besides?: string[];
  timeoutMs?: number;
}

export interface Scenario {
  name: string;
  /** Of the list in the issue that asked for the matrix. */
  item: number;
  what: string;
  /** How many events. Default 40. */
  counts?: number[];
  /** Whether it is run in both readings of the bulk duplicate rule. Default: with as many as go in bulk. */
  isAboutBulk?: boolean;
  /** Whether nothing else may run beside it. */
  isAlone?: boolean;
  /** What the engine has to be able to do. */
  needs?: Ability[];
  /** Engines whose tabs share a window only in a browser with a profile folder of its own. */
  profileIn?: EngineName[];
  /** Whether the short form has it in every engine: those depend on the engine most. */
  isShort?: boolean;
  /** How many events in the short form. Default: the middle one of `counts`. */
  shortCount?: number;
  sandbox?: SandboxOptions;
  timeoutMs?: number;
  run(world: World): Promise<Expected>;
}

export const defineScenarios = (list: Scenario[]): Scenario[] => list;
