import { describe, expect, it } from 'vitest';
import { createHide } from '../../../src/server/doctor/hide-secrets.js';

describe('a message', () => {
  it('is shown without secrets, whole, within others and in an address', () => {
    const hide = createHide(['pk_0123456789', 'pk_0123456789abc', 'me+1@shop.test', undefined]);
    expect(hide('pk_0123456789abc, me+1@shop.test, ?email=me%2B1%40shop.test')).toBe(
      '[hidden], [hidden], ?email=[hidden]',
    );
  });

  it('keeps its words where a secret is as short as one', () => {
    expect(createHide(['key', ' '])('the key is right')).toBe('the key is right');
  });
});
