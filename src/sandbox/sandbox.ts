import { createClientApi } from './client-api.js';
import { createControl } from './control.js';
import type { Fault } from './fault.js';
import { createFaults } from './fault.js';
import { createFixtures, type Fixtures } from './fixtures.js';
import type { SandboxOptions } from './options.js';
import { applyOptions, defaultOptions } from './options.js';
import { createPrivateApi } from './private-api.js';
import { createRateLimiter } from './rate-limiter.js';
import { createRecorder } from './recorder.js';
import type {
  RecordedDelivery,
  RecordedEvent,
  RecordedProfile,
  RecordedRequest,
} from './records.js';
import { createSandboxServer } from './server.js';
import { createLedger } from './store/ledger.js';
import { createWaiters } from './wait-for.js';
import { createMadeUpEvents, type WebhookEvent } from './webhooks/made-up-event.js';
import { createWebhookSender } from './webhooks/sender.js';
import { topicsOf } from './webhooks/topics.js';

/** A running local Klaviyo. What it lists are copies: changing them changes nothing. */
export interface Sandbox extends Fixtures {
  /** Its address, without a slash at the end: the tracker's `apiHost`. */
  url: string;
  port: number;
  /** Every recorded event, in order of arrival. */
  events(): RecordedEvent[];
  /** Every profile, in order of creation. */
  profiles(): RecordedProfile[];
  /** Every request, in order of arrival, whatever became of it; no preflights. */
  requests(): RecordedRequest[];
  /** Every attempt at delivering to a webhook, in their order. */
  deliveries(): RecordedDelivery[];
  /**
   * Tells the webhooks of a topic that something happened which the sandbox does not do itself, such
   * as an opened mail. Resolves to the last attempt for each, when it was taken, refused or given up.
   * Rejects with a TypeError for a topic the account has not.
   */
  sendWebhook(event: WebhookEvent): Promise<RecordedDelivery[]>;
  /**
   * Clicks the link in the mail that asks to confirm subscriptions, of the sandbox's first company.
   * Returns how many were waiting for it.
   */
  confirmSubscriptions(email: string): number;
  /** Sets a fault and returns its id. Throws a TypeError for a field or value no fault has. */
  addFault(fault: Fault): string;
  /** Removes every fault and breaks the connections that hang. */
  clearFaults(): void;
  /** Changes options from the next request on. Throws a TypeError for an unknown one; `port` and `host` stay. */
  configure(patch: Partial<SandboxOptions>): void;
  /** Forgets everything it was sent or given, faults and the state of the rate limits. Options stay. */
  reset(): void;
  /** Stops at once: open, idle and hanging connections are broken, waits are rejected. Safe to call twice. */
  close(): Promise<void>;
  /**
   * Resolves as soon as the predicate holds; it is asked now and after everything that happens.
   * Rejects after `timeoutMs` (default 5000) with an Error that says what has arrived, when the
   * predicate throws, or when the sandbox closes.
   */
  waitFor(predicate: (sandbox: Sandbox) => boolean, timeoutMs?: number): Promise<void>;
}

/**
 * Starts a local Klaviyo that enforces the documented contract of the client API and of the endpoints
 * for servers: point an `apiHost` at its `url`. Rejects when the port is taken (`EADDRINUSE`) and with a
 * TypeError for an unknown option.
 */
export async function createSandbox(sandboxOptions: SandboxOptions = {}): Promise<Sandbox> {
  let options = applyOptions(defaultOptions(), sandboxOptions);
  const currentOptions = () => options;
  const ledger = createLedger();
  const faults = createFaults();
  const waiters = createWaiters();
  const rateLimiter = createRateLimiter(currentOptions);
  const recorder = createRecorder(currentOptions, ledger);
  const clientApi = createClientApi(currentOptions, recorder, rateLimiter);
  const privateApi = createPrivateApi({ options: currentOptions, ledger, recorder }, rateLimiter);
  const control = createControl({
    sandbox: () => sandbox,
    options: currentOptions,
    faults,
    ledger,
  });
  const server = createSandboxServer({
    ...{ options: currentOptions, clientApi, privateApi },
    ...{ control, faults, ledger },
  });
  const sender = createWebhookSender(currentOptions, ledger, () => sandbox.url);
  const makeUpEvent = createMadeUpEvents();
  ledger.onChange(() => waiters.notify());

  const host = sandboxOptions.host ?? '127.0.0.1';
  const port = await server.listen(sandboxOptions.port ?? 0, host);
  let closed: Promise<void> | undefined;

  const sandbox: Sandbox = {
    // A literal IPv6 address needs brackets in a URL.
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    events: ledger.events.list,
    profiles: ledger.profiles.list,
    requests: ledger.listRequests,
    ...createFixtures(currentOptions, ledger),
    deliveries: ledger.listDeliveries,
    async sendWebhook(event) {
      const companyId = event.companyId ?? options.companies[0] ?? '';
      if (!topicsOf(ledger.metrics.of(companyId).values()).includes(event.topic)) {
        throw new TypeError(`There is no webhook topic '${event.topic}' in ${companyId}.`);
      }
      const made = makeUpEvent(event, companyId, options.now());
      return sender.send(companyId, event.topic, made);
    },
    confirmSubscriptions: (email) =>
      ledger.pending.confirm(options.companies[0] ?? '', email, options.now()),
    addFault: faults.add,
    clearFaults() {
      faults.clear();
      server.releaseHanging();
    },
    configure(patch) {
      options = applyOptions(options, patch);
    },
    reset() {
      sandbox.clearFaults();
      ledger.clear();
      rateLimiter.clear();
      waiters.notify();
    },
    close() {
      waiters.failAll('The sandbox was closed.');
      sender.close();
      closed ??= server.close();
      return closed;
    },
    waitFor: (predicate, timeoutMs = 5000) => waiters.waitFor(sandbox, predicate, timeoutMs),
  };
  return sandbox;
}
