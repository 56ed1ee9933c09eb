// A private endpoint is one of these: what it takes, and what it does.
import type { Answer } from '../api-error.js';
import type { PrivateEndpoint } from '../endpoints.js';
import type { ResolvedOptions } from '../options.js';
import type { Query, QueryRules } from '../query/read-query.js';
import type { SpecialLimit } from '../rate-limiter.js';
import type { Recorder } from '../recorder.js';
import type { Ledger } from '../store/ledger.js';
import type { Check } from '../validate/check.js';

/** A request that has passed every check. `T` is what the endpoint lists. */
export interface Call<T> {
  endpoint: PrivateEndpoint;
  companyId: string;
  /** What stands in the path where it has `{id}`. */
  id: string;
  url: URL;
  query: Query<T>;
  /** The body, which the row's check has passed. */
  body: unknown;
  /** The sandbox's clock, epoch ms. */
  at: number;
}

/** What a row may know before it has seen the query. */
export type Place = Pick<Call<unknown>, 'companyId' | 'id'>;

export interface Row<T> {
  /** The parameters it takes; without rules it takes none. */
  query?(place: Place): QueryRules<T>;
  body?: {
    maxBytes: number;
    check(now: number): Check;
  };
  /** The limit that a request with such a query has in place of the endpoint's own. */
  limit?(query: Query<T>): SpecialLimit | undefined;
  handle(call: Call<T>): Answer;
}

/** What rows work on. */
export interface World {
  options: () => ResolvedOptions;
  ledger: Ledger;
  recorder: Recorder;
}

// biome-ignore lint/suspicious/noExplicitAny: each row lists things of its own kind, which only itself has to know.
export type AnyRow = Row<any>;

export type Rows<Name extends PrivateEndpoint> = Record<Name, AnyRow>;

/** Lets a row be written with the kind of what it lists, and be one of many. */
export const row = <T = never>(made: Row<T>): AnyRow => made;
