import { describe, expect, it } from 'vitest';
import {
  blockedRequest,
  blockedScript,
  parsePolicies,
} from '../../../src/server/doctor/content-policy.js';

const page = new URL('https://shop.test/cups');

/** Whether a source lets a request to an address out of the page. */
const lets = (source: string, address: string, from = page): boolean =>
  blockedRequest(parsePolicies(`connect-src ${source}`, []), new URL(address), from) === undefined;

describe('a source', () => {
  it.each([
    ['*', 'https://a.klaviyo.com/client/events'],
    ['https:', 'https://a.klaviyo.com/client/events'],
    ['http:', 'https://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com', 'https://a.klaviyo.com/client/events'],
    ['HTTPS://A.Klaviyo.com', 'https://a.klaviyo.com/client/events'],
    ['a.klaviyo.com', 'https://a.klaviyo.com/client/events'],
    ['a.klaviyo.com:443', 'https://a.klaviyo.com/client/events'],
    ['*.klaviyo.com', 'https://a.klaviyo.com/client/events'],
    ['*.klaviyo.com:*', 'https://a.klaviyo.com:8443/client/events'],
    ['https://a.klaviyo.com/', 'https://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com/client/', 'https://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com/client/events', 'https://a.klaviyo.com/client/events'],
    ['http://a.klaviyo.com:80', 'https://a.klaviyo.com/client/events'],
    ["'self'", 'https://shop.test/k/client/events'],
    ["'none' 'self'", 'https://shop.test/k/client/events'],
    ['http://127.0.0.1:*', 'http://127.0.0.1:4000/client/events'],
  ])('%s lets %s through', (source, address) => {
    expect(lets(source, address)).toBe(true);
  });

  it.each([
    ["'none'", 'https://a.klaviyo.com/client/events'],
    ['', 'https://a.klaviyo.com/client/events'],
    ["'self'", 'https://a.klaviyo.com/client/events'],
    ["'self'", 'https://shop.test:8443/k/client/events'],
    ['https:', 'http://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com', 'http://a.klaviyo.com/client/events'],
    ['a.klaviyo.com', 'http://a.klaviyo.com/client/events'],
    ['*.klaviyo.com', 'https://klaviyo.com/client/events'],
    ['*.klaviyo.com', 'https://a.klaviyo.com.evil.test/client/events'],
    ['klaviyo.com', 'https://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com', 'https://a.klaviyo.com:8443/client/events'],
    ['https://a.klaviyo.com/client', 'https://a.klaviyo.com/client/events'],
    ['https://a.klaviyo.com/api/', 'https://a.klaviyo.com/client/events'],
    ["'unsafe-inline'", 'https://a.klaviyo.com/client/events'],
  ])('%s keeps %s back', (source, address) => {
    expect(lets(source, address)).toBe(false);
  });

  it('of its own lets a page that is not encrypted ask for what is', () => {
    const plain = new URL('http://shop.test/');
    expect(lets("'self'", 'https://shop.test/k/client/events', plain)).toBe(true);
    expect(lets('shop.test', 'https://shop.test/k/client/events', plain)).toBe(true);
  });
});

describe('a policy', () => {
  const tag = { url: new URL('https://cdn.test/script.js'), nonce: '', integrity: '' };
  const blocks = (header: string, metas: string[] = [], over = {}) =>
    blockedScript(parsePolicies(header, metas), { ...tag, ...over }, page)?.name;

  it('goes by the directive that is nearest', () => {
    expect(blocks("default-src 'none'; script-src https://cdn.test")).toBe(undefined);
    expect(blocks('default-src https://cdn.test')).toBe(undefined);
    expect(blocks("script-src https://cdn.test; script-src-elem 'self'")).toBe('script-src-elem');
    expect(blocks("img-src 'self'")).toBe(undefined);
  });

  it('counts the first directive of a name, in whatever case', () => {
    expect(blocks('Script-Src https://cdn.test; script-src none')).toBe(undefined);
  });

  it('has to be kept with all others', () => {
    expect(blocks("script-src https://cdn.test, script-src 'self'")).toBe('script-src');
    expect(blocks('script-src https://cdn.test', ["default-src 'self'"])).toBe('default-src');
    expect(blocks('', [])).toBe(undefined);
  });

  it('with strict-dynamic believes nonces and hashes only', () => {
    const strict = "script-src https://cdn.test 'strict-dynamic' 'nonce-abc' 'sha256-AAAA'";
    expect(blocks(strict)).toBe('script-src');
    expect(blocks(strict, [], { nonce: 'abc' })).toBe(undefined);
    expect(blocks(strict, [], { nonce: 'abd' })).toBe('script-src');
    expect(blocks(strict, [], { integrity: 'sha256-AAAA' })).toBe(undefined);
    expect(blocks(strict, [], { integrity: 'sha256-AAAA sha256-BBBB' })).toBe('script-src');
  });
});
