import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/server/klaviyo/endpoints.js';
import { createPace, type Place, TooLongError } from '../../../src/server/klaviyo/pace.js';
import { outcomeOf, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';

const nothing = { remaining: undefined, resetMs: 0 };

function create() {
  const { env, clock } = scriptKlaviyo();
  const pace = createPace(env);
  const order: string[] = [];
  const places: Place[] = [];
  const enter = (
    name: string,
    endpoint: Parameters<typeof pace>[0] = ENDPOINTS.getProfile,
    wish: { isRepeat?: boolean; signal?: AbortSignal } = {},
  ) => {
    const entered = pace(endpoint, { isRepeat: false, signal: undefined, ...wish });
    return outcomeOf(
      entered.then((place) => {
        order.push(name);
        places.push(place);
        return place;
      }),
    );
  };
  return {
    clock,
    enter,
    order,
    places,
    leaveAll() {
      for (const place of places.splice(0)) place.leave(nothing);
    },
  };
}

describe('a lane', () => {
  it('lets 20 go at once, and the next when one has left, in order', async () => {
    const { clock, enter, order, places } = create();
    for (let n = 0; n < 25; n += 1) enter(`${n}`);
    await clock.settle();
    expect(order).toHaveLength(20);
    places[3]?.leave(nothing);
    places[4]?.leave(nothing);
    await clock.settle();
    expect(order.slice(20)).toEqual(['20', '21']);
  });

  it('is one for each endpoint', async () => {
    const { clock, enter, order } = create();
    for (let n = 0; n < 25; n += 1) enter(`profile ${n}`);
    enter('list', ENDPOINTS.getLists);
    enter('dear', ENDPOINTS.getProfilesPredictive);
    enter('cheap', ENDPOINTS.getProfiles);
    await clock.settle();
    expect(order.slice(20)).toEqual(['list', 'dear', 'cheap']);
  });

  it('waits for the second, and for the minute', async () => {
    const { clock, enter, order, leaveAll } = create();
    for (let n = 0; n < 16; n += 1) enter(`${n}`, ENDPOINTS.getWebhooks);
    const seen: number[] = [];
    for (let second = 0; second < 62; second += 1) {
      await clock.settle();
      leaveAll();
      seen.push(order.length);
      await clock.advance(1000);
    }
    expect(seen.slice(0, 15)).toEqual(Array.from({ length: 15 }, (_, n) => n + 1));
    expect(seen[59]).toBe(15);
    expect(seen[61]).toBe(16);
  });

  it('lets what has failed go before what was never sent', async () => {
    const { clock, enter, order, places } = create();
    for (let n = 0; n < 20; n += 1) enter(`${n}`);
    enter('new');
    enter('again', ENDPOINTS.getProfile, { isRepeat: true });
    await clock.settle();
    places[0]?.leave(nothing);
    await clock.settle();
    expect(order[20]).toBe('again');
  });

  it('forgets who has gone away', async () => {
    const { clock, enter, order, places } = create();
    for (let n = 0; n < 20; n += 1) enter(`${n}`);
    const control = new AbortController();
    const gone = enter('gone', ENDPOINTS.getProfile, { signal: control.signal });
    enter('patient');
    await clock.settle();
    control.abort('no more');
    expect(await gone).toEqual({ error: 'no more' });
    places[0]?.leave(nothing);
    await clock.settle();
    expect(order.slice(20)).toEqual(['patient']);
  });

  it('stays closed as long as it was asked to, and reports what is longer than two minutes', async () => {
    const { clock, enter, order, places } = create();
    enter('first');
    await clock.settle();
    places[0]?.close(5000);
    places[0]?.leave(nothing);
    enter('second');
    await clock.advance(4999);
    expect(order).toEqual(['first']);
    await clock.advance(1);
    expect(order).toEqual(['first', 'second']);
    places[1]?.close(130_001);
    const outcome = await enter('third');
    expect(outcome).toEqual({ error: new TooLongError(130_001) });
    expect(outcome).toMatchObject({ error: { waitMs: 130_001 } });
  });

  it('heeds what Klaviyo says is left, since others use the account too', async () => {
    const { clock, enter, order, places } = create();
    enter('first');
    await clock.settle();
    places[0]?.leave({ remaining: 0, resetMs: 20_000 });
    enter('second');
    await clock.advance(19_999);
    expect(order).toEqual(['first']);
    await clock.advance(1);
    expect(order).toEqual(['first', 'second']);
    places[1]?.leave({ remaining: 3, resetMs: 20_000 });
    enter('third');
    await clock.settle();
    expect(order).toEqual(['first', 'second', 'third']);
  });
});
