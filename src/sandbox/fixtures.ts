// What an account has before the first request: given to the sandbox instead of being made through its API.
import type { ResolvedOptions } from './options.js';
import type { Ledger } from './store/ledger.js';
import { isObject } from './validate/check.js';

interface Given {
  /** Default: one of the sandbox's own. */
  id?: string;
  /** Default: the first of the sandbox's companies. */
  companyId?: string;
}

/** A list that is there already. */
export interface ListFixture extends Given {
  name: string;
  /** Default: the account's, see the option of this name. */
  optInProcess?: 'double_opt_in' | 'single_opt_in';
}

/** A metric that is there before any event of it, and with it the webhook topic of its events. */
export interface MetricFixture extends Given {
  name: string;
  /** Where its events come from. Default: the API. Klaviyo's own metrics are of `klaviyo`, `Klaviyo`. */
  integration?: { key: string; name: string; category: string };
}

/** Throws a TypeError for a field that is not one of these: a misspelt one would be left out unnoticed. */
function assertFields(
  what: string,
  fixture: unknown,
  required: string[],
  optional: string[],
): void {
  if (!isObject(fixture)) throw new TypeError(`A ${what} is an object.`);
  const known = [...required, ...optional, 'id', 'companyId'];
  const unknown = Object.keys(fixture).find((name) => !known.includes(name));
  if (unknown) throw new TypeError(`A ${what} has no field '${unknown}'.`);
  const missing = required.find((name) => fixture[name] === undefined);
  if (missing) throw new TypeError(`A ${what} needs '${missing}'.`);
}

export function createFixtures(options: () => ResolvedOptions, ledger: Ledger) {
  const ownerOf = ({ companyId }: Given): string => companyId ?? options().companies[0] ?? '';

  return {
    /** Adds a list and returns its id. */
    addList(fixture: ListFixture): string {
      assertFields('list', fixture, ['name'], ['optInProcess']);
      const { id, name, optInProcess = options().optInProcess } = fixture;
      const list = { ...(id !== undefined && { id }), name, optInProcess };
      return ledger.lists.create(ownerOf(fixture), list, options().now()).id;
    },
    /** Adds a metric and returns its id. */
    addMetric(fixture: MetricFixture): string {
      assertFields('metric', fixture, ['name'], ['integration']);
      return ledger.metrics.create(ownerOf(fixture), fixture, options().now()).id;
    },
  };
}

export type Fixtures = ReturnType<typeof createFixtures>;
