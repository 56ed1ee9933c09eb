import { describe, expect, it } from 'vitest';
import {
  type FilterBuilder,
  filterBuilder,
  listQuery,
  type QueryRules,
} from '../../../src/server/klaviyo/query.js';
import {
  CAMPAIGNS,
  EVENTS,
  FLOWS,
  LISTS,
  METRICS,
  PROFILES,
} from '../../../src/server/klaviyo/query-rules.js';
import { toQuery } from '../../../src/server/klaviyo/to-query.js';
import fc from '../../helpers/fast-check.js';

const filterOf = <R extends QueryRules>(
  rules: R,
  build: (builder: FilterBuilder<R['filter']>) => { text: string },
): string => build(filterBuilder(rules.filter)).text;

/** As somebody without a compiler would call it. */
const untyped = (rules: QueryRules) =>
  filterBuilder(rules.filter) as unknown as Record<
    string,
    (field: string, value?: unknown) => unknown
  >;

describe('a filter', () => {
  it('is written as Klaviyo reads it', () => {
    const at = new Date('2026-11-22T10:00:00Z');
    expect(filterOf(PROFILES, (f) => f.equals('email', 'ada+x@lovelace.shop'))).toBe(
      'equals(email,"ada+x@lovelace.shop")',
    );
    expect(filterOf(PROFILES, (f) => f.any('phoneNumber', ['+49301', '+49302']))).toBe(
      'any(phone_number,["+49301","+49302"])',
    );
    expect(filterOf(PROFILES, (f) => f.greaterThan('updatedAt', at))).toBe(
      'greater-than(updated,2026-11-22T10:00:00.000Z)',
    );
    expect(filterOf(EVENTS, (f) => f.lessOrEqual('at', at.getTime()))).toBe(
      'less-or-equal(datetime,2026-11-22T10:00:00.000Z)',
    );
    expect(filterOf(EVENTS, (f) => f.has('profile'))).toBe('has(profile)');
    expect(filterOf(FLOWS, (f) => f.startsWith('name', 'Welcome'))).toBe(
      'starts-with(name,"Welcome")',
    );
    expect(filterOf(FLOWS, (f) => f.endsWith('name', 'x'))).toBe('ends-with(name,"x")');
    expect(filterOf(FLOWS, (f) => f.equals('isArchived', false))).toBe('equals(archived,false)');
  });

  it('joins conditions', () => {
    expect(
      filterOf(CAMPAIGNS, ({ and, equals, contains, greaterOrEqual }) =>
        and(
          equals('channel', 'email'),
          contains('name', 'Sale'),
          greaterOrEqual('createdAt', Date.UTC(2026, 0, 1)),
        ),
      ),
    ).toBe(
      'and(equals(messages.channel,"email"),contains(name,"Sale"),greater-or-equal(created_at,2026-01-01T00:00:00.000Z))',
    );
    expect(filterOf(CAMPAIGNS, ({ and, equals }) => and(equals('channel', 'sms')))).toBe(
      'equals(messages.channel,"sms")',
    );
  });

  it('has no and in an and: Klaviyo documents none', () => {
    expect(
      filterOf(PROFILES, ({ and, equals }) =>
        and(
          and(equals('id', '1'), and(equals('id', '2'))),
          and(equals('id', '3'), equals('id', '4')),
        ),
      ),
    ).toBe('and(equals(id,"1"),equals(id,"2"),equals(id,"3"),equals(id,"4"))');
    expect(filterOf(PROFILES, ({ and, equals }) => and(and(equals('id', 'and(,)'))))).toBe(
      'equals(id,"and(,)")',
    );
  });

  it('is a list where the endpoint takes nothing else', () => {
    expect(filterOf(LISTS, (f) => f.equals('name', 'News'))).toBe('any(name,["News"])');
  });

  it('lets no value out of its quotes', () => {
    const quoted = /^equals\(email,"((?:[^"\\]|\\.)*)"\)$/s;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const inside = quoted.exec(filterOf(PROFILES, (f) => f.equals('email', value)))?.[1];
        expect(inside?.replace(/\\(.)/gs, '$1')).toBe(value);
      }),
    );
    expect(filterOf(PROFILES, (f) => f.equals('email', '"),equals(id,"1'))).toBe(
      'equals(email,"\\"),equals(id,\\"1")',
    );
  });

  it('survives its way through a URL, plus sign and all', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const filter = filterOf(PROFILES, (f) => f.equals('email', value));
        expect(new URLSearchParams(toQuery({ filter })).get('filter')).toBe(filter);
      }),
    );
    expect(toQuery({ filter: 'equals(email,"a+b c@d.shop")' })).toBe(
      'filter=equals(email%2C%22a%2Bb%20c%40d.shop%22)',
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    ['an unknown field', () => untyped(PROFILES).equals?.('age', '7'), /no equals\(age\)/],
    [
      'nothing in an and',
      () => (filterBuilder(PROFILES.filter).and as () => unknown)(),
      /one filter/,
    ],
    ['an inherited one', () => untyped(PROFILES).equals?.('toString', '7'), /no equals/],
    ['an operator it has not', () => untyped(PROFILES).contains?.('email', 'a'), /No field of it/],
    ['one that another field has', () => untyped(PROFILES).any?.('kx', ['a']), /takes id, email/],
    ['a number for a text', () => untyped(PROFILES).equals?.('email', 7), /needs a text/],
    ['nothing at all', () => untyped(PROFILES).equals?.('email', undefined), /needs a text/],
    ['no moment', () => untyped(PROFILES).lessThan?.('createdAt', 'now'), /needs a moment/],
    ['no date', () => untyped(EVENTS).lessThan?.('at', new Date('x')), /needs a moment/],
    ['a text for a flag', () => untyped(FLOWS).equals?.('isArchived', 'no'), /needs a flag/],
    ['a value there is not', () => untyped(CAMPAIGNS).equals?.('channel', 'fax'), /one of email/],
    ['an empty list', () => untyped(PROFILES).any?.('email', []), /1 to 100/],
    ['too long a list', () => untyped(PROFILES).any?.('id', Array(101).fill('a')), /1 to 100/],
  ])('throws for %s', (_, build, message) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(message);
  });
});

describe('the query of a list', () => {
  it('asks for full pages of everything by default', () => {
    expect(toQuery(listQuery(PROFILES, {}))).toBe('page%5Bsize%5D=100');
    expect(toQuery(listQuery(EVENTS, {}))).toBe('page%5Bsize%5D=200');
    expect(toQuery(listQuery(METRICS, {}))).toBe('');
  });

  it('sorts, both ways', () => {
    expect(listQuery(PROFILES, { sort: 'createdAt' }).sort).toBe('created');
    expect(listQuery(PROFILES, { sort: '-updatedAt' }).sort).toBe('-updated');
  });

  it('names fields as Klaviyo does, and those it gives only when asked', () => {
    const query = listQuery(
      PROFILES,
      {},
      { fields: ['email', 'createdAt'], additional: ['subscriptions'] },
    );
    expect(query['fields[profile]']).toEqual(['email', 'created', 'subscriptions']);
    expect(query['additional-fields[profile]']).toEqual(['subscriptions']);
    const whole = listQuery(PROFILES, {}, { additional: ['predictiveAnalytics'] });
    expect(whole['fields[profile]']).toBeUndefined();
    expect(whole['additional-fields[profile]']).toEqual(['predictive_analytics']);
    expect(listQuery(EVENTS, {}, { include: ['metric', 'profile'] }).include).toEqual([
      ...['metric', 'profile'],
    ]);
  });

  const wrong = (options: object, chosen = {}) => listQuery(PROFILES, options as never, chosen);
  it.each<[string, () => unknown, RegExp]>([
    ['a sort key', () => wrong({ sort: '-age' }), /no sort key age here, only id/],
    ['a field', () => wrong({}, { fields: ['age'] }), /no field age/],
    ['an additional field', () => wrong({}, { additional: ['email'] }), /additional field email/],
    ['a relationship', () => wrong({}, { include: ['lists'] }), /relationship lists/],
    ['too large a page', () => wrong({ pageSize: 101 }), /from 1 to 100/],
    ['an empty page', () => wrong({ pageSize: 0 }), /from 1 to 100/],
    ['half a page', () => wrong({ pageSize: 1.5 }), /from 1 to 100/],
    ['a page of metrics', () => listQuery(METRICS, { pageSize: 10 as never }), /from 1 to 0/],
  ])('throws for %s it does not have', (_, build, message) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(message);
  });
});
