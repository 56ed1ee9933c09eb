// One mutant's source.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run/setup.mjs';

/** The file of src as the mutant has it. Throws when its text is not there exactly once. */
export function mutate({ breaks, file, find, put }) {
  const before = readFileSync(join(root, 'src', file), 'utf8');
  const count = before.split(find).length - 1;
  if (count !== 1) throw new Error(`'${breaks}': its text is ${count} times in src/${file}.`);
  return before.replace(find, () => put);
}
