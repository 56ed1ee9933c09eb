// The QA inspector: joins the page's tracker, the sandbox behind it and the panel that shows both.
import { part } from './inspector-dom.js';
import { compare, createLedger } from './inspector-ledger.js';
import { createLog } from './inspector-log.js';
import { connectOrders } from './inspector-orders.js';
import { createSandboxControl, NETWORK } from './inspector-sandbox.js';
import * as view from './inspector-view.js';

const REFRESH_MS = 1000;
const COUNTDOWN_MS = 200;
const TRACKER_WAIT_MS = 10_000;

const html = document.documentElement;
const { run, companyId, sandbox: sandboxOrigin } = html.dataset;
const ledger = createLedger(run);
const log = createLog(run, () => view.showLog(log.entries()));
const sandbox = createSandboxControl(sandboxOrigin);
const orders = connectOrders(() => client?.visitor());

let client;
let inspection;
let received = { events: [], profiles: [], requests: [] };
let isReceivedStale = true;
let isRefreshing = false;
let isRefreshWanted = false;

const isOpen = () => html.dataset.qa === 'open';

/** Ledger, then queue, then sandbox: in this order nothing under way can look lost. */
async function takeSnapshots() {
  const tracked = ledger.read();
  const queue = new Set();
  if (client) {
    inspection = await client.inspect();
    const events = inspection.queue.filter(({ metric }) => metric !== undefined);
    for (const { uniqueId } of events) {
      queue.add(uniqueId);
      // While consent is pending nothing is promised, so nothing is counted.
      if (inspection.consent === 'granted' && !tracked.has(uniqueId)) {
        ledger.add(uniqueId);
        tracked.set(uniqueId, '');
      }
    }
  }
  if (isReceivedStale) {
    isReceivedStale = false;
    const [events, profiles, requests] = await Promise.all([
      sandbox.events(),
      sandbox.profiles(),
      sandbox.requests(),
    ]);
    received = { events, profiles, requests };
    view.showReceived(events, profiles, requests);
  }
  view.showSum(compare(tracked, queue, received.events));
  if (inspection) view.showTracker(inspection, client.isIdentified(), Date.now());
}

async function refresh() {
  isRefreshWanted = isRefreshing;
  if (isRefreshing) return;
  isRefreshing = true;
  try {
    await takeSnapshots();
    if (client) view.showAlert();
  } catch (error) {
    isReceivedStale = true;
    view.showAlert(`The demo does not answer: ${error.message}`);
  }
  isRefreshing = false;
  if (isRefreshWanted) setTimeout(refresh, COUNTDOWN_MS);
}

function refreshAll() {
  isReceivedStale = true;
  refresh();
  if (isOpen()) orders.refresh();
}

const named = ({ metric }) => metric ?? 'profile update';

function connect(tracker) {
  client = tracker;
  client.on('queued', (event) => {
    if (event.metric !== undefined && inspection?.consent !== 'pending') ledger.add(event.uniqueId);
    log.add('queued', named(event), Date.now());
    refresh();
  });
  client.on('delivered', (event) => {
    log.add('delivered', named(event), Date.now());
    refreshAll();
  });
  client.on('dropped', (event) => {
    if (event.metric !== undefined) ledger.drop(event.uniqueId, event.reason);
    const detail = event.detail ? `, ${event.detail}` : '';
    log.add('dropped', `${named(event)} (${event.reason}${detail})`, Date.now());
    refresh();
  });
  client.on('paused', ({ untilAt, reason }) => {
    const seconds = Math.max(0, (untilAt - Date.now()) / 1000).toFixed(1);
    log.add('paused', `${reason}, for ${seconds} s`, Date.now());
    refresh();
  });
  client.on('flushed', ({ delivered, remaining }) => {
    if (delivered > 0) log.add('flushed', `${delivered} out, ${remaining} remain`, Date.now());
    refreshAll();
  });
  refreshAll();
}

/** The script arrives when it likes. Both it and the npm import register here how their client starts. */
function waitForTracker(sinceAt) {
  const tracker = window[Symbol.for('klaviyo-storefront:clients')]?.get(companyId)?.();
  if (tracker) return connect(tracker);
  if (Date.now() - sinceAt > TRACKER_WAIT_MS) {
    view.showAlert('The tracker has not arrived. Was it blocked, or is its integrity hash stale?');
  }
  setTimeout(waitForTracker, 50, sinceAt);
}

let network = 'online';
function showNetwork(name) {
  network = name;
  view.showNetwork(name, NETWORK[name].note);
}

async function setNetwork(name) {
  const wasOff = network === 'offline';
  await sandbox.setNetwork(name);
  showNetwork(name);
  // What a browser says when its network comes back; the tracker flushes on it.
  if (wasOff && name === 'online') dispatchEvent(new Event('online'));
}

let testRun = 0;
const actions = {
  async track({ count }) {
    testRun += 1;
    const tracking = Array.from({ length: Number(count) }, (_, index) =>
      client.track('QA Test', { Run: testRun, Number: index + 1 }, { value: index + 1 }),
    );
    for (const uniqueId of await Promise.all(tracking)) {
      if (uniqueId && inspection?.consent !== 'pending') ledger.add(uniqueId);
    }
  },
  flush: () => client.flush(),
  async reset() {
    await client.reset();
    dispatchEvent(new Event('saltmarsh:reset'));
  },
  tab: () => void window.open(location.href, '_blank'),
  async clear() {
    await orders.forget();
    await sandbox.reset();
    ledger.clear();
    log.clear();
    await sandbox.setNetwork(network);
  },
};

function setOpen(open) {
  html.dataset.qa = open ? 'open' : 'closed';
  localStorage.setItem('saltmarsh.qa.panel', html.dataset.qa);
  showToggle();
  if (open) refreshAll();
}

function showToggle() {
  document.querySelector('[data-qa-toggle]').setAttribute('aria-expanded', String(isOpen()));
}

document.querySelector('[data-qa-toggle]').addEventListener('click', () => setOpen(!isOpen()));
addEventListener('keydown', (event) => {
  if (event.altKey && event.code === 'KeyI') {
    event.preventDefault();
    setOpen(!isOpen());
    if (isOpen()) document.querySelector('[data-qa-toggle]').focus();
  } else if (event.key === 'Escape' && isOpen() && event.target.closest?.('#qa')) {
    setOpen(false);
    document.querySelector('[data-qa-toggle]').focus();
  }
});
document.querySelector('#qa').addEventListener('click', async ({ target }) => {
  const { do: action, ...details } = target.dataset;
  if (!action || (!client && action !== 'clear')) return;
  await actions[action](details);
  refreshAll();
});
part('consent').addEventListener('change', async ({ target }) => {
  // In the place of a consent banner: the shop's server puts the answer on the next page's script tag.
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
  document.cookie = `saltmarsh_consent=${target.value}; path=/; SameSite=Lax`;
  await client?.consent(target.value);
  refreshAll();
});
part('network').addEventListener('change', ({ target }) => setNetwork(target.value));

sandbox.watch(refreshAll, refreshAll);
ledger.onChange(refreshAll);
setInterval(() => {
  if (!isOpen()) return;
  refresh();
  orders.refresh();
}, REFRESH_MS);
setInterval(() => view.showPause(inspection?.pause, Date.now()), COUNTDOWN_MS);
showToggle();
view.showLog(log.entries());
sandbox.network().then(showNetwork, refresh);
waitForTracker(Date.now());
