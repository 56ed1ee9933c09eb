/**
 * The stub to paste into a page: until script.js is there it records calls into `_klOnsite`, in the format
 * of klaviyo.js's own stub. Imports nothing.
 */
type Callback = (result: unknown) => void;

interface StubWindow {
  klaviyo?: unknown;
  _klOnsite: unknown[];
}

/** A page that waits for an answer goes on after this time even if the script is blocked for good. */
const answerWithinMs = 4000;
const page = window as unknown as StubWindow;
if (!page.klaviyo) {
  page._klOnsite = page._klOnsite || [];
  page.klaviyo = new Proxy(
    {},
    {
      get: (_, method) =>
        method === 'push'
          ? (...entries: unknown[]) => page._klOnsite.push(...entries)
          : typeof method === 'string' && method !== 'then'
            ? (...args: unknown[]) => {
                const callback = args[args.length - 1];
                const call = typeof callback === 'function' ? args.pop() : 0;
                const result = new Promise((resolve) => {
                  page._klOnsite.push([method, ...args, resolve]);
                  setTimeout(resolve, answerWithinMs);
                });
                if (call) result.then(call as Callback);
                return result;
              }
            : undefined,
    },
  );
}
