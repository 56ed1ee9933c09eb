// biome-ignore-all lint/suspicious/noThenProperty: that is what a hostile value has
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: one that looks like a template
/** Values that a page, an extension or an attacker may hand us, and what must not come of them. */

import { expect } from 'vitest';
import fc from '../helpers/fast-check.js';

/** Personal data, in every second text: it must not be on the console. */
const EMAIL = 'pii.secret@shop.example';
const PHONE = '+4915112345678';

const thrower = (): never => {
  throw new Error(`thrown with ${EMAIL}`);
};
const circular: Record<string, unknown> = { email: EMAIL };
circular.self = circular;
let deep: unknown = EMAIL;
for (let depth = 0; depth < 5000; depth++) deep = [deep];
const revoked = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
/** Throws at everything that is done with it. */
const bomb = new Proxy(
  {},
  {
    get: thrower,
    has: thrower,
    ownKeys: thrower,
    getPrototypeOf: thrower,
    getOwnPropertyDescriptor: thrower,
  },
);

const texts = [
  ...[EMAIL, PHONE, ` ${EMAIL} `, '', ' ', '0', 'null', 'undefined', '__proto__', 'constructor'],
  ...['toString', 'then', 'push', 'identify', 'track', 'client', 'a'.repeat(200)],
  ...[
    '\ud800',
    '\u0000',
    '\u2028',
    '<script>',
    '\'"`${1}',
    '%',
    '%E0%A4%A',
    '{"a":',
    '[]',
    '1e999',
  ],
  ...['2026-13-45', 'x.AbC123', `${EMAIL}.AbC123`, 'eyJjaWQiOjF9', 'bnVsbA==', '$email', '../..'],
];

const simple = [null, true, 0, -0, -1, 1e308, 2 ** 53, 1e15, 0.1, [], {}, [[]], [null]];

/** What a structured clone, and JSON, can carry. */
export const plain: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 50, arbitrary: fc.constantFrom<unknown>(...texts) },
  { weight: 50, arbitrary: fc.constantFrom<unknown>(...simple) },
  // More often, and most of a run would be spent on copying it.
  { weight: 1, arbitrary: fc.constantFrom<unknown>('ü'.repeat(120_000), Array(70_000)) },
  {
    weight: 50,
    arbitrary: fc.anything({
      maxDepth: 2,
      maxKeys: 4,
      key: fc.oneof(fc.constantFrom(...texts.slice(0, 16)), fc.string({ maxLength: 5 })),
      values: [fc.constantFrom<unknown>(...texts), fc.double(), fc.boolean(), fc.constant(null)],
    }),
  },
);

/** Made when it is used: what prints or compares histories would trip over it too. */
export interface Hostile {
  make: () => unknown;
}

const specials: (() => unknown)[] = [
  ...[undefined, Number.NaN, Number.POSITIVE_INFINITY, 10n, Symbol('s'), /x/, thrower].map(
    (value) => () => value,
  ),
  () => new Date(Number.NaN),
  () => new Date(8.64e15),
  () => new Map([[EMAIL, 1]]),
  () => new Uint8Array(9),
  () => new Error(EMAIL),
  () => circular,
  () => deep,
  () => bomb,
  () => revoked({}),
  () => revoked([]),
  () => Object.create(null),
  () => ({ toString: thrower }),
  () => ({ toJSON: thrower }),
  () => ({ toJSON: () => undefined }),
  () => ({ valueOf: thrower, [Symbol.toPrimitive]: thrower }),
  () => ({ then: thrower }),
  () => ({ then: () => undefined }),
  () => Object.defineProperty({}, 'email', { enumerable: true, get: thrower }),
  () =>
    JSON.parse(`{"__proto__":{"polluted":"${EMAIL}"},"constructor":{"prototype":{"polluted":1}}}`),
  () => Object.assign(['identify', 2], { [Symbol.iterator]: thrower }),
  () => new Proxy([], { get: thrower }),
];

const many = fc.anything({
  maxDepth: 2,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
  withObjectString: true,
});

export const hostile: fc.Arbitrary<Hostile> = fc.oneof(
  { weight: 3, arbitrary: plain.map((value) => ({ make: () => value })) },
  {
    weight: 2,
    arbitrary: fc
      .nat(specials.length - 1)
      .map((special) => ({ special, make: specials[special]! })),
  },
  { weight: 1, arbitrary: many.map((value) => ({ make: () => value })) },
);

/** What becomes of a hostile value where only text gets through: an address, a cookie, an attribute. */
export const hostileText: fc.Arbitrary<string> = hostile.map(({ make }) => {
  try {
    return `${make()}`.slice(0, 5000);
  } catch {
    return '%';
  }
});

/** Names of what an object of ours may have, with values that nobody expects. */
export const withKeys = (...keys: string[]): fc.Arbitrary<Hostile> =>
  fc.dictionary(fc.constantFrom(...keys), hostile, { maxKeys: 4 }).map((fields) => ({
    fields,
    make: () =>
      Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value.make()])),
  }));

/** Such names with a few of the values that each may just about have, or just about not. */
export const withOdd = (odd: Record<string, readonly unknown[]>): fc.Arbitrary<Hostile> => {
  const pairs = Object.entries(odd).map(([name, values]) =>
    fc.constantFrom(...values).map((value) => [name, value] as const),
  );
  return fc
    .array(fc.oneof(...pairs), { maxLength: 4 })
    .map((fields) => ({ fields, make: () => Object.fromEntries(fields) }));
};

const before = Object.getOwnPropertyNames(Object.prototype).join();
const shapes = [Object, Array, Function, String, Promise].map(({ prototype }) => prototype);
const sizes = shapes.map((prototype) => Reflect.ownKeys(prototype).length);

export const expectClean = (): void => {
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  expect(shapes.map((prototype) => Reflect.ownKeys(prototype).length)).toEqual(sizes);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
};

export const expectNothingPersonal = (said: unknown[]): void => {
  for (const text of said) {
    expect(`${text}`).not.toContain(EMAIL);
    expect(`${text}`).not.toContain(PHONE);
  }
};

/**
 * How many runs a test of so many values has: FUZZ_RUNS is the total of all tests, 100,000 by default. A whole
 * number: fast-check never comes to the end of half a run.
 */
export const runsOf = (values: number, valuesPerRun = 1): number =>
  Math.ceil((values * Number(process.env.FUZZ_RUNS ?? 100_000)) / 100_000 / valuesPerRun);

/** SEED and FUZZ_PATH, both printed with a failure, play it again. */
export const replay = {
  // Looking for less than a hundred values takes longer than a person does.
  endOnFailure: true,
  path: process.env.FUZZ_PATH ?? '',
};
