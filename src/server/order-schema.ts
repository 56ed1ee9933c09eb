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

const text = (max = 1000) => {
  const message = `must be a text of 1 to ${max} characters`;
  return z.string(message).check(z.minLength(1, message), z.maxLength(max, message));
};
const matching = (pattern: RegExp, message: string, max = 2000) =>
  z.string(message).check(z.maxLength(max, message), z.regex(pattern, message));

// No control characters and no half of a surrogate pair: an id is a key in the store and a line in the log.
// No space at an end: somebody trims it on the way, and then it is another one.
const id = matching(
  /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u,
  `must be a text of 1 to ${ID_MAX} printable characters, with no space at its ends`,
  ID_MAX,
);
const url = matching(/^https?:\/\/\S+$/, 'must be an absolute address, http:// or https://');
const currency = matching(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');
const amount = z
  .number('must be a number in major units, such as 19.99')
  .check(z.gte(0, 'must not be negative'), z.lte(1e12, 'must be below a trillion'));
const quantity = z
  .number('must be a number')
  .check(z.gt(0, 'must be above 0'), z.lte(1e9, 'must be below a billion'));

const isDateTime =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
/** February has no 30th; `Date` would make it a day of March. */
const isDay = (text: string): boolean =>
  new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
const time = matching(isDateTime, 'must be ISO 8601 with an offset: 2026-11-22T10:00:00Z').check(
  z.refine(isDay, 'must be a day that there is'),
);

const address = z.strictObject(
  {
    firstName: z.optional(text()),
    lastName: z.optional(text()),
    address1: z.optional(text()),
    address2: z.optional(text()),
    city: z.optional(text()),
    region: z.optional(text()),
    countryCode: z.optional(text(10)),
    zip: z.optional(text(50)),
    phone: z.optional(text(50)),
  },
  'must be an object',
);

const identifiers = ['email', 'phoneNumber', 'externalId', 'id', 'kx', 'anonymousId'] as const;

const customer = z
  .strictObject(
    {
      email: z.optional(
        z.string('must be an email address').check(z.refine(isEmail, 'must be an email address')),
      ),
      phoneNumber: z.optional(
        z
          .string('must be E.164: +4930123456')
          .check(z.refine(isPhoneNumber, 'must be E.164, such as +4930123456')),
      ),
      externalId: z.optional(id),
      id: z.optional(id),
      kx: z.optional(matching(/\S/, 'must not be blank', 1000)),
      anonymousId: z.optional(id),
      firstName: z.optional(text()),
      lastName: z.optional(text()),
    },
    'must be an object',
  )
  .check(
    z.refine(
      (given) => identifiers.some((name) => given[name] !== undefined),
      `must have one of ${identifiers.join(', ')}`,
    ),
  );

const item = z.strictObject(
  {
    id,
    lineId: z.optional(id),
    sku: z.optional(text()),
    name: text(),
    quantity,
    price: amount,
    brand: z.optional(text()),
    categories: z.optional(
      z.array(text(), 'must be a list').check(z.maxLength(100, 'must not have over 100')),
    ),
    url: z.optional(url),
    imageUrl: z.optional(url),
  },
  'must be an object',
);

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
  currency,
  time: z.optional(time),
  discount: z.optional(
    z.strictObject({ code: z.optional(text(200)), value: z.optional(amount) }, 'must be an object'),
  ),
  tax: z.optional(amount),
  shipping: z.optional(amount),
  billingAddress: z.optional(address),
  shippingAddress: z.optional(address),
  backfill: z.optional(z.boolean('must be true or false')),
  properties: z.optional(properties),
};

const orderSchema = z.strictObject(orderFields, 'must be an object');
const changeSchema = z.strictObject(
  {
    ...orderFields,
    customer: z.optional(customer),
    items: z.optional(items),
    reason: z.optional(text()),
    fulfillment: z.optional(
      z.strictObject(
        {
          id: z.optional(id),
          trackingNumber: z.optional(text()),
          trackingUrl: z.optional(url),
          carrier: z.optional(text()),
        },
        'must be an object',
      ),
    ),
    refund: z.optional(
      z.strictObject(
        {
          id: z.optional(id),
          amount: z.optional(amount.check(z.gt(0, 'must be above 0'))),
          items: z.optional(items),
        },
        'must be an object',
      ),
    ),
  },
  'must be an object',
);

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
