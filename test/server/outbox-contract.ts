// What every outbox must do, whatever it is stored in. Each store's test file runs this.
import { beforeEach, describe, expect, it } from 'vitest';
import { keyOf } from '../../src/server/order-events.js';
import type { Claim, ClaimWish, Entry, Outbox } from '../../src/server/outbox.js';
import type { OutboxOptions } from '../../src/server/sql-outbox.js';
import { acceptanceOf, orderOf } from './orders.js';

const now = Date.parse('2026-11-22T10:00:00Z');
const leaseMs = 30_000;

const wish = (over: Partial<ClaimWish> = {}): ClaimWish => ({
  ...{ singles: 10, bulk: true, batchFrom: 100, leaseMs, now },
  ...over,
});
const placed = (id: string) => keyOf('placed', { id });
const metrics = (claim: Claim | undefined) => claim?.entries.map(({ metric }) => metric) ?? [];
const ids = (claim: Claim | undefined) => claim?.entries.map(({ uniqueId }) => uniqueId) ?? [];
const single = (id: string) =>
  acceptanceOf(id, {}, orderOf(id, { items: [{ id: '1', name: 'Cup', quantity: 1, price: 1 }] }));
const first = (claim: Claim | undefined): Entry => {
  const entry = claim?.entries[0];
  if (!entry) throw new Error('Nothing was claimed.');
  return entry;
};

/**
 * @param open opens a store that is empty and closes it when the test has ended
 * @param reopen another instance on the same store
 */
export function outboxContract(
  open: (options?: OutboxOptions) => Promise<Outbox>,
  reopen: () => Promise<Outbox>,
): void {
  let outbox: Outbox;
  beforeEach(async () => {
    outbox = await open();
  });
  const accept = (...order: string[]) => outbox.accept(order.map((id) => acceptanceOf(id)));
  const claim = (over?: Partial<ClaimWish>) => outbox.claim(wish(over));
  /** Delivers everything, one claim after the other. */
  async function deliverAll(): Promise<string[]> {
    const delivered: string[] = [];
    for (let one = await claim(); one; one = await claim()) {
      delivered.push(...ids(one));
      await outbox.ack(one, one.entries);
    }
    return delivered;
  }

  describe('accept', () => {
    it('keeps the events of an order, and gives its receipt', async () => {
      const acceptance = acceptanceOf('1001');
      const [accepted] = await outbox.accept([acceptance]);
      const { receipt, acceptedAt } = acceptance;
      expect(accepted).toEqual({ kind: 'accepted', receipt, acceptedAt });
      expect(await outbox.stats()).toEqual({ waiting: 3, givenUp: 0, oldestAt: acceptedAt });
    });

    it('answers the same order with the same receipt, and keeps no second one', async () => {
      const [one] = await accept('1001');
      const again = await outbox.accept([acceptanceOf('1001', { acceptedAt: now + 5 })]);
      expect(again).toEqual([{ ...one, kind: 'duplicate' }]);
      expect((await outbox.stats()).waiting).toBe(3);
    });

    it('knows it after delivery too', async () => {
      const [one] = await accept('1001');
      await deliverAll();
      expect(await accept('1001')).toEqual([{ ...one, kind: 'duplicate' }]);
      expect((await outbox.stats()).waiting).toBe(0);
    });

    it('answers other content under the same key as a conflict', async () => {
      const [one] = await accept('1001');
      const [other] = await outbox.accept([acceptanceOf('1001', { digest: 'other' })]);
      expect(other).toEqual({ ...one, kind: 'conflict' });
      expect((await outbox.stats()).waiting).toBe(3);
    });

    it('answers a message id that was used for another order as reused', async () => {
      await outbox.accept([acceptanceOf('1001', { messageId: 'msg_1' })]);
      const results = await outbox.accept([acceptanceOf('1002', { messageId: 'msg_1' })]);
      expect(results).toEqual([{ kind: 'reused' }]);
      const [same] = await outbox.accept([acceptanceOf('1001', { messageId: 'msg_1' })]);
      expect(same?.kind).toBe('duplicate');
    });

    it('accepts one of several equal ones that come at the same time', async () => {
      const results = await Promise.all([accept('1001'), accept('1001'), accept('1001', '1002')]);
      const kinds = results.flat().map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(2);
      expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(2);
      expect((await outbox.stats()).waiting).toBe(6);
    });

    it('accepts hundreds at once, each with its own receipt', async () => {
      const many = Array.from({ length: 300 }, (_, index) => `many-${index}`);
      const results = await Promise.all(many.map((id) => accept(id)));
      const receipts = results.flat().map((one) => ('receipt' in one ? one.receipt : one.kind));
      expect(new Set(receipts).size).toBe(300);
      expect((await outbox.stats()).waiting).toBe(900);
    });

    it('refuses when too much waits, and still knows what it has', async () => {
      const small = await open({ maxWaiting: 3 });
      await small.accept([acceptanceOf('1001')]);
      expect(await small.accept([acceptanceOf('1002')])).toEqual([{ kind: 'full' }]);
      const [known] = await small.accept([acceptanceOf('1001')]);
      expect(known?.kind).toBe('duplicate');
      const lead = await small.claim(wish());
      await small.ack(lead!, lead!.entries);
      const [later] = await small.accept([acceptanceOf('1002')]);
      expect(later?.kind).toBe('accepted');
    });

    it('takes what no text column likes', async () => {
      const odd = 'Zoë \u{1f375} "quoted" \\ \' ; drop table';
      const order = orderOf(odd, { properties: { note: 'nul \u0000 and half \ud800' } });
      await outbox.accept([acceptanceOf(odd, {}, order)]);
      const entry = first(await claim());
      expect(entry.orderId).toBe(odd);
      expect(JSON.parse(`{${entry.data}}`).properties.note).toBe('nul \u0000 and half \ud800');
    });

    it('remembers whose order it was', async () => {
      await accept('1001');
      await deliverAll();
      expect(JSON.parse((await outbox.customerOf(placed('1001'))) ?? '')).toEqual(
        orderOf('1001').customer,
      );
      expect(await outbox.customerOf(placed('1002'))).toBeUndefined();
    });

    it('forgets receipts that are old, but none of an order that waits', async () => {
      await accept('1001');
      await deliverAll();
      await accept('1002');
      await outbox.forget(now + 1);
      expect(await outbox.customerOf(placed('1001'))).toBeUndefined();
      expect(await outbox.customerOf(placed('1002'))).toBeDefined();
    });
  });

  describe('claim', () => {
    it('gives nothing when nothing is there', async () => {
      expect(await claim()).toBeUndefined();
    });

    it('gives the first event of an order, and its lines once that is delivered', async () => {
      await accept('1001');
      const lead = await claim();
      expect(metrics(lead)).toEqual(['Placed Order']);
      expect(await claim()).toBeUndefined();
      await outbox.ack(lead!, lead!.entries);
      expect(ids(await claim())).toEqual(['1001_1', '1001_2']);
    });

    it('gives what is oldest first, and no more than was wished', async () => {
      await accept('1001', '1002', '1003');
      expect(ids(await claim({ singles: 2 }))).toEqual(['1001', '1002']);
      expect(ids(await claim({ singles: 2 }))).toEqual(['1003']);
    });

    it('gives nobody what another one holds, until its lease has ended', async () => {
      await accept('1001');
      const other = await reopen();
      const held = await claim();
      expect(held?.entries[0]?.attempts).toBe(1);
      expect(await other.claim(wish({ now: now + leaseMs - 1 }))).toBeUndefined();
      const returned = await other.claim(wish({ now: now + leaseMs }));
      expect(returned?.entries).toEqual([{ ...first(held), attempts: 2 }]);
    });

    it('lets a late holder change nothing any more', async () => {
      await accept('1001');
      const late = await claim();
      await claim({ now: now + leaseMs });
      await outbox.release(late!, late!.entries, { dueAt: 0 });
      await outbox.giveUp(late!, first(late), 'too late');
      expect(await claim({ now: now + leaseMs + 1 })).toBeUndefined();
      expect((await outbox.stats()).givenUp).toBe(0);
    });

    it('gives each entry to one of many who claim at the same time', async () => {
      await Promise.all(Array.from({ length: 40 }, (_, index) => accept(`${index}`)));
      const other = await reopen();
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? outbox : other).claim(wish({ singles: 3 })),
        ),
      );
      const claimed = claims.flatMap(ids);
      expect(new Set(claimed).size).toBe(claimed.length);
      expect(claimed.length).toBeGreaterThan(10);
    });

    it('gives what was accepted before the clock was set back by minutes', async () => {
      await outbox.accept([acceptanceOf('1001', { acceptedAt: now + 600_000 })]);
      const lead = await claim();
      expect(ids(lead)).toEqual(['1001']);
      await outbox.ack(lead!, lead!.entries);
      expect(ids(await claim())).toEqual(['1001_1', '1001_2']);
    });

    it('gives what a clock set back would keep for hours', async () => {
      await accept('1001');
      const held = await claim({ now: now + 10 * 3_600_000 });
      expect(ids(await claim())).toEqual(ids(held));
    });
  });

  describe('release', () => {
    it('gives it back at its time, with its attempts', async () => {
      await accept('1001');
      const held = await claim();
      await outbox.release(held!, held!.entries, { dueAt: now + 5000 });
      expect(await claim({ now: now + 4999 })).toBeUndefined();
      expect(first(await claim({ now: now + 5000 })).attempts).toBe(2);
    });

    it('keeps it for as long as Klaviyo may ask us to stay away', async () => {
      await accept('1001');
      const held = await claim();
      await outbox.release(held!, held!.entries, { dueAt: now + 3_610_000 });
      expect(await claim()).toBeUndefined();
      expect(await claim({ now: now + 3_609_999 })).toBeUndefined();
      expect(await claim({ now: now + 3_610_000 })).toBeDefined();
    });

    it('counts no attempt for what was not sent', async () => {
      await accept('1001');
      const held = await claim();
      await outbox.release(held!, held!.entries, { dueAt: now, unsent: true });
      expect(first(await claim()).attempts).toBe(1);
    });
  });

  describe('a batch', () => {
    const fill = (count: number, from = 0) =>
      outbox.accept(Array.from({ length: count }, (_, index) => single(`${from + index}`)));

    it('is made of a backlog, and not without one', async () => {
      await fill(4);
      expect((await claim({ batchFrom: 5, singles: 1 }))?.batch).toBeUndefined();
      expect((await claim({ batchFrom: 3, bulk: false, singles: 1 }))?.batch).toBeUndefined();
      await fill(4, 10);
      const batch = await claim({ batchFrom: 5 });
      expect(batch?.batch).toBeDefined();
      expect(batch?.entries).toHaveLength(6);
    });

    it('has no line of an order whose first event is not delivered', async () => {
      await accept(...Array.from({ length: 10 }, (_, index) => `${index}`));
      const batch = await claim({ batchFrom: 5 });
      expect(new Set(metrics(batch))).toEqual(new Set(['Placed Order']));
      await outbox.ack(batch!, batch!.entries);
      expect((await claim({ batchFrom: 5 }))?.entries).toHaveLength(20);
    });

    it('comes back with exactly its members, whatever else has come', async () => {
      await fill(5);
      const batch = await claim({ batchFrom: 5 });
      await outbox.release(batch!, batch!.entries, { dueAt: now });
      await fill(5, 10);
      const again = await claim({ batchFrom: 5 });
      expect(again).toMatchObject({ batch: batch?.batch, attempts: 2 });
      expect(ids(again)).toEqual(ids(batch));
    });

    it('comes back so after a crash too, and in one hand only', async () => {
      await fill(5);
      const batch = await claim({ batchFrom: 5 });
      const other = await reopen();
      const later = wish({ now: now + leaseMs, batchFrom: 5 });
      const claims = await Promise.all([outbox.claim(later), other.claim(later)]);
      const found = claims.filter((one) => one !== undefined);
      expect(found).toHaveLength(1);
      expect(ids(found[0])).toEqual(ids(batch));
    });

    it('is gone once it is delivered', async () => {
      await fill(5);
      const batch = await claim({ batchFrom: 5 });
      await outbox.ack(batch!, batch!.entries);
      expect(metrics(await claim())).toEqual(Array(5).fill('Ordered Product'));
    });

    it('that is split goes out one by one and in no batch again', async () => {
      await fill(5);
      const batch = await claim({ batchFrom: 5 });
      await outbox.release(batch!, batch!.entries, { dueAt: now, split: true });
      await fill(3, 10);
      const next = await claim({ batchFrom: 5 });
      expect(next?.batch).toBeUndefined();
      expect(ids(next)).toHaveLength(8);
    });

    it('has no member that was tried alone', async () => {
      await fill(5);
      const tried = await claim({ singles: 5, batchFrom: 6 });
      await outbox.release(tried!, tried!.entries, { dueAt: now });
      await fill(5, 10);
      const batch = await claim({ batchFrom: 5 });
      expect(ids(batch)).toEqual(['10', '11', '12', '13', '14']);
    });

    it('holds what one request can hold', async () => {
      const note = 'x'.repeat(90_000);
      const large = (id: string) =>
        acceptanceOf(
          id,
          {},
          orderOf(id, {
            items: [{ id: '1', name: 'Cup', quantity: 1, price: 1 }],
            properties: { note },
          }),
        );
      await outbox.accept(Array.from({ length: 60 }, (_, index) => large(`${index}`)));
      const batch = await claim({ batchFrom: 5 });
      const bytes = batch!.entries.reduce(
        (sum, { data, profile }) => sum + data.length + profile.length,
        0,
      );
      expect(bytes).toBeLessThan(4_900_000);
      expect(bytes).toBeGreaterThan(4_500_000);
      const rest = await claim({ batchFrom: 5 });
      expect(batch!.entries.length + rest!.entries.length).toBe(60);
    });
  });

  describe('list', () => {
    const claimedUntil = async () => (await outbox.list({}, 10)).map((entry) => entry.claimedUntil);

    it('says until when an entry is a worker’s', async () => {
      await accept('1001');
      expect(await claimedUntil()).toEqual([undefined, undefined, undefined]);
      const held = await claim();
      expect(await claimedUntil()).toEqual([now + leaseMs, undefined, undefined]);
      await outbox.release(held!, held!.entries, { dueAt: now + 5000 });
      expect(await claimedUntil()).toEqual([undefined, undefined, undefined]);
      const again = await claim({ now: now + 5000 });
      await outbox.giveUp(again!, first(again), '400: Invalid email.');
      expect(await claimedUntil()).toEqual([undefined, undefined, undefined]);
    });

    it('says so of the members of a batch, which are due when that is', async () => {
      await outbox.accept(['1001', '1002'].map(single));
      const batch = await claim({ batchFrom: 2 });
      expect(await claimedUntil()).toEqual([now + leaseMs, undefined, now + leaseMs, undefined]);
      await outbox.release(batch!, batch!.entries, { dueAt: now + 7000 });
      expect((await claimedUntil()).every((each) => each === undefined)).toBe(true);
      const due = (await outbox.list({ state: 'waiting' }, 10)).map(({ dueAt }) => dueAt);
      expect(due).toEqual([now + 7000, now + 7000]);
    });
  });

  describe('what is given up', () => {
    const refuse = async (id: string) => {
      await accept(id);
      const held = await claim();
      await outbox.giveUp(held!, first(held), '400: Invalid email.');
    };

    it('is kept with its reason, and its lines with it', async () => {
      await refuse('1001');
      expect(await outbox.stats()).toEqual({ waiting: 0, givenUp: 3, oldestAt: undefined });
      expect(await claim()).toBeUndefined();
      const [whole, line] = await outbox.list({ state: 'given-up' }, 10);
      expect(whole).toMatchObject({ state: 'given-up', reason: '400: Invalid email.' });
      expect(line?.reason).toMatch(/first event/);
    });

    it('is found by order and by receipt', async () => {
      await refuse('1001');
      await accept('1002');
      const [one] = await outbox.list({ of: '1001' }, 10);
      expect(await outbox.list({ of: one!.receipt }, 10)).toHaveLength(3);
      expect(await outbox.list({}, 10)).toHaveLength(6);
      expect(await outbox.list({}, 2)).toHaveLength(2);
      expect(await outbox.list({ of: '1002', state: 'held' }, 10)).toHaveLength(2);
    });

    it('goes out again when somebody asks for it, in order', async () => {
      await refuse('1001');
      expect(await outbox.retry('other')).toBe(0);
      expect(await outbox.retry('1001')).toBe(3);
      expect(await deliverAll()).toEqual(['1001', '1001_1', '1001_2']);
    });

    it('is removed when somebody asks for it, and may be posted again', async () => {
      await refuse('1001');
      await accept('1002');
      expect(await outbox.drop(undefined)).toBe(3);
      expect((await outbox.stats()).waiting).toBe(3);
      const [again] = await outbox.accept([acceptanceOf('1001', { digest: 'mended' })]);
      expect(again?.kind).toBe('accepted');
    });
  });
}
