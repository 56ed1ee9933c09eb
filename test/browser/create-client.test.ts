import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/browser/create-client.js';
import { connect, createClient } from '../../src/browser/create-client.js';
import { browserEnv } from '../../src/browser/env.js';
import { readOptions } from '../../src/browser/options.js';

const clients: Client[] = [];
const create = (options: Parameters<typeof createClient>[0]): Client => {
  const client = createClient({ consent: 'pending', ...options });
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

describe('createClient on a page', () => {
  it('gives one client for one company, to another copy of the package too', async () => {
    const first = create({ companyId: 'AbC123' });
    expect(create({ companyId: 'AbC123', debug: true })).toBe(first);
    vi.resetModules();
    const copy = await import('../../src/browser/create-client.js');
    expect(copy.createClient).not.toBe(createClient);
    expect(copy.createClient({ companyId: 'AbC123' })).toBe(first);
  });

  it('gives another client for another company, and a new one after close()', async () => {
    const first = create({ companyId: 'AbC123' });
    expect(create({ companyId: 'XyZ789' })).not.toBe(first);
    await first.close();
    expect(create({ companyId: 'AbC123' })).not.toBe(first);
  });

  it('keeps its registry where every copy finds it', () => {
    const client = create({ companyId: 'AbC123' });
    const page = window as unknown as Record<symbol, Map<string, () => Client>>;
    expect(page[Symbol.for('klaviyo-storefront:clients')]?.get('AbC123')?.()).toBe(client);
  });

  it('starts what was connected first, with its options, once it is asked for', async () => {
    const env = browserEnv()!;
    const start = connect(readOptions({ companyId: 'AbC123', consent: 'denied' }), env);
    const listen = vi.spyOn(env, 'listen');
    expect(listen).not.toHaveBeenCalled();
    const client = create({ companyId: 'AbC123', consent: 'granted' });
    expect(listen).toHaveBeenCalledOnce();
    expect((await client.inspect()).consent).toBe('denied');
    expect(start()).toBe(client);
  });

  it.each([
    ['', 'company-id'],
    ['AbC12', 'company-id'],
    ['AbC1234', 'company-id'],
    ['AbC-12', 'company-id'],
    [undefined, 'company-id'],
    ['pk_0123456789abcdef0123456789abcdef01', 'private-key'],
  ])('throws for a company id of %j', (companyId, code) => {
    expect(() => createClient({ companyId: companyId as string })).toThrow(
      expect.objectContaining({ name: 'StorefrontError', code }),
    );
  });
});
