/** `npm run test:mutants` takes an hour, so that the list still fits the source is seen here. */
import { expect, it } from 'vitest';
import { mutants } from './list.mjs';
import { mutate } from './mutate.mjs';

it('breaks each rule in exactly one place', () => {
  const problems = mutants.flatMap((mutant) => {
    try {
      mutate(mutant);
      return mutant.find === mutant.put ? [`'${mutant.breaks}' changes nothing`] : [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  expect(problems).toEqual([]);
});

it('gives each rule a name of its own', () => {
  const names = mutants.map(({ breaks }) => breaks);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
