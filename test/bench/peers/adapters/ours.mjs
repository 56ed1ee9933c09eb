// This package, against its sandbox: what counts as arrived is what Klaviyo would have recorded.
// This folder is a package of its own, so it does not know the other by name.
import { createSandbox } from '../../../../dist/sandbox/index.js';
import { jsonOf, textOf } from '../decode.mjs';

/** Runs in the page. */
export function start({ createClient }, host) {
  const client = createClient({ companyId: 'AbC123', apiHost: host });
  return {
    identify: (email) => void client.identify({ email }),
    track: (name, properties) => void client.track(name, properties, { value: 48 }),
  };
}

const eventOf = ({ attributes }) => ({ n: attributes.properties?.n, id: attributes.unique_id });

export const adapter = {
  package: 'klaviyo-storefront',
  isOurs: true,
  library: { from: '../../../dist/index.js', names: ['createClient'] },
  variants: [{ name: 'klaviyo-storefront', settings: 'defaults' }],
  read(request) {
    if (!request.path.startsWith('/client/event')) return undefined;
    const { data } = jsonOf(request);
    return (data.attributes.events?.data ?? [data]).map(eventOf);
  },
  refuse: () => ({
    errors: [
      {
        ...{ id: '1', code: 'invalid', title: 'Invalid input.', detail: 'The event is poisoned.' },
        source: { pointer: '/data/attributes/properties' },
      },
    ],
  }),
  throttle: () => ({ errors: [{ id: '1', code: 'throttled', title: 'Too many requests' }] }),
  /** Answers as Klaviyo does, by the harshest reading of its rules. */
  async createBackend() {
    const sandbox = await createSandbox({ rateLimits: false, bulkDuplicates: 'fail' });
    return {
      async answer({ method, url, headers, ...request }) {
        const response = await fetch(`${sandbox.url}${url}`, {
          method,
          headers: { revision: headers.revision, 'content-type': headers['content-type'] },
          body: textOf(request),
        });
        return { status: response.status, body: await response.text() };
      },
      recordedIds: () => new Set(sandbox.events().map(({ uniqueId }) => uniqueId)),
      close: () => sandbox.close(),
    };
  },
};
