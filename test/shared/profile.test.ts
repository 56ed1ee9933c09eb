import { describe, expect, it } from 'vitest';
import { isEmail, isPhoneNumber, readIdentifiers } from '../../src/shared/profile.js';
import fc from '../helpers/fast-check.js';

describe('a phone number', () => {
  it.each(['+4930123456', '+12025550123', '+123456789012345'])('%s is E.164', (value) => {
    expect(isPhoneNumber(value)).toBe(true);
  });
  it.each(['030123456', '+049301234', '+49 30 123', '+1234567890123456', '+', '', undefined, 49])(
    '%s is not E.164',
    (value) => {
      expect(isPhoneNumber(value)).toBe(false);
    },
  );
});

describe('an email', () => {
  it.each(['a@b.co', 'first.last+tag@sub.shop.example', "o'neil@shop.example"])(
    '%s is one',
    (value) => {
      expect(isEmail(value)).toBe(true);
    },
  );
  it.each(['a', 'a@b', '@b.co', 'a b@c.co', 'a@b@c.co', `${'x'.repeat(92)}@shop.co`, null, {}])(
    '%s is none',
    (value) => {
      expect(isEmail(value)).toBe(false);
    },
  );
});

it('a text of a megabyte is found to be no email at once', () => {
  expect(isEmail(`a@${'.'.repeat(1_000_000)} `)).toBe(false);
});

describe('identifiers', () => {
  it('are trimmed, an email in lower case, unusable ones left out', () => {
    expect(
      readIdentifiers({
        email: ' Ada@Shop.Example ',
        phoneNumber: ' +4930123456 ',
        externalId: ' 42 ',
        id: '',
        kx: 'a.AbC123',
        firstName: 'Ada',
      }),
    ).toEqual({
      email: 'ada@shop.example',
      phoneNumber: '+4930123456',
      externalId: '42',
      kx: 'a.AbC123',
    });
    expect(readIdentifiers({ email: 'no', phoneNumber: '030' })).toEqual({});
  });

  it('read from their own result are the same', () => {
    const text = fc.oneof(fc.string(), fc.emailAddress(), fc.constant('+4930123456'));
    const profile = fc.record(
      { email: text, phoneNumber: text, externalId: text, id: text, kx: text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(profile, (given) => {
        const once = readIdentifiers(given);
        expect(readIdentifiers(once)).toEqual(once);
        for (const value of Object.values(once)) expect(value).not.toBe('');
      }),
    );
  });
});
