// What every page of the matrix runs before the tracker: its clock, its broken storage, and the line on
// which it reports. Shipped to the page as text, so it sees nothing but its argument.
import type { Client } from 'klaviyo-storefront';

export interface Clock {
  /** Real epoch ms at which the clock was right. */
  startAt: number;
  /** How much faster than real time it goes. */
  speed: number;
  /** How far it is off. */
  offsetMs: number;
}

export interface PageSettings {
  clock?: Clock;
  /** How storage is broken, from before the tracker. */
  broken?: ('indexeddb-throws' | 'indexeddb-never' | 'indexeddb-full')[];
}

declare global {
  interface Window {
    matrix: {
      clock: Clock;
      /** Connections to IndexedDB that this page has opened. */
      databases: IDBDatabase[];
      /** Tracks in this task; resolves to the ids when all are durable. */
      track(numbers: number[], metric?: string): Promise<(string | undefined)[]>;
      /** Leaves not a character of room in localStorage. */
      fillLocalStorage(): void;
    };
  }
}

export function putHooks(settings: PageSettings): void {
  const realNow = Date.now.bind(Date);
  const realTimeout = window.setTimeout.bind(window);
  const clock = settings.clock ?? { startAt: realNow(), speed: 1, offsetMs: 0 };
  const databases: IDBDatabase[] = [];

  // What is said in one task goes in one request, which outlives the page if it is small.
  let said: { kind: string; content: unknown }[] = [];
  const send = (): void => {
    const body = JSON.stringify(said);
    said = [];
    const keepalive = body.length < 4000;
    fetch('/report', { method: 'POST', body, keepalive }).catch(() => undefined);
  };
  const report = (kind: string, content: unknown): void => {
    if (said.push({ kind, content }) === 1) queueMicrotask(send);
  };
  addEventListener('error', (event) => report('error', `${event.message} ${event.error?.stack}`));
  addEventListener('unhandledrejection', (event) => report('error', `${event.reason?.stack}`));
  for (const level of ['error', 'warn'] as const) {
    const original = console[level];
    console[level] = (...words: unknown[]) => {
      report(level === 'error' ? 'error' : 'warning', words.join(' '));
      original.apply(console, words);
    };
  }

  if (settings.clock) {
    Date.now = () => clock.startAt + (realNow() - clock.startAt) * clock.speed + clock.offsetMs;
    const { speed } = clock;
    if (speed !== 1) {
      // The limit for a disk that does not answer stays: the disk is not sped up.
      const diskMs = 3000;
      window.setTimeout = ((task: () => void, ms = 0) =>
        realTimeout(task, ms === diskMs ? ms : ms / speed)) as typeof window.setTimeout;
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => timeout(Math.max(1000, ms / speed));
    }
  }

  const broken = settings.broken ?? [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (this: IDBFactory, ...given: [string, number?]) {
    if (broken.includes('indexeddb-throws')) throw new DOMException('Not here.', 'SecurityError');
    if (broken.includes('indexeddb-never')) return new EventTarget() as IDBOpenDBRequest;
    const request = open.apply(this, given);
    request.addEventListener('success', () => databases.push(request.result));
    return request;
  };
  if (broken.includes('indexeddb-full')) {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given: [unknown]) {
      const request = put.apply(this, given);
      this.transaction.abort();
      return request;
    };
  }

  // Every client is started from this map, so nothing it reports is missed.
  class Watched extends Map<string, () => Client> {
    override set(companyId: string, start: () => Client): this {
      let client: Client | undefined;
      return super.set(companyId, () => {
        if (client) return client;
        client = start();
        client.on('dropped', (content) => report('dropped', content));
        return client;
      });
    }
  }
  (window as unknown as { [name: symbol]: unknown })[Symbol.for('klaviyo-storefront:clients')] =
    new Watched();
  globalThis.tracker = () => (window.klaviyo as unknown as { client: never }).client;

  window.matrix = {
    clock,
    databases,
    track: (numbers, metric = 'Viewed Product') =>
      Promise.all(numbers.map((n) => tracker().track(metric, { n }))),
    fillLocalStorage: () => {
      for (let size = 2 ** 20, index = 0; size >= 1; index++) {
        try {
          localStorage.setItem(`filler-${index}`, 'x'.repeat(size));
        } catch {
          size = Math.floor(size / 2);
        }
      }
    },
  };

  const agent = /#agent=(\w+)/.exec(location.hash)?.[1];
  if (!agent) return;
  const answer = (result: object) =>
    fetch(`/agent/${agent}/result`, { method: 'POST', body: JSON.stringify(result) });
  const ask = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(`/agent/${agent}/next`, { cache: 'no-store' });
      const { id, expression } = await response.json();
      try {
        // Sees the page and not this function.
        const value = await new Function(`return ${expression}`)();
        await answer({ id, value });
      } catch (error) {
        await answer({ id, error: String((error as Error).stack) });
      }
    }
  };
  addEventListener('load', () => {
    void answer({ id: 0 });
    ask().catch(() => undefined);
  });
}
