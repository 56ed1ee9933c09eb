// The inspector's part on orders: where their events are, and the switch that kills the endpoint.
import { chip, clock, duration, node, panel, part, setText } from './inspector-dom.js';
import { showAlert } from './inspector-view.js';

const CHANGES = { fulfilled: 'Fulfil', canceled: 'Cancel', refunded: 'Refund' };

const STATES = [
  ['at-shop', 'at shop', 'is-held'],
  ['waiting', 'waiting', 'is-held'],
  ['under-way', 'under way', 'is-held'],
  ['refused', 'refused', 'is-dropped'],
  ['given-up', 'given up', 'is-dropped'],
  ['delivered', 'delivered', 'is-delivered'],
];

const DELIVERY = {
  running: 'delivering',
  paused: 'pausing after a failure',
  denied: 'stopped, since Klaviyo refuses the key',
  dead: 'stopped',
};

const money = (amount) => `€${amount}`;
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

async function call(method, path, body = {}) {
  const response = await fetch(`/qa/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

function showEndpoint({ state, pid, url, kills }, ready) {
  for (const input of part('endpoint').querySelectorAll('input')) {
    input.checked = input.value === (state === 'stopped' ? 'kill' : 'start');
  }
  panel.dataset.endpoint = state;
  const killed = kills ? `, killed ${kills === 1 ? 'once' : `${kills} times`} so far` : '';
  const notes = {
    running: `Process ${pid} at ${url?.replace('http://', '')}${killed}.`,
    starting: 'It starts.',
    stopped: 'Gone (kill -9). The shop takes orders all the same, and tells the endpoint later.',
  };
  setText(part('endpoint-note'), notes[state]);
  const oldest = ready?.oldestWaitingMs
    ? `, the oldest for ${duration(ready.oldestWaitingMs)}`
    : '';
  setText(
    part('ready'),
    ready
      ? `readyz: ${ready.ready ? 'ready' : 'not ready'}, ${DELIVERY[ready.delivery] ?? ready.delivery}; ${ready.waiting ?? '?'} waiting${oldest}.`
      : 'readyz: no answer.',
  );
}

function showSum(sum) {
  for (const cell of panel.querySelectorAll('[data-orders-sum]')) {
    const name = cell.dataset.ordersSum;
    setText(cell, String(sum[name]));
    const isBad = ['lost', 'doubled', 'givenUp'].includes(name) && sum[name] > 0;
    cell.classList.toggle('is-bad', isBad);
  }
}

/** Why it is not delivered yet, or whom it has joined. */
function noteOf({ email, events }, now) {
  const [open] = events.filter(({ state }) => state !== 'delivered');
  if (open?.why) return open.why;
  if (open?.dueAt > now)
    return `Sent ${plural(open.attempts, 'time')}; again in ${duration(open.dueAt - now)}.`;
  if (open?.state === 'at-shop' && open.attempts > 1)
    return `Posted ${open.attempts} times, no answer.`;
  const joins = Math.max(...events.map((event) => event.joins));
  return joins ? `${email}, joins ${plural(joins, 'event')} of the browser` : email;
}

function createRow({ id, total, time }) {
  const button = (action, label) => {
    const element = node('button', '', label);
    element.type = 'button';
    Object.assign(element.dataset, { orderId: id, orderDo: action });
    return element;
  };
  const row = node(
    'li',
    '',
    node('b', '', `${id} `, node('i', '', money(total))),
    node('time', '', clock(time)),
    node('span', 'qa-meta', node('span', 'qa-chips'), node('span', 'qa-what')),
    node(
      'span',
      'qa-row-buttons',
      ...Object.entries(CHANGES).map(([action, label]) => button(action, label)),
      button('retry', 'Retry'),
    ),
  );
  row.dataset.order = id;
  return row;
}

/** In place: a button must not be replaced under the pointer. */
function updateRow(row, order, now) {
  const chips = STATES.flatMap(([state, label, kind]) => {
    const count = order.events.filter((event) => event.state === state).length;
    return count ? [chip(`${count} ${label}`, kind)] : [];
  });
  const shown = row.querySelector('.qa-chips');
  if (shown.textContent !== chips.map(({ textContent }) => textContent).join('')) {
    shown.replaceChildren(...chips);
  }
  setText(row.querySelector('.qa-what'), noteOf(order, now));
  for (const button of row.querySelectorAll('button')) {
    const action = button.dataset.orderDo;
    if (action === 'retry') button.hidden = !order.events.some(({ state }) => state === 'given-up');
    else button.disabled = order.actions.includes(action);
  }
}

function showOrders(orders, now) {
  const list = part('orders');
  const known = new Map([...list.children].map((row) => [row.dataset.order, row]));
  const rows = orders.map((order) => known.get(order.id) ?? createRow(order));
  rows.forEach((row, index) => {
    updateRow(row, orders[index], now);
  });
  const isSame =
    rows.length === list.children.length &&
    rows.every((row, index) => row === list.children[index]);
  if (!isSame) list.replaceChildren(...rows);
}

/** @param {() => Promise<object | undefined> | undefined} visitor */
export function connectOrders(visitor) {
  let isRefreshing = false;

  async function show() {
    const { endpoint, ready, sum, orders, count } = await call('GET', 'orders');
    showEndpoint(endpoint, ready);
    showSum(sum);
    setText(part('orders-count'), String(count));
    showOrders(orders, Date.now());
  }

  /** One at a time. */
  async function refresh() {
    if (isRefreshing) return;
    isRefreshing = true;
    try {
      await show();
    } catch {
      // The demo has ended: the rest of the inspector says so.
    }
    isRefreshing = false;
  }

  async function act(work) {
    try {
      await work();
      await show();
    } catch (error) {
      showAlert(`That did not work: ${error.message}`);
    }
  }

  part('endpoint').addEventListener('change', ({ target }) =>
    act(() => call('POST', `endpoint/${target.value}`)),
  );
  panel.addEventListener('click', ({ target }) => {
    const { orderCount, orderDo, orderId } = target.dataset;
    if (orderDo) act(() => call('POST', `orders/${orderId}/${orderDo}`));
    if (!orderCount) return;
    act(async () =>
      call('POST', 'orders', { count: Number(orderCount), visitor: await visitor() }),
    );
  });

  return { refresh, forget: () => call('POST', 'forget') };
}
