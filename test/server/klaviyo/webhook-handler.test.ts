import { describe, expect, it, vi } from 'vitest';
import { WebhookError, type WebhookEvent } from '../../../src/server/klaviyo/verify-webhook.js';
import {
  createWebhookHandler,
  type WebhookHandlerOptions,
} from '../../../src/server/klaviyo/webhook-handler.js';
import type { Fields } from '../../../src/server/log.js';
import { item, webhookBody, webhookRequest, webhookSecret } from '../../helpers/klaviyo-webhook.js';

const opened = 'event:klaviyo.opened_email';
const clicked = 'event:klaviyo.clicked_email';

function create(on: WebhookHandlerOptions['on'], options: Partial<WebhookHandlerOptions> = {}) {
  const lines: { message: string; fields: Fields }[] = [];
  const write = (fields: Fields, message: string) => void lines.push({ message, fields });
  const log = { info: write, warn: write, error: write };
  return { lines, handler: createWebhookHandler({ secret: webhookSecret, on, log, ...options }) };
}

const answerOf = async (response: Response) => ({
  status: response.status,
  body: await response.json(),
});

describe('a webhook handler', () => {
  it('gives each event to its topic’s listener, in order, and awaits it', async () => {
    const order: string[] = [];
    const { handler } = create({
      [opened]: async ({ id }) => {
        await Promise.resolve();
        order.push(`opened ${id}`);
      },
      [clicked]: ({ id }) => order.push(`clicked ${id}`),
    });
    const events = [item('1'), item('2', clicked), item('3'), item('4', 'event:api.other')];
    const response = await handler(webhookRequest(webhookBody(events)));
    expect(await answerOf(response)).toEqual({
      status: 200,
      body: { handled: 3, duplicate: 0, ignored: 1, failed: 0 },
    });
    expect(order).toEqual(['opened 1', 'clicked 2', 'opened 3']);
  });

  it.each([
    ['a bad signature', 401, webhookRequest(webhookBody(), { secret: 'another' })],
    ['a bad shape', 400, webhookRequest('[]')],
    ['a wrong method', 405, webhookRequest(undefined, { method: 'GET' })],
  ])('answers %s with %i and calls nobody', async (_, status, request) => {
    const listener = vi.fn();
    const response = await create({ [opened]: listener }).handler(request);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(listener).not.toHaveBeenCalled();
  });

  it('answers 500 when a body parser was there first, and says so to the log', async () => {
    const listener = vi.fn();
    const { handler, lines } = create({ [opened]: listener });
    const request = webhookRequest(webhookBody());
    await request.text();
    expect((await handler(request)).status).toBe(500);
    expect(lines.map(({ message }) => message)).toEqual([expect.stringMatching(/body parser/)]);
    expect(listener).not.toHaveBeenCalled();
  });

  it('answers 500 when a listener fails, so that Klaviyo sends again, and handles the others', async () => {
    const done: string[] = [];
    const { handler, lines } = create({
      [opened]({ id }) {
        if (id === '1') throw new Error('ada@lovelace.shop');
        done.push(id);
      },
      [clicked]: () => Promise.reject(new RangeError('no')),
    });
    const events = [item('1'), item('2'), item('3', clicked), item('4')];
    expect((await handler(webhookRequest(webhookBody(events)))).status).toBe(500);
    expect(done).toEqual(['2', '4']);
    expect(lines.filter(({ message }) => /failed/.test(message))).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('ada@');
  });

  it('does not take an inherited name for a listener', async () => {
    const { handler } = create({});
    const response = await handler(webhookRequest(webhookBody([item('1', 'toString')])));
    expect(await answerOf(response)).toMatchObject({ status: 200, body: { ignored: 1 } });
  });

  it('refuses options that can’t work', () => {
    expect(() => create({}, { secret: '' })).toThrow(WebhookError);
    expect(() => create({ [opened]: 'listener' as never })).toThrow(/on\['event:klaviyo.opened/);
  });
});

describe('a store', () => {
  it('recognises what was handled before', async () => {
    const seen: WebhookEvent[] = [];
    const { handler } = create({ [opened]: (event) => seen.push(event) }, { store: new Set() });
    const events = [item('1'), item('2'), item('1')];
    const first = await handler(webhookRequest(webhookBody(events)));
    expect(await answerOf(first)).toMatchObject({ body: { handled: 2, duplicate: 1 } });
    const again = await handler(webhookRequest(webhookBody([...events, item('3')])));
    expect(await answerOf(again)).toMatchObject({ body: { handled: 1, duplicate: 3 } });
    expect(seen.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('is what keeps a repeated delivery from being handled again, however old it is', async () => {
    const long = { timestamp: 'Wed, 01 Jan 2020 00:00:00 GMT' };
    const body = webhookBody([item('1'), item('2')]);
    const without = vi.fn();
    const forgetful = create({ [opened]: without });
    const remembering = vi.fn();
    const { handler } = create({ [opened]: remembering }, { store: new Set() });
    for (let times = 0; times < 3; times += 1) {
      expect((await forgetful.handler(webhookRequest(body, long))).status).toBe(200);
      expect((await handler(webhookRequest(body, long))).status).toBe(200);
    }
    expect(without).toHaveBeenCalledTimes(6);
    expect(remembering).toHaveBeenCalledTimes(2);
  });

  it('remembers only what has succeeded', async () => {
    const store = new Set<string>();
    let isBroken = true;
    const seen: string[] = [];
    const { handler } = create(
      {
        [opened]({ id }) {
          seen.push(id);
          if (isBroken && id === '2') throw new Error('down');
        },
      },
      { store },
    );
    const request = () => webhookRequest(webhookBody([item('1'), item('2')]));
    expect((await handler(request())).status).toBe(500);
    expect(store.size).toBe(1);
    isBroken = false;
    const again = await handler(request());
    expect(await answerOf(again)).toMatchObject({
      status: 200,
      body: { handled: 1, duplicate: 1 },
    });
    expect(seen).toEqual(['1', '2', '2']);
  });

  it('tells topics apart, and webhooks', async () => {
    const seen: string[] = [];
    const listener = ({ topic }: WebhookEvent) => void seen.push(topic);
    const store = new Set<string>();
    const { handler } = create({ [opened]: listener, [clicked]: listener }, { store });
    await handler(webhookRequest(webhookBody([item('1'), item('1', clicked)])));
    const other = { data: [item('1')], meta: { klaviyo_webhook_id: 'other' } };
    await handler(webhookRequest(other, { headers: { 'klaviyo-webhook-id': 'other' } }));
    expect(seen).toEqual([opened, clicked, opened]);
  });

  it('sees the same event once, also when it comes twice at a time', async () => {
    let finish = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const listener = vi.fn(() => waiting);
    const { handler } = create({ [opened]: listener }, { store: new Set() });
    const answers = [handler(webhookRequest()), handler(webhookRequest())];
    await vi.waitFor(() => expect(listener).toHaveBeenCalled());
    finish();
    const bodies = await Promise.all(answers.map(async (answer) => (await answer).json()));
    expect(listener).toHaveBeenCalledTimes(1);
    expect(bodies.map(({ handled }) => handled).sort()).toEqual([0, 1]);
  });

  it('lets the second try when the first has failed', async () => {
    const outcomes = [() => Promise.reject(new Error('down')), () => Promise.resolve()];
    const listener = vi.fn(() => outcomes.shift()?.());
    const { handler } = create({ [opened]: listener }, { store: new Set() });
    const answers = await Promise.all([handler(webhookRequest()), handler(webhookRequest())]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 500]);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('that does not answer makes Klaviyo send again; one that can’t remember does not', async () => {
    const listener = vi.fn();
    const has = () => Promise.reject(new Error('down'));
    const without = create({ [opened]: listener }, { store: { has, add: () => undefined } });
    expect((await without.handler(webhookRequest())).status).toBe(500);
    expect(listener).not.toHaveBeenCalled();
    const add = () => Promise.reject(new Error('full'));
    const forgetful = create({ [opened]: listener }, { store: { has: () => false, add } });
    expect((await forgetful.handler(webhookRequest())).status).toBe(200);
    expect(forgetful.lines.map(({ message }) => message).join()).toMatch(/did not remember/);
  });
});
