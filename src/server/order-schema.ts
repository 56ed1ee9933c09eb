// Checked with zod, which is part of the build: its small functional form, so that the handler starts fast.
import * as z from 'zod/mini';
import { checkProperties } from '../shared/check-properties.js';
import { TIME_AHEAD_MAX_MS, TIME_MIN } from '../shared/limits.js';
import { isEmail, isPhoneNumber } from '../shared/profile.js';
import { ID_MAX, ITEMS_MAX, OWN_PROPERTIES_MAX } from './limits.js';
import type { Order, OrderChange } from './order.js';

/** What is wrong with one field of a body. */
export interface FieldProblem {
  /** As one would write it in code: `items[1].price`. */
  field: string;
  message: string;
}

// A piece is made once and used wherever it fits: each costs a tenth of a millisecond at a cold start.
const is = (holds: (text: string) => boolean, message: string) =>
  z.string(message).check(z.refine(holds, message));
const text = (max: number) =>
  is((given) => given !== '' && given.length <= max, `must be a text of 1 to ${max} characters`);
const matching = (pattern: RegExp, message: string, max = 2000) =>
  is((given) => given.length <= max && pattern.test(given), message);
const group = <T extends z.core.$ZodLooseShape>(fields: T) =>
  z.strictObject(fields, 'must be an object');

// No control characters and no half of a surrogate pair: an id is a key in the store and a line in the log.
// No space at an end: somebody trims it on the way, and then it is another one.
const id = matching(
  /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u,
  `must be a text of 1 to ${ID_MAX} printable characters, with no space at its ends`,
  ID_MAX,
);
const line = text(1000);
const amount = z
  .number('must be a number in major units, such as 19.99')
  .check(z.gte(0, 'must not be negative'), z.lte(1e12, 'must be below a trillion'));
const quantity = z
  .number('must be a number')
  .check(z.gt(0, 'must be above 0'), z.lte(1e9, 'must be below a billion'));

const optional = {
  amount: z.optional(amount),
  id: z.optional(id),
  line: z.optional(line),
  short: z.optional(text(50)),
  url: z.optional(matching(/^https?:\/\/\S+$/, 'must be an absolute address, http:// or https://')),
};

const isDateTime =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
/** February has no 30th; `Date` would make it a day of March. */
const isDay = (given: string): boolean =>
  new Date(`${given.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(given.slice(8, 10));
const time = is(
  (given) => isDateTime.test(given) && isDay(given),
  'must be a moment there is, ISO 8601 with an offset: 2026-11-22T10:00:00Z',
);

const address = group({
  firstName: optional.line,
  lastName: optional.line,
  address1: optional.line,
  address2: optional.line,
  city: optional.line,
  region: optional.line,
  countryCode: z.optional(text(10)),
  zip: optional.short,
  phone: optional.short,
});

const identifiers = ['email', 'phoneNumber', 'externalId', 'id', 'kx', 'anonymousId'] as const;

const customer = group({
  email: z.optional(is(isEmail, 'must be an email address')),
  phoneNumber: z.optional(is(isPhoneNumber, 'must be E.164, such as +4930123456')),
  externalId: optional.id,
  id: optional.id,
  kx: z.optional(matching(/\S/, 'must be a text that is not blank', 1000)),
  anonymousId: optional.id,
  firstName: optional.line,
  lastName: optional.line,
}).check(
  z.refine(
    (given) => identifiers.some((name) => given[name] !== undefined),
    `must have one of ${identifiers.join(', ')}`,
  ),
);

const item = group({
  id,
  lineId: optional.id,
  sku: optional.line,
  name: line,
  quantity,
  price: amount,
  brand: optional.line,
  categories: z.optional(
    z.array(line, 'must be a list').check(z.maxLength(100, 'must not have over 100')),
  ),
  url: optional.url,
  imageUrl: optional.url,
});

const itemsMessage = `must be a list of 1 to ${ITEMS_MAX} lines`;
const items = z
  .array(item, itemsMessage)
  .check(z.minLength(1, itemsMessage), z.maxLength(ITEMS_MAX, itemsMessage));

const properties = z.record(z.string(), z.unknown(), 'must be an object').check(
  z.refine(
    (own) => Object.keys(own).length <= OWN_PROPERTIES_MAX,
    `must not have over ${OWN_PROPERTIES_MAX} names`,
  ),
  z.refine((own) => !checkProperties(own), 'is more than Klaviyo takes: too long or too deep'),
);

const orderFields = {
  id,
  customer,
  items,
  total: amount,
  currency: matching(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
  time: z.optional(time),
  discount: z.optional(group({ code: z.optional(text(200)), value: optional.amount })),
  tax: optional.amount,
  shipping: optional.amount,
  billingAddress: z.optional(address),
  shippingAddress: z.optional(address),
  backfill: z.optional(z.boolean('must be true or false')),
  properties: z.optional(properties),
};

const orderSchema = group(orderFields);
const changeSchema = group({
  ...orderFields,
  customer: z.optional(customer),
  items: z.optional(items),
  reason: optional.line,
  fulfillment: z.optional(
    group({
      id: optional.id,
      trackingNumber: optional.line,
      trackingUrl: optional.url,
      carrier: optional.line,
    }),
  ),
  refund: z.optional(
    group({
      id: optional.id,
      amount: z.optional(amount.check(z.gt(0, 'must be above 0'))),
      items: z.optional(items),
    }),
  ),
});

const nameOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    return name ? `${name}.${String(key)}` : String(key);
  }, '') || 'body';

/** At most this many problems are named: the sender mends them one by one anyway. */
const PROBLEMS_MAX = 50;

function problemsOf(issues: readonly z.core.$ZodIssue[]): FieldProblem[] {
  return issues.slice(0, PROBLEMS_MAX).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ field: nameOf(issue.path), message: issue.message }];
    }
    return issue.keys.slice(0, PROBLEMS_MAX).map((key) => ({
      field: nameOf([...issue.path, key.slice(0, 100)]),
      message: 'is not a field of an order',
    }));
  });
}

/** What a schema of one field can't see: the clock, and the other lines. */
function problemsAcross(order: OrderChange, now: number): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const at = order.time === undefined ? now : Date.parse(order.time);
  if (!(at > TIME_MIN && at <= now + TIME_AHEAD_MAX_MS)) {
    problems.push({ field: 'time', message: 'must be after 1990 and at most a year ahead' });
  }
  const seen = new Set<string>();
  order.items?.forEach(({ lineId }, index) => {
    const line = lineId ?? String(index + 1);
    if (seen.has(line)) {
      problems.push({
        field: `items[${index}].lineId`,
        message: 'must differ from every other line',
      });
    }
    seen.add(line);
  });
  return problems;
}

type Reading<T> = { value: T } | { problems: FieldProblem[] };

function read<T extends OrderChange>(
  schema: z.ZodMiniType,
  body: unknown,
  now: number,
): Reading<T> {
  const result = schema.safeParse(body);
  if (!result.success) {
    const problems = problemsOf(result.error.issues);
    // One word on each field is enough: -5 is not above 0 either.
    const isFirst = ({ field }: FieldProblem, index: number) =>
      problems.findIndex((other) => other.field === field) === index;
    return { problems: problems.filter(isFirst) };
  }
  const value = result.data as T;
  const problems = problemsAcross(value, now);
  return problems.length > 0 ? { problems } : { value };
}

/** The order a parsed body describes, or what is wrong with it. */
export const readOrder = (body: unknown, now: number): Reading<Order> =>
  read<Order>(orderSchema, body, now);

/** The same for what happened to an order later. */
export const readChange = (body: unknown, now: number): Reading<OrderChange> =>
  read<OrderChange>(changeSchema, body, now);
