// Where the events of each order are, from the shop's book to Klaviyo's records, for the inspector.
const ORDERS_SHOWN = 30;
const READYZ_MAX_MS = 1000;
const ENTRIES_MAX = 100_000;

const METRICS = {
  placed: 'Placed Order',
  fulfilled: 'Fulfilled Order',
  canceled: 'Canceled Order',
  refunded: 'Refunded Order',
};

const keyOf = ({ metric, uniqueId }) => `${metric} ${uniqueId}`;
const isOrders = ({ endpoint }) => endpoint.startsWith('api/');

/** The events a message comes to at Klaviyo. */
function eventsOf({ id, items }, { action }) {
  const whole = { metric: METRICS[action], uniqueId: id };
  if (action !== 'placed') return [whole];
  const lines = items.map((_, index) => ({
    metric: 'Ordered Product',
    uniqueId: `${id}_${index + 1}`,
  }));
  return [whole, ...lines];
}

/** Klaviyo's words without their wrapping: `400: ` and an error document becomes `400: The email is invalid.` */
function shorten(reason) {
  const [, status, text] = /^(\d+): (\{.*)$/s.exec(reason ?? '') ?? [];
  try {
    return text
      ? `${status}: ${JSON.parse(text)
          .errors.map(({ detail }) => detail)
          .join(' ')}`
      : reason;
  } catch {
    return reason; // cut short, or another document
  }
}

function stateOf(message, entry, now) {
  if (message.state !== 'accepted') return message.state === 'refused' ? 'refused' : 'at-shop';
  if (!entry) return 'delivered';
  if (entry.state === 'given-up') return 'given-up';
  return entry.claimedUntil > now ? 'under-way' : 'waiting';
}

export function createLookout({ book, outbox, endpoint, sandbox }) {
  /** Keys of what was recorded before the sandbox was cleared: nobody can look for it any more. */
  const forgotten = new Set();

  async function readyz() {
    const url = endpoint.url();
    if (!url) return undefined;
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READYZ_MAX_MS) });
      return await response.json();
    } catch {
      return undefined;
    }
  }

  function recordedByKey() {
    const events = sandbox.events();
    const browsers = new Map();
    for (const { profileId } of events.filter((event) => !isOrders(event))) {
      browsers.set(profileId, (browsers.get(profileId) ?? 0) + 1);
    }
    const recorded = new Map();
    for (const event of events.filter(isOrders)) {
      const { count = 0 } = recorded.get(keyOf(event)) ?? {};
      const joins = browsers.get(event.profileId) ?? 0;
      recorded.set(keyOf(event), { count: count + 1, joins });
    }
    return recorded;
  }

  /** Book, then outbox, then sandbox: in this order nothing that moves on meanwhile can look lost. */
  async function survey() {
    const taken = book.entries().map(({ id, order, messages }) => ({
      ...{ id, order },
      messages: messages.map(({ body, ...message }) => message),
    }));
    const entries = new Map((await outbox.list({}, ENTRIES_MAX)).map((one) => [keyOf(one), one]));
    const recorded = recordedByKey();
    const now = Date.now();

    return taken.flatMap(({ id, order, messages }) => {
      const events = messages.flatMap((message) =>
        eventsOf(order, message).map((event) => {
          const entry = entries.get(keyOf(event));
          const { count = 0, joins = 0 } = recorded.get(keyOf(event)) ?? {};
          const state = stateOf(message, entry, now);
          const why = shorten(entry?.reason) ?? message.problem;
          const attempts = entry?.attempts ?? message.attempts;
          const dueAt = state === 'waiting' ? entry.dueAt : undefined;
          return { ...event, state, recorded: count, joins, why, attempts, dueAt };
        }),
      );
      const shown = events.filter((event) => !forgotten.has(keyOf(event)));
      if (shown.length === 0) return [];
      const { total, time, customer } = order;
      const actions = messages.map(({ action }) => action);
      return { ...{ id, total, time, actions, email: customer.email }, events: shown };
    });
  }

  /** Sums are of events. */
  function sumOf(all) {
    const count = (...states) => all.filter(({ state }) => states.includes(state)).length;
    return {
      events: all.length,
      atShop: count('at-shop'),
      waiting: count('waiting'),
      underWay: count('under-way'),
      delivered: count('delivered'),
      givenUp: count('given-up', 'refused'),
      recorded: all.filter(({ recorded }) => recorded > 0).length,
      lost: all.filter(({ state, recorded }) => state === 'delivered' && recorded === 0).length,
      doubled: all.reduce((more, { recorded }) => more + Math.max(0, recorded - 1), 0),
    };
  }

  return {
    /** Everything the inspector shows of orders, the latest first. */
    async look() {
      const [ready, orders] = await Promise.all([readyz(), survey()]);
      return {
        ...{ endpoint: endpoint.state(), ready },
        sum: sumOf(orders.flatMap(({ events }) => events)),
        // Only the latest are listed.
        count: orders.length,
        orders: orders.slice(-ORDERS_SHOWN).reverse(),
      };
    },
    /** The sandbox is about to be cleared. */
    async forget() {
      for (const event of (await survey()).flatMap(({ events }) => events)) {
        if (event.state === 'delivered') forgotten.add(keyOf(event));
      }
    },
  };
}
