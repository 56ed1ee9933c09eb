// The page that is measured, and what is done on it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSandbox } from 'klaviyo-storefront/sandbox';

const script = readFileSync(new URL('../../../dist/script.js', import.meta.url), 'utf8');

/** A shop page with the tracker on it, a sandbox that never throttles, and a visitor who is known. */
export async function startBenchPage(browser) {
  const sandbox = await createSandbox({ rateLimits: false });
  const html = `<!doctype html><title>Bench</title><link rel="icon" href="data:,">
<script src="/script.js" data-company-id="AbC123" data-api-host="${sandbox.url}" data-flush-interval-ms="50"></script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : html);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(prepare, sandbox.url);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');

  /** Milliseconds the main thread has been busy since the page was opened. */
  const busyMs = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  };
  const measure = async (what, calls) => {
    const before = await busyMs();
    const figures = await page.evaluate(({ run, count }) => window[run](count), {
      run: what,
      count: calls,
    });
    return { ...figures, mainThreadMs: (await busyMs()) - before };
  };

  return {
    measureTrack: (calls) => measure('runTrack', calls),
    measureFetch: (calls) => measure('runFetch', calls),
    async deliverBacklog(calls) {
      sandbox.reset();
      await context.setOffline(true);
      await page.evaluate((count) => window.trackAll(count), calls);
      await context.setOffline(false);
      await sandbox.waitFor(() => sandbox.events().length >= calls, 30_000);
      return { requests: sandbox.requests().length, recorded: sandbox.events().length };
    },
    async close() {
      await context.close();
      server.close();
      await sandbox.close();
    },
  };
}

/** Runs in the page. */
async function prepare(apiHost) {
  const { client } = window.klaviyo;
  await client.identify({ email: 'ada@shop.example' });
  const properties = (n) => ({
    ProductName: 'Estuary teapot',
    ProductID: `teapot-${n}`,
    SKU: `ET-${n}`,
    Categories: ['Kitchen', 'Tea'],
    ImageURL: 'https://shop.example/images/estuary-teapot.jpg',
    URL: 'https://shop.example/products/estuary-teapot',
    Brand: 'Samphire',
    Price: 48,
    CompareAtPrice: 60,
  });
  const body = (n) =>
    JSON.stringify({
      data: {
        type: 'event',
        attributes: {
          properties: properties(n),
          metric: { data: { type: 'metric', attributes: { name: 'Viewed Product' } } },
          profile: { data: { type: 'profile', attributes: { email: 'ada@shop.example' } } },
          time: new Date().toISOString(),
          unique_id: crypto.randomUUID(),
          value: 48,
        },
      },
    });
  const send = (n) =>
    fetch(`${apiHost}/client/events?company_id=AbC123`, {
      method: 'POST',
      headers: { revision: '2026-07-15', 'content-type': 'application/vnd.api+json' },
      body: body(n),
    });
  let longestTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      longestTaskMs = Math.max(longestTaskMs, duration);
    }
  }).observe({ type: 'longtask' });
  /** Resolves in a task of its own, behind the microtasks of this one. */
  const nextTask = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });

  const run = async (count, call, finish) => {
    await nextTask();
    longestTaskMs = 0;
    const startAt = performance.now();
    const results = [];
    for (let n = 0; n < count; n++) results.push(call(n));
    const inCallMs = performance.now() - startAt;
    await nextTask();
    const inTaskMs = performance.now() - startAt;
    await finish(results);
    // The observer is told of a long task after it has ended.
    await new Promise((resolve) => requestIdleCallback(resolve));
    return { inCallMs, inTaskMs, longestTaskMs };
  };

  window.trackAll = (count) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        client.track('Viewed Product', properties(n), { value: 48 }),
      ),
    ).then(() => undefined);
  window.runTrack = (count) => {
    let left = count;
    const delivered = new Promise((resolve) => {
      const stop = client.on('delivered', () => {
        left--;
        if (left) return;
        stop();
        resolve();
      });
    });
    const track = (n) => client.track('Viewed Product', properties(n), { value: 48 });
    return run(count, track, () => delivered);
  };
  window.runFetch = (count) => run(count, send, (results) => Promise.all(results));
}
