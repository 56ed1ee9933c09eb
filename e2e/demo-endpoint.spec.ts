/** The processes behind the demo shop: what is kept when one of them ends, and what may talk to them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDemo } from '../demo/server.mjs';
import { anyPorts, events, expect, orderEvents, patient, test } from './support/demo-shop.js';

test.describe.configure(patient);

test('an order outlives the shop’s own restart', async ({ request }) => {
  const folder = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-book-'));
  const body = {
    ...{ cartId: 'cart-of-ada', total: 64, items: [{ id: 'SM-104', quantity: 1 }] },
    customer: { email: 'ada@lovelace.shop', firstName: 'Ada', lastName: 'Lovelace' },
    address: { address1: 'Dorset Street 1', zip: 'W1U 4EG', city: 'London' },
  };
  try {
    const before = await startDemo({ ...anyPorts, folder });
    await before.desk.kill();
    const answer = await request.post(`${before.url}/orders`, { data: body });
    expect(answer.status()).toBe(201);
    expect(await events(before)).toEqual([]);
    await before.close();

    const after = await startDemo({ ...anyPorts, folder });
    await expect
      .poll(() => orderEvents(after))
      .toEqual({ 'Placed Order 1001': 1, 'Ordered Product 1001_1': 1 });
    // The same cart is the same order still, and the next one has the next number.
    const again = await request.post(`${after.url}/orders`, { data: body });
    expect(await again.json()).toMatchObject({ order: '1001' });
    const other = await request.post(`${after.url}/orders`, {
      data: { ...body, cartId: 'cart-of-grace' },
    });
    expect(await other.json()).toMatchObject({ order: '1002' });
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('another site cannot order, and cannot kill the endpoint', async ({ demo, request }) => {
  for (const headers of [{ origin: 'https://elsewhere.test' }, { host: 'elsewhere.test' }]) {
    const answer = await request.post(`${demo.url}/qa/endpoint/kill`, { headers, data: {} });
    expect(answer.status()).toBe(403);
  }
  // A form of another site can post text, and no JSON.
  const form = { headers: { 'content-type': 'text/plain' }, data: '{}' };
  expect((await request.post(`${demo.url}/qa/endpoint/kill`, form)).status()).toBe(403);
  expect(demo.desk.endpoint().state).toBe('running');
});

test('the endpoint takes the next port when its own is taken, and keeps it when it is started again', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
  const { port } = other.address() as AddressInfo;
  const demo = await startDemo({ ...anyPorts, ordersPort: port });
  try {
    const { url } = demo.desk.endpoint();
    expect(Number(new URL(String(url)).port)).toBeGreaterThan(port);
    await demo.desk.kill();
    await demo.desk.start();
    expect(demo.desk.endpoint()).toMatchObject({ state: 'running', url });
  } finally {
    await demo.close();
    other.close();
  }
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('the endpoint ends with the demo, even with one that is killed, and leaves nothing', async () => {
  const server = new URL('../demo/server.mjs', import.meta.url).href;
  const code = `
    const { startDemo } = await import(${JSON.stringify(server)});
    const { desk } = await startDemo(${JSON.stringify(anyPorts)});
    console.log(JSON.stringify(desk.endpoint()));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text) => resolve(String(text)));
  });
  const { pid, folder } = JSON.parse(said) as { pid: number; folder: string };
  expect(isRunning(pid)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => isRunning(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});
