// Which runs there are: each scenario with so many events, in so many readings of the bulk rule.
import type { EngineName } from './driver.js';
import type { Scenario } from './scenario.js';

interface Variant {
  count: number;
  reading: 'fail' | 'discard';
}

export interface Run extends Variant {
  scenario: Scenario;
  /** As in a cell: `600 fail`. */
  variant: string;
}

export interface Selection {
  isShort: boolean;
  /** Beginnings of names. */
  only?: string[] | undefined;
}

/** From so many on the tracker sends in bulk, see src/shared/limits.ts. */
const bulkFrom = 24;

const variantsOf = (scenario: Scenario, isShort: boolean): Variant[] => {
  const { counts = [40], isAboutBulk, shortCount } = scenario;
  if (isShort) return [{ count: shortCount ?? counts[1] ?? counts[0] ?? 1, reading: 'fail' }];
  return counts.flatMap((count): Variant[] =>
    (isAboutBulk ?? count >= bulkFrom)
      ? [
          { count, reading: 'fail' },
          { count, reading: 'discard' },
        ]
      : [{ count, reading: 'fail' }],
  );
};

const isWanted = ({ name, isShort }: Scenario, engine: EngineName, chosen: Selection): boolean => {
  if (chosen.only) return chosen.only.some((beginning) => name.startsWith(beginning));
  return !chosen.isShort || engine === 'chromium' || isShort === true;
};

/** What is to be run in an engine. */
export const runsOf = (scenarios: Scenario[], engine: EngineName, chosen: Selection): Run[] =>
  scenarios
    .filter((scenario) => isWanted(scenario, engine, chosen))
    .flatMap((scenario) =>
      variantsOf(scenario, chosen.isShort).map(({ count, reading }) => ({
        ...{ scenario, count, reading },
        variant: `${count} ${reading}`,
      })),
    );

/** All there is, as `scenario variant`: what an engine must have run to be in the README. */
export const allRuns = (scenarios: Scenario[], engine: EngineName): string[] =>
  runsOf(scenarios, engine, { isShort: false }).map(nameOf);

export const nameOf = (run: { scenario: string | Scenario; variant: string }): string => {
  const { scenario, variant } = run;
  return `${typeof scenario === 'string' ? scenario : scenario.name} ${variant}`;
};
