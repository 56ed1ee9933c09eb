// Mutation run: breaks one rule at a time in a copy of the tree, and says which tests notice.
// `npm run test:mutants` tries all, `npm run test:mutants -- spill lock` those whose rule or file says so.
// The units are asked when the model notices nothing or does not end; with `--both` always. A mutant that only
// hangs is not caught: a busy machine is as slow.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endStragglers, run } from '../run/process.mjs';
import { root } from '../run/setup.mjs';
import { faultsOf } from './compile.mjs';
import { mutants } from './list.mjs';
import { mutate } from './mutate.mjs';

const copy = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endStragglers();
    process.exit(1);
  });
}
for (const name of ['src', 'test', 'e2e', 'demo', 'package.json', 'tsconfig.json']) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/** What the last test run said. */
let said = '';
/** A mutant that takes longer hangs. Known once the tree itself has been tested, however fast the machine is. */
let timeoutMs = 1_800_000;
/** How far the tests get. `MODEL_BAIL` keeps a failing model from looking for a shorter history. */
async function test(...paths) {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--bail=1', '--reporter=dot', ...paths];
  const env = { ...process.env, MODEL_BAIL: '1', SEED: '1', NO_COLOR: '1' };
  const { code, output } = await run(process.execPath, [program, ...args], {
    cwd: copy,
    env,
    timeoutMs,
  });
  said = output;
  return code === 0 ? 'survived' : code === 124 ? 'hung' : 'caught';
}

const isBoth = process.argv.includes('--both');
const wanted = process.argv.slice(2).filter((word) => word !== '--both');
const chosen = mutants.filter(
  ({ breaks, file }) => !wanted[0] || wanted.some((word) => `${breaks} ${file}`.includes(word)),
);
// All of them first: a list that no longer fits is said at once.
const faults = faultsOf(mutants);
if (faults.length) {
  console.error(`A mutant has to be a program:\n${faults.join('\n')}`);
  process.exit(1);
}
const startedAt = Date.now();
if ((await test('test/browser', 'test/model')) !== 'survived') {
  throw new Error(`The tree itself fails, so mutants would prove nothing:\n${said}`);
}
timeoutMs = 60_000 + 3 * (Date.now() - startedAt);

console.log('model     units     broken rule');
const count = { caught: 0, hung: 0, survived: 0 };
for (const mutant of chosen) {
  const path = join(copy, 'src', mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(mutant));
  const model = await test('test/model');
  const units = isBoth || model !== 'caught' ? await test('test/browser') : '';
  writeFileSync(path, original);
  const words = [model, units];
  count[['caught', 'hung'].find((word) => words.includes(word)) ?? 'survived']++;
  console.log(`${model.padEnd(9)} ${units.padEnd(9)} ${mutant.breaks}`);
}
const { caught, hung, survived } = count;
if (hung) console.log(`${hung} did not end in ${timeoutMs / 1000} s: run them again by name.`);
console.log(`${caught} passed, ${survived + hung} failed, of these ${hung} hung`);
process.exitCode = caught === chosen.length ? 0 : 1;
