import { describe, expect, it } from 'vitest';
import { withoutRefused } from '../../src/server/without-refused.js';
import { profileBody } from '../../src/shared/payload.js';

const errorAt = (name: string): string =>
  JSON.stringify({
    errors: [
      {
        detail: 'Invalid.',
        source: { pointer: `/data/attributes/profile/data/attributes/${name}` },
      },
    ],
  });
const who = { email: 'ada@shop.test-mail.net', phoneNumber: '+4930123456', kx: 'x.AbC123' };
const news = { firstName: 'Ada' };

describe('a profile of which an identifier is refused', () => {
  it.each([
    ['phone_number', { email: who.email, kx: who.kx }],
    ['email', { phoneNumber: who.phoneNumber, kx: who.kx }],
    ['_kx', { email: who.email, phoneNumber: who.phoneNumber }],
  ])('is left without %s', (name, left) => {
    const profile = withoutRefused(profileBody('anonymous', who, news), errorAt(name));
    expect(JSON.parse(profile ?? '')).toEqual(JSON.parse(profileBody('anonymous', left, news)));
  });

  it('is left without the id', () => {
    const detail = JSON.stringify({
      errors: [{ source: { pointer: '/data/attributes/profile/data/id' } }],
    });
    const profile = withoutRefused(profileBody(undefined, { id: '01ABC', ...who }), detail);
    expect(JSON.parse(profile ?? '')).toEqual(JSON.parse(profileBody(undefined, who)));
  });

  it.each([
    ['its only one is', profileBody('anonymous', { email: who.email }, news), errorAt('email')],
    ['another field is', profileBody(undefined, who, news), errorAt('first_name')],
    ['it has not what is named', profileBody(undefined, who), errorAt('external_id')],
    ['the answer is none of Klaviyo’s', profileBody(undefined, who), '<html>phone_number</html>'],
  ])('is not mended when %s', (_, profile, detail) => {
    expect(withoutRefused(profile, detail)).toBeUndefined();
  });
});
