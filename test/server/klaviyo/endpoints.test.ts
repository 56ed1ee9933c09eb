import { describe, expect, it } from 'vitest';
import { ENDPOINTS, type Endpoint, endpointOf } from '../../../src/server/klaviyo/endpoints.js';
import { openApiOperation } from '../../helpers/openapi-operation.js';
import { whySkipped } from '../../sandbox/openapi-schema.js';

if (whySkipped) console.warn(whySkipped);

const all: [name: string, endpoint: Endpoint][] = Object.entries(ENDPOINTS);
const numberOf = (text: string | undefined) =>
  text === undefined ? undefined : parseInt(text, 10);

describe('the table of endpoints', () => {
  it.skipIf(whySkipped).each(all)('says what Klaviyo’s OpenAPI file does: %s', (_, endpoint) => {
    const { method, path, rate, scopes, variant } = endpoint;
    const operation = openApiOperation(method, path);
    expect([...scopes].sort()).toEqual([...operation['x-klaviyo-scopes']].sort());
    const { burst, steady, daily } = operation['x-klaviyo-ratelimit'];
    const documented = {
      ...{ burst: numberOf(burst), steady: numberOf(steady) },
      ...(daily !== undefined && { daily: numberOf(daily) }),
    };
    // What a parameter makes dearer is in the description only.
    if (variant === undefined) expect(rate).toEqual(documented);
    else expect(rate).toEqual({ burst: 10, steady: 150 });
  });

  it.each(all.filter(([, { variant }]) => variant === undefined))(
    'is found by path: %s',
    (_, endpoint) => {
      const { method, path } = endpoint;
      expect(endpointOf(method, path.replace('{id}', 'a%2Fb'))).toEqual(endpoint);
      expect(endpointOf(method, `${path}/`)).toEqual(endpoint);
      expect(endpointOf(method, `${path}/more`)).not.toEqual(endpoint);
      expect(endpointOf('PUT', path)).toBeUndefined();
    },
  );

  it('lets nothing be repeated that would be there twice', () => {
    const once = all.filter(([, { isRepeatable }]) => !isRepeatable).map(([name]) => name);
    expect(once).toEqual(['createList', 'createWebhook']);
  });
});
