import { expect, it } from 'vitest';
import { readCursor, writeCursor } from '../../../src/sandbox/query/cursor.js';
import { takePage } from '../../../src/sandbox/query/page.js';
import { createCollection } from '../../../src/sandbox/store/collection.js';
import fc from '../../helpers/fast-check.js';

interface Thing {
  id: string;
  seq: number;
  rank: number | null;
}

it('shows everything that matches once, in order, forth and back, whatever the page size', () => {
  const by = ({ rank }: Thing) => rank;
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.nat(5)), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      fc.nat(3),
      (ranks, size, descending, modulus) => {
        const things = createCollection<Thing>({ rank: by });
        for (const [seq, rank] of ranks.entries()) things.add({ id: `${seq}`, seq, rank });
        const { items } = things.ordered('rank');
        const matches = ({ seq }: Thing) => seq % (modulus + 1) === 0;
        const expected = (descending ? [...items].reverse() : [...items]).filter(matches);
        const take = (cursor?: string) =>
          takePage({
            ...{ items, by, descending, matches, size },
            cursor: cursor === undefined ? undefined : readCursor('query', cursor),
          });

        const pages = [take()];
        for (let page = pages[0]; page?.hasNext; page = pages.at(-1)) {
          pages.push(take(writeCursor('query', 'after', page.items.at(-1) as Thing, by)));
        }
        expect(pages.flatMap((page) => page.items)).toEqual(expected);
        pages.forEach((page, index) => {
          expect(page.hasPrevious).toBe(index > 0);
          if (index === 0) return;
          const back = take(writeCursor('query', 'before', page.items[0] as Thing, by));
          expect(back.items).toEqual(pages[index - 1]?.items);
          expect([back.hasPrevious, back.hasNext]).toEqual([index > 1, true]);
        });
      },
    ),
  );
});
