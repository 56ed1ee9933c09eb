// The sandbox's control API, as far as the inspector needs it.
export const NETWORK = {
  online: { note: 'Requests are answered as Klaviyo would.' },
  offline: {
    note: 'Every connection breaks before anything is processed, as without a network.',
    fault: { reset: 'before' },
  },
  throttled: {
    note: 'Every request is answered 429 with Retry-After: 5.',
    fault: { status: 429, retryAfterSeconds: 5 },
  },
  failing: { note: 'Every request is answered 500.', fault: { status: 500 } },
  hanging: {
    note: 'No request is ever answered; the tracker gives up after its timeout.',
    fault: { hang: true },
  },
  resetAfter: {
    note: 'Requests are processed, then the connection breaks: the tracker cannot know, must send again, and still nothing may double.',
    fault: { reset: 'after' },
  },
  slow: {
    note: 'Every answer takes three seconds.',
    fault: { delayMs: 3000 },
  },
  refusedOrder: {
    note: 'What the order endpoint sends is answered 400: it gives up, keeps it, and says so.',
    fault: { endpoint: 'api/events', status: 400 },
  },
  refusedKey: {
    note: 'The order endpoint’s private key is refused (401): everything waits, and it asks again in 15 minutes.',
    fault: { endpoint: 'api/events', status: 401 },
  },
};

export function createSandboxControl(origin) {
  const call = async (method, path, body) => {
    const response = await fetch(`${origin}/__sandbox/${path}`, {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${path}.`);
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  };

  return {
    events: () => call('GET', 'events'),
    profiles: () => call('GET', 'profiles'),
    requests: () => call('GET', 'requests'),
    reset: () => call('POST', 'reset'),
    /** The name of the network switch that is set, whichever tab set it. */
    async network() {
      const { faults } = await call('GET', 'state');
      const isSet = ([, { fault }]) =>
        fault && Object.entries(fault).every(([name, value]) => faults[0]?.[name] === value);
      return Object.entries(NETWORK).find(isSet)?.[0] ?? 'online';
    },
    async setNetwork(name) {
      await call('DELETE', 'faults');
      if (NETWORK[name].fault) await call('POST', 'faults', NETWORK[name].fault);
    },
    /** Calls `listener` at each thing the sandbox received, and after each reconnection. */
    watch(listener, onBroken) {
      const stream = new EventSource(`${origin}/__sandbox/stream`);
      for (const kind of ['open', 'event', 'duplicate', 'profile', 'request']) {
        stream.addEventListener(kind, listener);
      }
      stream.addEventListener('error', onBroken);
      return () => stream.close();
    },
  };
}
