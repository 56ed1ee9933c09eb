// `npm run bench:server`: what the order endpoint costs, as ratios of one run. Not part of `npm test`.
// It installs klaviyo-api, the official SDK, into a temporary folder to compare with.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSandbox } from 'klaviyo-storefront/sandbox';
import { requestOf, secret, sendAll } from './order-load.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const verdict = (isMet, aim) => `${isMet ? 'met   ' : 'MISSED'} (aim: ${aim})`;
const rows = [];
const row = (...cells) => rows.push(cells);

function coldStarts() {
  const install = ['install', '--prefix', scratch, '--no-audit', '--no-fund', 'klaviyo-api@23'];
  execFileSync('npm', install, { stdio: 'pipe' });
  const run = (...args) =>
    Number(execFileSync(process.execPath, [here('cold-start.mjs'), ...args], { encoding: 'utf8' }));
  const handler = [];
  const sdk = [];
  // Alternating, so that a slow moment of the machine meets both; the first round fills the disk's cache.
  for (let round = 0; round < 6; round += 1) {
    const [own, theirs] = [run('handler'), run('sdk', scratch)];
    if (round === 0) continue;
    handler.push(own);
    sdk.push(theirs);
  }
  const ratio = median(handler) / median(sdk);
  row('cold start, import to first answer', `${median(handler).toFixed(0)} ms`, '');
  row('importing klaviyo-api', `${median(sdk).toFixed(0)} ms`, '');
  row('ratio', ratio.toFixed(3), verdict(ratio <= 0.1, 'at most 0.1'));
}

async function startServer(database, apiHost) {
  const child = fork(here('order-server.mjs'), [database, secret, apiHost]);
  const [{ port }] = await once(child, 'message');
  return {
    port,
    async rssMb() {
      child.send('rss');
      const [{ rssMb }] = await once(child, 'message');
      return rssMb;
    },
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function acceptRate() {
  const rates = { sqlite: [], none: [] };
  const memory = [];
  for (let round = 0; round < 6; round += 1) {
    for (const store of ['sqlite', 'none']) {
      const database = store === 'none' ? 'none' : join(scratch, `orders-${round}.db`);
      const server = await startServer(database, 'none');
      const requests = Array.from({ length: 8000 }, (_, n) => requestOf(`${store}-${round}-${n}`));
      await sendAll(server.port, requests.splice(0, 2000), 128);
      const count = requests.length;
      const tookMs = await sendAll(server.port, requests, 128);
      if (round > 0) rates[store].push((count * 1000) / tookMs);
      if (store === 'sqlite') memory.push(await server.rssMb());
      await server.stop();
    }
  }
  const [durable, bare] = [median(rates.sqlite), median(rates.none)];
  row('orders accepted a second, durable', durable.toFixed(0), verdict(durable >= 2000, '2000'));
  row('the same server without a store', bare.toFixed(0), '');
  row('ratio', (durable / bare).toFixed(2), '');
  const most = Math.max(...memory);
  row('resident memory after 8000 orders', `${most.toFixed(0)} MB`, verdict(most <= 150, '150 MB'));
}

async function idleDelay() {
  const sandbox = await createSandbox({ rateLimits: false });
  const server = await startServer(join(scratch, 'idle.db'), sandbox.url);
  const delays = [];
  for (let n = 0; n < 60; n += 1) {
    const id = `idle-${n}`;
    const request = requestOf(id);
    const startedAt = performance.now();
    const recorded = sandbox.waitFor(({ events }) => events().some((e) => e.uniqueId === id));
    await sendAll(server.port, [request], 1);
    await recorded;
    if (n >= 10) delays.push(performance.now() - startedAt);
    await sandbox.waitFor(({ events }) => events().length === (n + 1) * 3);
  }
  const delay = median(delays);
  row('from sending to recorded, idle', `${delay.toFixed(1)} ms`, verdict(delay < 50, '50 ms'));
  await server.stop();
  await sandbox.close();
}

await acceptRate();
await idleDelay();
coldStarts();

const width = (column) => Math.max(...rows.map((cells) => cells[column].length));
for (const [name, figure, aim] of rows) {
  console.log(`${name.padEnd(width(0))}  ${figure.padStart(width(1))}  ${aim}`);
}
console.log(
  `\nNode ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}`,
);
