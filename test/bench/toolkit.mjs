// `npm run bench:toolkit`: what the client of the private API costs, and how near it comes to the limits. It
// installs klaviyo-api, the official SDK, and our own package into temporary folders to compare them.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSandbox } from 'klaviyo-storefront/sandbox';
import { createKlaviyo } from 'klaviyo-storefront/server';
import { addTo, median } from './rows.mjs';
import { virtualClock } from './virtual-clock.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

async function upserts(row) {
  const total = 10_000;
  // Between 50 and 450 ms there and back.
  const { env, now, elapsed, run } = virtualClock({ latencyMs: () => 50 + 400 * Math.random() });
  const sandbox = await createSandbox({ now });
  const klaviyo = createKlaviyo({
    ...{ privateKey: `pk_${'0'.repeat(34)}`, apiHost: sandbox.url, env },
  });
  const startAt = elapsed();
  const all = Array.from({ length: total }, (_, n) =>
    klaviyo.profiles.upsert({ email: `p${n}@lovelace.shop` }),
  );
  await run(Promise.all(all));
  const tookS = (elapsed() - startAt) / 1000;
  // Nobody can be faster: 13 whole minutes of 750, and the last 250 at 75 a second.
  const idealS = Math.floor(total / 750) * 60 + (total % 750) / 75;
  const refused = sandbox.requests().filter(({ status }) => status === 429).length;
  const ratio = idealS / tookS;
  row('10,000 upserts on the sandbox’s clock', tookS, 's');
  row('the least the limits allow', idealS, 's');
  row('of the allowed rate', 100 * ratio, '%', '95 %', ratio >= 0.95);
  row('429 seen', refused, '', 'none', refused === 0);
  const there = sandbox.profiles().length;
  row('profiles there', there, '', `${total}`, there === total);
  await sandbox.close();
}

function bytesIn(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path);
    // What it takes on the disk: a small file takes a whole block.
    else bytes += lstatSync(path).blocks * 512;
  }
  return bytes;
}

function install(name, what) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--omit=peer', what];
  execFileSync('npm', args, { stdio: 'pipe' });
  return folder;
}

function besideTheSdk(row) {
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch];
  const packed = JSON.parse(
    execFileSync('npm', packing, { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
  );
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  const own = install('own', join(scratch, filename));
  const sdk = install('sdk', 'klaviyo-api@23');
  const sizes = [own, sdk].map((folder) => bytesIn(join(folder, 'node_modules')) / 1e6);
  row('installed: klaviyo-storefront, all of it', sizes[0], 'MB');
  row('installed: klaviyo-api', sizes[1], 'MB');
  row('installed, ratio', sizes[0] / sizes[1], '');

  const times = { own: [], sdk: [] };
  const memory = { own: [], sdk: [] };
  // Alternating, so that a slow moment of the machine meets both; the first round fills the disk's cache.
  for (let round = 0; round < 6; round += 1) {
    for (const [name, folder] of [
      ['own', own],
      ['sdk', sdk],
    ]) {
      const said = execFileSync(
        process.execPath,
        [here('cold-start.mjs'), `import-${name}`, folder],
        {
          encoding: 'utf8',
        },
      );
      const [ms, rssMb] = said.split(' ').map(Number);
      if (round === 0) continue;
      times[name].push(ms);
      memory[name].push(rssMb);
    }
  }
  const [ownMs, sdkMs] = [median(times.own), median(times.sdk)];
  row('import and create: klaviyo-storefront/server', ownMs, 'ms');
  row('import and create: klaviyo-api', sdkMs, 'ms');
  row('import and create, ratio', ownMs / sdkMs, '');
  row('memory after it: klaviyo-storefront/server', median(memory.own), 'MB');
  row('memory after it: klaviyo-api', median(memory.sdk), 'MB');
}

function walking(row) {
  const args = ['--expose-gc', here('walk-profiles.mjs')];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root });
  const { count, heapsMb } = JSON.parse(said);
  const grownMb = heapsMb.at(-1) - heapsMb[0];
  row('profiles walked', count, '', '100,000', count === 100_000);
  row('heap after 10,000', heapsMb[0], 'MB');
  row('heap after 100,000', heapsMb.at(-1), 'MB');
  row('grown by', grownMb, 'MB', 'under 3 MB; they have 100 MB', grownMb < 3);
}

export async function measureToolkit() {
  const rows = [];
  const row = addTo(rows);
  await upserts(row);
  walking(row);
  besideTheSdk(row);
  return { rows };
}
