// `npm start`: sets everything up, opens the demo shop with a sandbox Klaviyo and an order endpoint behind
// it and prints where. `npm start -- --port 8080 --sandbox-port 9090 --orders-port 7070` asks for other ports.
import { parseArgs } from 'node:util';
import { endStragglers } from '../test/run/process.mjs';
import { checkNode, ensureBuild, ensureDependencies } from '../test/run/setup.mjs';

const log = (text) => console.log(text);

function portFrom(option, variable, standard) {
  const { values } = parseArgs({
    options: {
      ...{ port: { type: 'string' }, 'sandbox-port': { type: 'string' } },
      'orders-port': { type: 'string' },
    },
  });
  const port = Number(values[option] ?? process.env[variable] ?? standard);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`--${option} takes a port number between 1 and 65535.`);
}

function noteOtherPort(wanted, url) {
  const port = Number(new URL(url).port || 80);
  if (port !== wanted) log(`Port ${wanted} is taken, so it is ${port}.`);
}

async function main() {
  checkNode();
  const port = portFrom('port', 'PORT', 4173);
  const sandboxPort = portFrom('sandbox-port', 'SANDBOX_PORT', 4273);
  const ordersPort = portFrom('orders-port', 'ORDERS_PORT', 4373);
  await ensureDependencies(log);
  await ensureBuild(log);
  // Only now: the server imports what has just been installed and built.
  const { startDemo } = await import('./server.mjs');
  const demo = await startDemo({ port, sandboxPort, ordersPort, log });
  noteOtherPort(port, demo.url);
  noteOtherPort(sandboxPort, demo.sandboxUrl);
  noteOtherPort(ordersPort, demo.ordersUrl);
  log(`
  Demo shop          ${demo.url}
  Sandbox Klaviyo    ${demo.sandboxUrl}
  Order endpoint     ${demo.ordersUrl}
`);
  log('Ctrl-C stops all three.');
  return demo;
}

let demo;
let isStopping = false;
async function stop() {
  if (isStopping) process.exit(1); // Asked twice: without waiting for what is still open.
  isStopping = true;
  await demo?.close();
  endStragglers(); // an install that was still going on
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

try {
  demo = await main();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
