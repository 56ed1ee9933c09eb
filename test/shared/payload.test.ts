import { describe, expect, it } from 'vitest';
import {
  asBackfill,
  bulkBody,
  eventBody,
  eventData,
  profileBody,
} from '../../src/shared/payload.js';
import type { Profile } from '../../src/shared/profile.js';

const data = eventData(
  'Viewed Product',
  { ProductID: '1', camelCase: 1 },
  'u1',
  Date.UTC(2026, 0, 2),
  9.5,
  'EUR',
);
const attributes = {
  properties: { ProductID: '1', camelCase: 1 },
  metric: { data: { type: 'metric', attributes: { name: 'Viewed Product' } } },
  time: '2026-01-02T00:00:00.000Z',
  unique_id: 'u1',
  value: 9.5,
  value_currency: 'EUR',
};
const who = {
  email: 'ada@shop.example',
  phoneNumber: '+4930123456',
  externalId: '42',
  id: 'K',
  kx: 'x',
};
const profile = {
  data: {
    type: 'profile',
    id: 'K',
    attributes: {
      anonymous_id: 'anon',
      email: 'ada@shop.example',
      phone_number: '+4930123456',
      external_id: '42',
      _kx: 'x',
    },
  },
};

describe('the body', () => {
  it('of one event is JSON:API with the profile inside', () => {
    expect(JSON.parse(eventBody(profileBody('anon', who), data))).toEqual({
      data: { type: 'event', attributes: { ...attributes, profile } },
    });
  });

  it('of a bulk request has one profile and all events in order', () => {
    const body = bulkBody(profileBody('anon', who), [asBackfill(data), data]);
    expect(JSON.parse(body)).toEqual({
      data: {
        type: 'event-bulk-create',
        attributes: {
          profile,
          events: {
            data: [
              { type: 'event', attributes: { ...attributes, backfill: true } },
              { type: 'event', attributes },
            ],
          },
        },
      },
    });
  });

  it('of an event without a value leaves it out', () => {
    const plain = eventData('A', {}, 'u', 0);
    const body = JSON.parse(eventBody(profileBody('anon', {}), plain));
    expect(Object.keys(body.data.attributes).sort()).toEqual(
      ['metric', 'profile', 'properties', 'time', 'unique_id'].sort(),
    );
    expect(body.data.attributes.profile.data).toEqual({
      type: 'profile',
      attributes: { anonymous_id: 'anon' },
    });
  });

  it('of a profile has its fields under their wire names, and the patch beside the attributes', () => {
    const fields: Profile = {
      firstName: 'Ada',
      lastName: 'L',
      organization: 'O',
      title: 'T',
      image: 'https://shop.example/a.png',
      locale: 'en-GB',
      location: { address1: 'A', city: 'C', zip: 'Z', ip: '::1' },
      properties: { camelCase: 1 },
      append: { list: 'a' },
      unappend: { list: 'b' },
      unset: ['gone'],
    };
    expect(JSON.parse(profileBody('anon', { email: 'a@b.co' }, fields))).toEqual({
      data: {
        type: 'profile',
        attributes: {
          anonymous_id: 'anon',
          email: 'a@b.co',
          first_name: 'Ada',
          last_name: 'L',
          organization: 'O',
          title: 'T',
          image: 'https://shop.example/a.png',
          locale: 'en-GB',
          location: { address1: 'A', city: 'C', zip: 'Z', ip: '::1' },
          properties: { camelCase: 1 },
        },
        meta: {
          patch_properties: { append: { list: 'a' }, unappend: { list: 'b' }, unset: ['gone'] },
        },
      },
    });
  });

  it('of a profile without a patch has no meta', () => {
    const body = JSON.parse(profileBody('anon', {}, { firstName: 'Ada' }));
    expect(body.data).not.toHaveProperty('meta');
  });
});
