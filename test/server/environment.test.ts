import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnvironment } from '../../src/server/environment.js';
import { privateKey, secret } from './orders.js';

const good = { KLAVIYO_PRIVATE_KEY: privateKey, ORDER_SIGNING_SECRET: secret };
const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

describe('the environment', () => {
  it('needs two variables, and has defaults for the rest', () => {
    expect(readEnvironment(good)).toEqual({
      ...{ privateKey, signingSecrets: [secret], database: 'klaviyo-orders.db' },
      ...{ shopifySecrets: [], woocommerceSecrets: [] },
      ...{ port: 3000, host: '127.0.0.1', logLevel: 'info' },
    });
  });

  it('may say everything', () => {
    expect(
      readEnvironment({
        ...{ KLAVIYO_PRIVATE_KEY: ` ${privateKey}\n`, ORDER_SIGNING_SECRET: `${secret} ${other}` },
        ...{ KLAVIYO_PUBLIC_KEY: 'AbC123', KLAVIYO_API_HOST: 'http://127.0.0.1:4000' },
        ...{ DATABASE_URL: 'postgres://shop@db/orders', PORT: '0', HOST: '0.0.0.0' },
        ...{ SHOPIFY_WEBHOOK_SECRET: 'new', SHOPIFY_WEBHOOK_SECRET_OLD: 'old' },
        WOOCOMMERCE_WEBHOOK_SECRET: ' a#b, c;$d"\n',
        ...{ MAX_WAITING_EVENTS: '500', LOG_LEVEL: 'warn' },
      }),
    ).toEqual({
      ...{ privateKey, signingSecrets: [secret, other], publicKey: 'AbC123' },
      ...{ apiHost: 'http://127.0.0.1:4000', database: 'postgres://shop@db/orders' },
      ...{ shopifySecrets: ['new', 'old'], woocommerceSecrets: [' a#b, c;$d"'], maxWaiting: 500 },
      ...{ port: 0, host: '0.0.0.0', logLevel: 'warn' },
    });
  });

  // WooCommerce makes its secrets of all printable characters, spaces and commas too.
  it("takes no part of a platform's secret for a secret", () => {
    const secret = 'k3y , with _everything_ `in` it';
    const { woocommerceSecrets } = readEnvironment({ ...good, WOOCOMMERCE_WEBHOOK_SECRET: secret });
    expect(woocommerceSecrets).toEqual([secret]);
  });

  it.each([
    ['KLAVIYO_PRIVATE_KEY', undefined],
    ['KLAVIYO_PRIVATE_KEY', ''],
    ['KLAVIYO_PRIVATE_KEY', 'AbC123'],
    ['SHOPIFY_WEBHOOK_SECRET', ' '],
    ['WOOCOMMERCE_WEBHOOK_SECRET_OLD', ' \t\n'],
    ['KLAVIYO_PRIVATE_KEY', 'pk_with-a-dash-in-it-somewhere'],
    ['ORDER_SIGNING_SECRET', undefined],
    ['ORDER_SIGNING_SECRET', 'password1'],
    ['ORDER_SIGNING_SECRET', `${secret} whsec_c2hvcnQ=`],
    ['KLAVIYO_PUBLIC_KEY', 'pk_123'],
    ['KLAVIYO_API_HOST', 'a.klaviyo.com'],
    ['KLAVIYO_API_HOST', 'http://a.klaviyo.com'],
    ['DATABASE_URL', 'mysql://shop@db/orders'],
    ['DATABASE_URL', ':memory:'],
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['MAX_WAITING_EVENTS', '-1'],
    ['LOG_LEVEL', 'loud'],
  ])('with %s=%s is refused in one message that names it and shows nothing', (name, value) => {
    const read = () => readEnvironment({ ...good, [name]: value });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(new RegExp(`^${name} `));
    if (value && value.length > 5) expect(read).not.toThrow(value);
  });
});
