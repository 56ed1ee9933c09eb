/** Plain counts, so that counting costs nothing; prom-client writes them down when somebody asks. */
import type { OutboxStats } from './outbox.js';
import { importPeer } from './peer.js';

const COUNTERS = {
  klaviyo_orders_accepted_total: 'Orders and changes of orders that were stored, by action.',
  klaviyo_orders_duplicate_total: 'Orders that had been accepted before, by action.',
  klaviyo_requests_refused_total: 'Requests that were refused, by status.',
  klaviyo_webhooks_ignored_total: 'Webhooks with nothing for Klaviyo, by reason.',
  klaviyo_events_delivered_total: 'Events that Klaviyo has accepted, by metric.',
  klaviyo_events_given_up_total: 'Events that Klaviyo refused for good, by metric.',
  klaviyo_attempts_total: 'Requests to Klaviyo, by outcome.',
} as const;

const TIMES = {
  klaviyo_accept_seconds: 'From an order to its answer.',
  klaviyo_delivery_seconds: "From an order's acceptance to Klaviyo's.",
} as const;

// Up to a day: an outage is when one looks.
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86_400];

const labelOf = {
  klaviyo_orders_accepted_total: 'action',
  klaviyo_orders_duplicate_total: 'action',
  klaviyo_requests_refused_total: 'status',
  klaviyo_webhooks_ignored_total: 'reason',
  klaviyo_events_delivered_total: 'metric',
  klaviyo_events_given_up_total: 'metric',
  klaviyo_attempts_total: 'outcome',
} as const;

type Counter = keyof typeof COUNTERS;
type Time = keyof typeof TIMES;

export function createMetrics() {
  const counts = new Map<string, { name: Counter; label: string; count: number }>();
  const times = new Map<Time, { buckets: number[]; sum: number; count: number }>();

  async function render(stats: OutboxStats, now: number, isDenied: boolean) {
    const { Registry, Counter, Gauge } = await importPeer(
      'GET /metrics',
      ['prom-client'],
      () => import('prom-client'),
    );
    const registers = [new Registry()];
    for (const name of Object.keys(COUNTERS) as Counter[]) {
      const labelNames = [labelOf[name]];
      const counter = new Counter({ name, help: COUNTERS[name], labelNames, registers });
      for (const each of counts.values()) {
        if (each.name === name) counter.inc({ [labelOf[name]]: each.label }, each.count);
      }
    }
    const gauge = (name: string, help: string, value: number) =>
      new Gauge({ name, help, registers }).set(value);
    gauge('klaviyo_outbox_waiting', 'Events that are not delivered yet.', stats.waiting);
    gauge('klaviyo_outbox_given_up', 'Events that were given up and kept.', stats.givenUp);
    const oldestMs = stats.oldestAt === undefined ? 0 : Math.max(0, now - stats.oldestAt);
    gauge('klaviyo_outbox_oldest_seconds', 'Age of the oldest that waits.', oldestMs / 1000);
    gauge('klaviyo_denied', '1 while Klaviyo refuses the private key.', isDenied ? 1 : 0);
    const text = await registers[0]?.metrics();
    return `${text}${(Object.keys(TIMES) as Time[]).map(histogram).join('')}`;
  }

  // prom-client's histograms only take one observation after the other, and these have been counted.
  function histogram(name: Time): string {
    const { buckets = [], sum = 0, count = 0 } = times.get(name) ?? {};
    let below = 0;
    const lines = BOUNDS.map((bound, index) => {
      below += buckets[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${below}`;
    });
    return [
      ...[`# HELP ${name} ${TIMES[name]}`, `# TYPE ${name} histogram`, ...lines],
      ...[`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`, ''],
    ].join('\n');
  }

  return {
    count(name: Counter, label: string | number, by = 1): void {
      const key = `${name} ${label}`;
      const known = counts.get(key);
      if (known) known.count += by;
      else counts.set(key, { name, label: String(label), count: by });
    },
    time(name: Time, durationMs: number): void {
      const seconds = Math.max(0, durationMs) / 1000;
      const known = times.get(name) ?? { buckets: [], sum: 0, count: 0 };
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) known.buckets[bucket] = (known.buckets[bucket] ?? 0) + 1;
      known.sum += seconds;
      known.count += 1;
      times.set(name, known);
    },
    render,
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
