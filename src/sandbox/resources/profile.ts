import type { Profile } from '../store/profiles.js';
import { type Rendering, type Resource, renderResource, toIso, toIsoOrNull } from './resource.js';
import { namesIn } from './sparse-fields.js';
import { renderSubscriptions, subscriptionsShape } from './subscriptions.js';

const described = ['first_name', 'last_name', 'organization', 'locale', 'title', 'image'] as const;
const placed = [
  ...(['address1', 'address2', 'city', 'country', 'latitude', 'longitude'] as const),
  ...(['region', 'zip', 'timezone', 'ip'] as const),
];
const predicted = [
  ...['historic_number_of_orders', 'predicted_number_of_orders', 'average_days_between_orders'],
  ...['average_order_value', 'historic_clv', 'predicted_clv', 'total_clv', 'churn_probability'],
  ...['expected_date_of_next_order', 'ranked_channel_affinity'],
];

const allOf = <T>(names: readonly string[], value: T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, value]));

const plainShape = {
  ...allOf(['id', 'email', 'phone_number', 'external_id', ...described], 1),
  ...allOf(['created', 'updated', 'last_event_date', 'properties'], 1),
  location: allOf(placed, 1),
};

/** The fields of a profile that is included in another's answer. */
export const includedProfileFields = namesIn(plainShape);

/** The fields of a profile where it is what was asked for. */
export const profileFields = namesIn({
  ...plainShape,
  subscriptions: subscriptionsShape,
  predictive_analytics: allOf(predicted, 1),
});

export const additionalProfileFields = ['subscriptions', 'predictive_analytics'];

const relationships = ['lists', 'segments', 'push-tokens', 'conversations'];

/** @param more attributes of a profile as a member of a list or segment */
export function renderProfile(
  profile: Profile,
  rendering: Rendering,
  { more = {}, related = {} }: { more?: Record<string, unknown>; related?: object } = {},
): Resource {
  const { attributes, properties } = profile;
  const location = (attributes.location ?? {}) as Record<string, unknown>;
  return renderResource(
    {
      type: 'profile',
      id: profile.id,
      attributes: {
        email: profile.email ?? null,
        phone_number: profile.phoneNumber ?? null,
        external_id: profile.externalId ?? null,
        ...Object.fromEntries(described.map((name) => [name, attributes[name] ?? null])),
        created: toIso(profile.createdAt),
        updated: toIso(profile.updatedAt),
        last_event_date: toIsoOrNull(profile.lastEventAt),
        location: Object.fromEntries(placed.map((name) => [name, location[name] ?? null])),
        properties,
        ...more,
      },
      additional: {
        subscriptions: () => renderSubscriptions(profile),
        // Predictions need a history that only Klaviyo has: there are none, as for a new account.
        predictive_analytics: () => allOf(predicted, null),
      },
      relationships: { ...allOf(relationships, undefined), ...related },
    },
    rendering,
  );
}
