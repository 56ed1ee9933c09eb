import { describe, expect, it } from 'vitest';
import { type FilterRules, readFilter } from '../../../src/sandbox/query/filter.js';

interface Thing {
  name: string | undefined;
  tags: string[];
  at: number;
}

const moments = ['greater-than', 'less-or-equal', 'equals'];
const rules: FilterRules<Thing> = {
  name: {
    type: 'string',
    operators: ['equals', 'any', 'contains', 'starts-with', 'ends-with', 'has'],
    lists: true,
    normalize: (value) => value.toLowerCase(),
    read: ({ name }) => name,
  },
  tags: { type: 'string', operators: ['contains-any', 'contains-all'], read: ({ tags }) => tags },
  at: { type: 'datetime', operators: moments, read: ({ at }) => at },
  status: { type: 'string', operators: ['equals'], values: ['Draft'], read: () => 'Draft' },
};
const things: Thing[] = [
  { name: 'mug', tags: ['red', 'new'], at: 1000 },
  { name: 'jug', tags: ['red'], at: 2000 },
  { name: undefined, tags: [], at: 3000 },
];

const namesBy = (text: string) => {
  const filter = readFilter(text, rules);
  if ('wrong' in filter) throw new Error(filter.wrong);
  return things.filter(filter.matches).map(({ name }) => name);
};
const wrongWith = (text: string) => {
  const filter = readFilter(text, rules);
  return 'wrong' in filter ? filter.wrong : undefined;
};

describe('a filter', () => {
  it.each<[string, (string | undefined)[]]>([
    ['equals(name,"MUG")', ['mug']],
    ['equals(name,["mug","jug"])', ['mug', 'jug']],
    ['any(name,["jug","pot"])', ['jug']],
    ['contains(name,"u")', ['mug', 'jug']],
    ['starts-with(name,"J")', ['jug']],
    ['ends-with(name,"ug"),starts-with(name,"m")', ['mug']],
    ['has(name)', ['mug', 'jug']],
    ['contains-any(tags,["new","old"])', ['mug']],
    ['contains-all(tags,["red","new"])', ['mug']],
    ['contains-all(tags,["red"])', ['mug', 'jug']],
    ['greater-than(at,1970-01-01T00:00:02Z)', [undefined]],
    ['less-or-equal(at,1970-01-01T00:00:02Z)', ['mug', 'jug']],
    ['and(has(name),and(greater-than(at,1970-01-01T00:00:01Z)))', ['jug']],
  ])('%s', (text, names) => {
    expect(namesBy(text)).toEqual(names);
  });

  it.each([
    [
      'equals(colour,"red")',
      "'colour' is not a filterable field for this resource. The filterable fields on this resource are: at, name, status, tags",
    ],
    ['equals(__proto__,"red")', expect.stringContaining('not a filterable field')],
    [
      'less-than(at,1970-01-01T00:00:02Z)',
      "'less-than' is not an allowed filter operator for at.  Allowed operators are greater-than, less-or-equal, equals",
    ],
    ['any(name,"mug")', "'any' takes a list for name."],
    ['any(name,[])', "'any' needs at least one value for name."],
    ['contains(name,["mug"])', "'contains' takes one value for name, not a list."],
    ['equals(name)', "'equals' needs a value for name."],
    ['has(name,"mug")', "'has' takes a field only."],
    ['equals(name,5)', 'The value for name must be a string, not a number.'],
    ['equals(at,"1970-01-01T00:00:02Z")', 'The value for at must be a datetime, not a string.'],
    ['equals(status,"Lost")', 'The value for status must be one of Draft.'],
    ['or(has(name),has(name))', "Invalid filter provided. 'or' is not supported, only 'and' is."],
    [
      'equals(name,mug)',
      expect.stringMatching(/^Invalid filter provided\. Expected text in quotes/),
    ],
  ])('is refused with a reason: %s', (text, reason) => {
    expect(wrongWith(text)).toEqual(reason);
  });
});
