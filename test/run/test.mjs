// `npm test`: sets everything up, runs every step and ends in one line, `N passed, N failed`.
// `npm test -- --only=units,e2e` runs some of the steps.
import { addCounts, countStep, countsLine } from './counts.mjs';
import { endStragglers } from './process.mjs';
import { checkNode, ensureBuild, ensureDependencies } from './setup.mjs';
import { steps } from './steps.mjs';

const log = (text) => console.log(text);

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  // Not `once`: npm passes on a signal that the whole group already had, and the second would kill us
  // in the middle of this.
  process.on(signal, () => {
    endStragglers();
    process.exit(code);
  });
}

function chosenSteps(args) {
  const names = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  if (!names) return steps;
  const unknown = names.split(',').filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = steps.map((step) => step.name).join(', ');
    throw new Error(`No step is called ${unknown.join(' or ')}. There are: ${known}.`);
  }
  return steps.filter((step) => names.split(',').includes(step.name));
}

async function runStep({ name, run }) {
  const startedAt = Date.now();
  const { code, output, counts } = await run({ log }).catch((error) => ({
    code: 1,
    output: error.message,
  }));
  const total = countStep(code, counts);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  log(
    `${total.failed ? 'FAILED' : 'ok    '} ${name.padEnd(8)} ${countsLine(total)} (${seconds} s)`,
  );
  if (total.failed) log(`${output.trim().replace(/^/gm, '    ')}\n`);
  return total;
}

async function main() {
  const chosen = chosenSteps(process.argv.slice(2));
  checkNode();
  await ensureDependencies(log);
  // Steps after the build read dist; when the build itself is not among the chosen, it still is there.
  if (!chosen.some((step) => step.name === 'build')) await ensureBuild(log);
  const totals = [];
  for (const step of chosen) totals.push(await runStep(step));
  return addCounts(totals);
}

let total = { passed: 0, failed: 1, skipped: 0 };
try {
  total = await main();
} catch (error) {
  log(error.message);
}
endStragglers();
// The last line is the same for everybody who reads it; what was skipped has been named above.
if (total.skipped) log(`${total.skipped} skipped`);
log(countsLine({ ...total, skipped: 0 }));
process.exit(total.failed ? 1 : 0);
