import { expect, it } from 'vitest';
import { importPeer, MissingPeerError } from '../../src/server/peer.js';

const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });

it('says what to type when a package is missing', async () => {
  const load = () => Promise.reject(missing);
  const error = await importPeer('The server', ['hono', '@hono/node-server'], load).catch((e) => e);
  expect(error).toBeInstanceOf(MissingPeerError);
  expect(error.message).toBe(
    'The server needs hono and @hono/node-server. Run: npm install hono@4 @hono/node-server@2',
  );
});

it('passes on what is there, and any other error', async () => {
  expect(await importPeer('It', ['pg'], async () => 5)).toBe(5);
  const broken = new Error('broken');
  await expect(importPeer('It', ['pg'], () => Promise.reject(broken))).rejects.toBe(broken);
});
