/**
 * What each list can be asked for, by Klaviyo's API reference of revision 2026-07-15. A test holds it against
 * Klaviyo's OpenAPI files.
 */
import { CAMPAIGN_STATUSES, TRIGGER_TYPES } from './choices.js';
import type { FilterField, Operator, QueryRules } from './query.js';

const ONE = ['equals'] as const;
const ONE_OR_MANY = ['equals', 'any'] as const;
const AFTER_OR_BEFORE = ['greaterThan', 'lessThan'] as const;
const AFTER = ['greaterThan'] as const;
const FROM_TO = ['greaterThan', 'greaterOrEqual', 'lessThan', 'lessOrEqual'] as const;

const text = <const By extends readonly Operator[]>(name: string, by: By) =>
  ({ name, kind: 'text', by }) as const;
/** The endpoint takes lists of it, for one value too. */
const texts = (name: string) => ({ ...text(name, ONE_OR_MANY), listsOnly: true }) as const;
const moment = <const By extends readonly Operator[]>(name: string, by: By) =>
  ({ name, kind: 'moment', by }) as const;
const flag = <const By extends readonly Operator[]>(name: string, by: By) =>
  ({ name, kind: 'flag', by }) as const;
const choice = <const By extends readonly Operator[], const Value extends string>(
  name: string,
  by: By,
  values: readonly Value[],
) => ({ name, kind: 'text', by, values }) as const;

const PROFILE_FIELDS = {
  email: 'email',
  phoneNumber: 'phone_number',
  externalId: 'external_id',
  firstName: 'first_name',
  lastName: 'last_name',
  organization: 'organization',
  locale: 'locale',
  title: 'title',
  image: 'image',
  location: 'location',
  properties: 'properties',
  createdAt: 'created',
  updatedAt: 'updated',
  lastEventAt: 'last_event_date',
} as const;
const PROFILE_ADDITIONAL = {
  subscriptions: 'subscriptions',
  predictiveAnalytics: 'predictive_analytics',
} as const;

/** How a suppression's reason and moment are called. */
const SUPPRESSION = 'subscriptions.email.marketing.suppression';
const LIST_SUPPRESSION = 'subscriptions.email.marketing.list_suppressions';

export const PROFILES = {
  type: 'profile',
  filter: {
    id: text('id', ONE_OR_MANY),
    email: text('email', ONE_OR_MANY),
    phoneNumber: text('phone_number', ONE_OR_MANY),
    externalId: text('external_id', ONE_OR_MANY),
    kx: text('_kx', ONE),
    createdAt: moment('created', AFTER_OR_BEFORE),
    updatedAt: moment('updated', AFTER_OR_BEFORE),
    suppressionReason: text(`${SUPPRESSION}.reason`, ONE),
    suppressedAt: moment(`${SUPPRESSION}.timestamp`, FROM_TO),
    listSuppressionReason: text(`${LIST_SUPPRESSION}.reason`, ONE),
    listSuppressionListId: text(`${LIST_SUPPRESSION}.list_id`, ONE),
    listSuppressedAt: moment(`${LIST_SUPPRESSION}.timestamp`, FROM_TO),
  },
  sort: {
    id: 'id',
    email: 'email',
    createdAt: 'created',
    updatedAt: 'updated',
    suppressedAt: `${SUPPRESSION}.timestamp`,
    listSuppressedAt: `${LIST_SUPPRESSION}.timestamp`,
  },
  fields: PROFILE_FIELDS,
  additional: PROFILE_ADDITIONAL,
  pageMax: 100,
} as const satisfies QueryRules;

const memberFilter = {
  email: texts('email'),
  phoneNumber: texts('phone_number'),
  pushToken: texts('push_token'),
  kx: text('_kx', ONE),
  joinedAt: moment('joined_group_at', FROM_TO),
} as const satisfies Record<string, FilterField>;

const members = {
  type: 'profile',
  sort: { joinedAt: 'joined_group_at' },
  fields: { ...PROFILE_FIELDS, joinedAt: 'joined_group_at' },
  pageMax: 100,
} as const;

export const LIST_MEMBERS = {
  ...members,
  filter: memberFilter,
  additional: PROFILE_ADDITIONAL,
} as const satisfies QueryRules;

export const SEGMENT_MEMBERS = {
  ...members,
  filter: { ...memberFilter, id: texts('profile_id') },
  additional: PROFILE_ADDITIONAL,
} as const satisfies QueryRules;

export const EVENTS = {
  type: 'event',
  filter: {
    metricId: text('metric_id', ONE),
    profileId: text('profile_id', ONE),
    profile: { name: 'profile', kind: 'nothing', by: ['has'] },
    metric: { name: 'metric', kind: 'nothing', by: ['has'] },
    at: moment('datetime', FROM_TO),
  },
  sort: { at: 'datetime' },
  fields: { at: 'datetime', properties: 'event_properties', uuid: 'uuid' },
  include: { profile: 'profile', metric: 'metric' },
  pageMax: 1000,
  // An event with an order's lines has several kilobytes.
  pageDefault: 200,
} as const satisfies QueryRules;

export const METRICS = {
  type: 'metric',
  filter: {
    integrationName: text('integration.name', ONE),
    integrationCategory: text('integration.category', ONE),
  },
  sort: {},
  fields: {
    name: 'name',
    createdAt: 'created',
    updatedAt: 'updated',
    integration: 'integration',
  },
  pageMax: 0,
} as const satisfies QueryRules;

const namedSort = { id: 'id', name: 'name', createdAt: 'created', updatedAt: 'updated' } as const;

export const LISTS = {
  type: 'list',
  filter: {
    id: text('id', ONE_OR_MANY),
    name: texts('name'),
    createdAt: moment('created', AFTER),
    updatedAt: moment('updated', AFTER),
  },
  sort: namedSort,
  fields: {
    name: 'name',
    createdAt: 'created',
    updatedAt: 'updated',
    optInProcess: 'opt_in_process',
  },
  pageMax: 10,
} as const satisfies QueryRules;

export const SEGMENTS = {
  type: 'segment',
  filter: {
    id: text('id', ONE_OR_MANY),
    name: texts('name'),
    createdAt: moment('created', AFTER),
    updatedAt: moment('updated', AFTER),
    isActive: flag('is_active', ONE_OR_MANY),
    isStarred: flag('is_starred', ONE),
  },
  sort: namedSort,
  fields: {
    name: 'name',
    createdAt: 'created',
    updatedAt: 'updated',
    isActive: 'is_active',
    isProcessing: 'is_processing',
    isStarred: 'is_starred',
  },
  pageMax: 10,
} as const satisfies QueryRules;

const MANY = ['any'] as const;

export const CAMPAIGNS = {
  type: 'campaign',
  filter: {
    id: text('id', MANY),
    channel: choice('messages.channel', ONE, ['email', 'sms', 'mobile_push']),
    name: text('name', ['contains']),
    status: choice('status', ONE_OR_MANY, CAMPAIGN_STATUSES),
    isArchived: flag('archived', ONE),
    createdAt: moment('created_at', FROM_TO),
    scheduledAt: moment('scheduled_at', FROM_TO),
    updatedAt: moment('updated_at', FROM_TO),
  },
  sort: {
    ...{ id: 'id', name: 'name', createdAt: 'created_at', updatedAt: 'updated_at' },
    scheduledAt: 'scheduled_at',
  },
  fields: {
    name: 'name',
    status: 'status',
    isArchived: 'archived',
    audiences: 'audiences',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
    scheduledAt: 'scheduled_at',
    sendAt: 'send_time',
  },
  pageMax: 100,
} as const satisfies QueryRules;

const ANY_TIME = ['equals', ...FROM_TO] as const;

export const FLOWS = {
  type: 'flow',
  filter: {
    id: text('id', MANY),
    name: text('name', ['equals', 'contains', 'startsWith', 'endsWith']),
    status: text('status', ONE),
    isArchived: flag('archived', ONE),
    createdAt: moment('created', ANY_TIME),
    updatedAt: moment('updated', ANY_TIME),
    triggerType: choice('trigger_type', ONE, TRIGGER_TYPES),
  },
  sort: { ...namedSort, status: 'status', triggerType: 'trigger_type' },
  fields: {
    name: 'name',
    status: 'status',
    isArchived: 'archived',
    createdAt: 'created',
    updatedAt: 'updated',
    triggerType: 'trigger_type',
  },
  pageMax: 50,
} as const satisfies QueryRules;
