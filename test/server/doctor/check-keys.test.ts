import { describe, expect, it } from 'vitest';
import { diagnose } from '../../helpers/start-doctor.js';
import { privateKey, secret } from '../orders.js';

const look = (environment: Record<string, string>) => diagnose(environment, { groups: ['keys'] });

describe('the keys', () => {
  it('are right as Klaviyo makes them', async () => {
    const { results } = await look({
      KLAVIYO_PUBLIC_KEY: ' AbC123\n',
      KLAVIYO_PRIVATE_KEY: privateKey,
      ORDER_SIGNING_SECRET: `${secret} ${secret}`,
    });
    expect(results.map(({ id, status }) => [id, status])).toEqual([
      ['public-key', 'passed'],
      ['private-key', 'passed'],
      ['signing-secret', 'passed'],
    ]);
  });

  it('are missed when they are not there', async () => {
    const { statusOf, messageOf } = await look({});
    expect(statusOf('public-key')).toBe('skipped');
    expect(messageOf('public-key')).toContain('Set it to the company id');
    expect(statusOf('private-key')).toBe('failed');
    expect(messageOf('private-key')).toContain('KLAVIYO_PRIVATE_KEY is not set');
    expect(statusOf('signing-secret')).toBe('skipped');
  });

  it('are told from each other when they are swapped', async () => {
    const { statusOf, messageOf } = await look({
      KLAVIYO_PUBLIC_KEY: privateKey,
      KLAVIYO_PRIVATE_KEY: 'AbC123',
    });
    for (const id of ['public-key', 'private-key']) {
      expect(statusOf(id)).toBe('failed');
      expect(messageOf(id)).toContain('swapped: exchange them');
      expect(messageOf(id)).not.toContain(privateKey);
    }
  });

  it.each([
    ['KLAVIYO_PUBLIC_KEY', privateKey, 'public-key', 'holds a private key'],
    ['KLAVIYO_PUBLIC_KEY', 'AbC1234', 'public-key', 'it has 7 characters'],
    ['KLAVIYO_PUBLIC_KEY', 'AbC-12', 'public-key', 'six letters and digits'],
    ['KLAVIYO_PRIVATE_KEY', 'AbC123', 'private-key', 'holds a public key'],
    ['KLAVIYO_PRIVATE_KEY', 'pk_short', 'private-key', 'at least 16'],
    ['KLAVIYO_PRIVATE_KEY', `"${privateKey}"`, 'private-key', 'quotation mark'],
    ['KLAVIYO_PRIVATE_KEY', `${privateKey} x`, 'private-key', 'without anything else'],
    ['ORDER_SIGNING_SECRET', 'password', 'signing-secret', 'whsec_ and the base64'],
    ['ORDER_SIGNING_SECRET', `${secret} whsec_AAAA`, 'signing-secret', 'number 2 of 2'],
  ])('is refused: %s=%s', async (name, value, id, words) => {
    const { statusOf, messageOf } = await look({
      ...{ KLAVIYO_PUBLIC_KEY: 'AbC123', KLAVIYO_PRIVATE_KEY: privateKey, [name]: value },
    });
    expect(statusOf(id)).toBe('failed');
    expect(messageOf(id)).toContain(words);
  });

  it('need a signing secret where there is an order endpoint', async () => {
    const { statusOf, messageOf } = await look({ ORDER_ENDPOINT_URL: 'https://orders.shop.test' });
    expect(statusOf('signing-secret')).toBe('failed');
    expect(messageOf('signing-secret')).toContain('openssl rand');
  });
});
