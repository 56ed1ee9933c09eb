// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { type ClientOptions, readOptions } from '../../src/browser/options.js';

const read = (options: Partial<ClientOptions>) => readOptions({ companyId: 'AbC123', ...options });

describe('options', () => {
  it('have the documented defaults', () => {
    expect(read({})).toEqual({
      companyId: 'AbC123',
      apiHost: 'https://a.klaviyo.com',
      revision: '2026-07-15',
      anonymous: 'hold',
      consent: 'granted',
      respectGpc: false,
      flushIntervalMs: 1000,
      flushAt: 20,
      maxBatchEvents: 1000,
      maxQueueEvents: 2000,
      maxQueueBytes: 5_000_000,
      maxAgeMs: 14 * 86_400_000,
      staleAfterMs: 86_400_000,
      requestTimeoutMs: 15_000,
      activeOnSite: false,
      debug: false,
    });
  });

  it('keep what is given', () => {
    expect(read({ flushAt: 1, anonymous: 'send', debug: true })).toMatchObject({
      flushAt: 1,
      anonymous: 'send',
      debug: true,
    });
  });

  it.each([
    ['https://a.klaviyo.com/', 'https://a.klaviyo.com'],
    ['https://shop.example/k//', 'https://shop.example/k'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['/k', '/k'],
  ])('take %s for the host %s', (apiHost, expected) => {
    expect(read({ apiHost }).apiHost).toBe(expected);
  });

  it.each<[object, string]>([
    [{ companyId: 'ABC' }, 'company-id'],
    [{ companyId: 'AbC 12' }, 'company-id'],
    [{ companyId: 123456.5 }, 'company-id'],
    [{ companyId: 'pk_1' }, 'private-key'],
    [{ anonymous: 'drop' }, 'option'],
    [{ consent: 'yes' }, 'option'],
    [{ consent: true }, 'option'],
    [{ flushAt: Number.NaN }, 'option'],
    [{ flushIntervalMs: '500' }, 'option'],
    [{ maxAgeMs: null }, 'option'],
    [{ debug: 'yes' }, 'option'],
    [{ revision: 20260715 }, 'option'],
    // Klaviyo refuses what comes with one of these, and the events would be lost.
    [{ revision: '' }, 'option'],
    [{ revision: '2026-7-15' }, 'option'],
    [{ revision: '2026-07-15\n' }, 'option'],
    [{ apiHost: 'https://' }, 'option'],
    [{ apiHost: 'https:///k' }, 'option'],
    [{ consent: 'granted /' }, 'option'],
    [{ apiHost: 'shop.example' }, 'option'],
    [{ apiHost: 'javascript:alert(1)' }, 'option'],
  ])('%o are a mistake (%s) that says what to change', (options, code) => {
    expect(() => read(options)).toThrow(expect.objectContaining({ name: 'StorefrontError', code }));
    expect(() => read(options)).toThrow(/\w+ .*\w+/);
  });

  it.each([undefined, null])('are missed where there are none: %s', (options) => {
    expect(() => readOptions(options as never)).toThrow(
      expect.objectContaining({ name: 'StorefrontError', code: 'company-id' }),
    );
  });

  it('take the revision of a preview', () => {
    expect(read({ revision: '2026-10-15.pre' }).revision).toBe('2026-10-15.pre');
  });

  it('do not repeat a private key', () => {
    expect(() => read({ companyId: 'pk_secret' })).toThrow(/^(?!.*secret)/);
  });

  it.each(['consent', 'apiHost', 'flushAt'])('do not repeat an address in %s', (name) => {
    expect(() => read({ [name]: 'ada@shop.example' })).toThrow(/^(?!.*ada)/);
  });
});

it('are the own ones, on a page that extends Object.prototype', () => {
  Object.assign(Object.prototype, { extend: () => undefined, debug: () => undefined });
  try {
    expect(read({ extend: Number.NaN } as object)).toMatchObject({
      companyId: 'AbC123',
      debug: false,
    });
  } finally {
    for (const name of ['extend', 'debug']) Reflect.deleteProperty(Object.prototype, name);
  }
});
