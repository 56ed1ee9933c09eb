import { expect, it } from 'vitest';
import { StorefrontError } from '../../src/shared/errors.js';

it('carries a code, a name and a message', () => {
  const error = new StorefrontError('company-id', 'what to change');
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.message]).toEqual([
    'StorefrontError',
    'company-id',
    'what to change',
  ]);
});
