/** "Subscription Updated": what became of what somebody buys again and again. */

import type { Profile } from '../../shared/profile.js';
import type { CallOptions } from './call.js';
import type { Events } from './events.js';
import { needFields, needMoment, needText } from './input-error.js';

/** A subscription to goods or a service, not to mails: those are `subscribe`. */
export interface SubscriptionStatus {
  /** The subscription's id in the shop. */
  id: string;
  /** What it is now, such as `active`, `paused` or `canceled`. */
  status: string;
  /** What it was before. */
  previousStatus?: string;
  /** What is subscribed to. */
  plan?: string;
  /** Of one period, in `currency`. */
  price?: number;
  /** ISO 4217, for example `EUR`. */
  currency?: string;
  /** A Date or epoch ms. */
  nextChargeAt?: Date | number;
  /** When it changed: a Date or epoch ms. Default: now. */
  time?: Date | number;
  /** Why, such as a reason for canceling. */
  reason?: string;
  /** Further properties of the event. */
  properties?: Record<string, unknown>;
}

export interface StatusOptions extends CallOptions {
  /** The property that holds the status on the profile, for segments. Default `Subscription Status`. */
  profileProperty?: string;
}

export interface SubscriptionStatuses {
  /**
   * Tells Klaviyo what a subscription has become: one metric, "Subscription Updated", with the status as a property,
   * so that one flow can branch on it; and the same status on the profile, so that a segment can. Both go in one
   * request. The same change told twice counts once when it has its `time`: give it, where you may begin again.
   *
   * @returns the event's unique id
   * @klaviyo POST /api/events (2026-07-15) · events:write · 350/s, 3500/min
   */
  syncStatus(
    profile: Profile,
    subscription: SubscriptionStatus,
    options?: StatusOptions,
  ): Promise<string>;
}

const iso = (moment: Date | number | undefined): string | undefined =>
  moment === undefined ? undefined : new Date(needMoment(moment, 'nextChargeAt')).toISOString();

export const createSubscriptionStatuses = (
  events: Pick<Events, 'track'>,
  now: () => number,
): SubscriptionStatuses => ({
  async syncStatus(
    profile,
    subscription,
    { profileProperty = 'Subscription Status', signal } = {},
  ) {
    needFields(profile, 'A profile');
    needFields(subscription, 'A subscription');
    const { id, status, previousStatus, plan, price, currency, reason, properties } = subscription;
    // They make the unique id: without them changes of different subscriptions would count as one.
    needText(id, 'The id of a subscription');
    needText(status, 'The status of a subscription');
    const at = needMoment(subscription.time ?? now(), 'The time of a subscription');
    const own = {
      ...properties,
      ...{ SubscriptionID: id, Status: status, PreviousStatus: previousStatus, Plan: plan },
      ...{ Reason: reason, Price: price, NextChargeAt: iso(subscription.nextChargeAt) },
    };
    const event = {
      ...{ name: 'Subscription Updated', properties: own, time: at },
      ...(price !== undefined && { value: price }),
      ...(price !== undefined && currency !== undefined && { valueCurrency: currency }),
      uniqueId: `${id}_${status}_${Math.floor(at / 1000)}`,
    };
    const told = { ...profile.properties, [profileProperty]: status };
    return events.track({ ...profile, properties: told }, event, { signal });
  },
});
