// What an account has before the first request: given to the sandbox instead of being made through its API.

import { assertFields, type Given } from './given.js';
import { createMessageFixtures } from './message-fixtures.js';
import type { ResolvedOptions } from './options.js';
import type { Ledger } from './store/ledger.js';

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

/** A segment with its members, which the sandbox does not work out by itself. */
export interface SegmentFixture extends Given {
  name: string;
  /** Ids of profiles that are there already, in the order they joined. */
  profileIds?: string[];
  /** As Klaviyo writes it: `{ condition_groups: [...] }`. Default: without conditions. */
  definition?: Record<string, unknown>;
  /** Default true. */
  isActive?: boolean;
  /** Default false. */
  isProcessing?: boolean;
  /** Default false. */
  isStarred?: boolean;
}

export function createFixtures(options: () => ResolvedOptions, ledger: Ledger) {
  const ownerOf = ({ companyId }: Given): string => companyId ?? options().companies[0] ?? '';

  return {
    ...createMessageFixtures(ownerOf, options, ledger),
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
    /** Adds a segment and returns its id. Throws a TypeError for a member that is not there. */
    addSegment(fixture: SegmentFixture): string {
      const optional = ['profileIds', 'definition', 'isActive', 'isProcessing', 'isStarred'];
      assertFields('segment', fixture, ['name'], optional);
      const { id, name, profileIds = [], definition = { condition_groups: [] } } = fixture;
      const { isActive = true, isProcessing = false, isStarred = false } = fixture;
      const companyId = ownerOf(fixture);
      const members = profileIds.map((profileId) => {
        const profile = ledger.profiles.of(companyId).get(profileId);
        if (!profile) throw new TypeError(`There is no profile ${profileId} for this segment.`);
        return profile;
      });
      const at = options().now();
      const segment = ledger.segments.create(companyId, {
        ...{ name, definition, isActive, isProcessing, isStarred, createdAt: at, updatedAt: at },
        ...(id !== undefined && { id }),
      });
      for (const profile of members) segment.join(profile, at);
      return segment.id;
    },
  };
}

export type Fixtures = ReturnType<typeof createFixtures>;
