import { describe, expect, it } from 'vitest';
import {
  diagnose,
  environmentOf,
  nowhere,
  serve,
  startDoctor,
} from '../../helpers/start-doctor.js';
import { integrityOf, type PageOptions, script, startPage } from '../../helpers/start-page.js';
import { startSandbox } from '../../sandbox/requests.js';
import { privateKey } from '../orders.js';

const groups = ['page'] as const;
const good = `integrity="${integrityOf(script)}" crossorigin`;
const anybody = { 'access-control-allow-origin': '*' };

async function look(options: PageOptions, over: Record<string, string> = {}) {
  const { shopUrl, scriptOrigin } = await startPage(options);
  const environment = environmentOf('http://127.0.0.1:9', { SHOP_URL: shopUrl, ...over });
  return { ...(await diagnose(environment, { groups })), shopUrl, scriptOrigin };
}

describe('the shop’s page', () => {
  it('has the tag, and nothing keeps script and events from working', async () => {
    const sandbox = await startSandbox();
    const { results, failures, messageOf } = await look({
      ...{ attributes: good, isElsewhere: true, scriptHeaders: anybody, apiHost: sandbox.url },
      policy: `default-src 'none'; script-src http://127.0.0.1:*; connect-src ${sandbox.url}`,
    });
    expect(failures()).toEqual([]);
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'passed'));
    expect(messageOf('script-tag')).toContain('with the company id of KLAVIYO_PUBLIC_KEY');
    expect(messageOf('csp-connect')).toBe(`lets events out to ${sandbox.url}.`);
    expect(messageOf('api-cors')).toContain('takes events of the page');
    expect(sandbox.requests()).toEqual([]);
  });

  it('needs no leave for what is its own', async () => {
    const { failures, messageOf, statusOf } = await look({ policy: "default-src 'self'" });
    expect(failures()).toEqual([]);
    expect(messageOf('script-cors')).toContain('own origin');
    expect(messageOf('api-cors')).toContain('own origin');
    expect(statusOf('script-integrity')).toBe('skipped');
    expect(messageOf('script-integrity')).toContain('dist/integrity.json');
  });

  it('is skipped where none is named', async () => {
    const { results } = await diagnose({}, { groups });
    expect(results).toHaveLength(9);
    for (const { status, message } of results) {
      expect(status).toBe('skipped');
      expect(message).toMatch(/SHOP_URL is not set|^it needs “script”, which was skipped/);
    }
  });

  it.each<[string, PageOptions, string, string]>([
    ['is not there', { pageStatus: 404 }, 'page', 'answers 404'],
    ['is no page', { pageType: 'application/json' }, 'page', 'does not lead to a page'],
    ['has no tag', { html: '<!doctype html><p>Shop</p>' }, 'script-tag', 'set SCRIPT_URL'],
    [
      'has the tag in a comment only',
      { html: '<!-- <script src="/k/script.js?company_id=AbC123"></script> -->' },
      ...(['script-tag', 'no script tag'] as const),
    ],
    [
      'has klaviyo.js only',
      { html: '<script src="https://static.klaviyo.com/onsite/js/klaviyo.js?company_id=AbC123">' },
      ...(['script-tag', 'no script tag'] as const),
    ],
    ['has another company’s tag', { companyId: 'XyZ789' }, 'script-tag', 'another one than'],
    ['has a tag without a real id', { companyId: 'your-id' }, 'script-tag', 'six letters'],
    ['has a script that is not there', { scriptStatus: 404 }, 'script', 'answers 404'],
    [
      'has a script that is a page',
      { scriptHeaders: { 'content-type': 'text/html' } },
      ...(['script', 'send content-type: text/javascript'] as const),
    ],
    ['has an empty script', { script: '' }, 'script', 'is empty'],
    [
      'has a script from elsewhere without CORS',
      { isElsewhere: true, attributes: 'crossorigin' },
      ...(['script-cors', 'send access-control-allow-origin: *'] as const),
    ],
    [
      'has a script from elsewhere with another page’s CORS',
      {
        ...{ isElsewhere: true, attributes: good },
        scriptHeaders: { 'access-control-allow-origin': 'https://other.test' },
      },
      ...(['script-cors', 'access-control-allow-origin'] as const),
    ],
    [
      'has a script from elsewhere that is for its own origin',
      { isElsewhere: true, scriptHeaders: { 'cross-origin-resource-policy': 'same-origin' } },
      ...(['script-cors', 'cross-origin-resource-policy: same-origin'] as const),
    ],
    [
      'has a hash of another script',
      { attributes: `integrity="${integrityOf('another')}"` },
      ...(['script-integrity', integrityOf(script)] as const),
    ],
    [
      'has a hash and no crossorigin',
      {
        ...{ isElsewhere: true, scriptHeaders: anybody },
        attributes: `integrity="${integrityOf(script)}"`,
      },
      ...(['script-integrity', 'without crossorigin="anonymous"'] as const),
    ],
    [
      'has a policy that keeps the script out',
      { isElsewhere: true, policy: "script-src 'self'; connect-src 'self'" },
      ...(['csp-script', 'keeps the script out: add http://127.0.0.1:'] as const),
    ],
    [
      'has a meta tag that keeps the script out',
      { metaPolicy: "script-src 'none'" },
      ...([
        'csp-script',
        "script-src of the page’s Content-Security-Policy keeps the script out: add 'self'",
      ] as const),
    ],
    [
      'has a policy that trusts no address',
      { policy: "script-src 'nonce-abc' 'strict-dynamic' 'self'" },
      ...(['csp-script', 'give the tag the page’s nonce'] as const),
    ],
    [
      'has two policies, and the second keeps the script out',
      { policy: ["script-src 'self'", "script-src 'none'"] },
      ...(['csp-script', 'keeps the script out'] as const),
    ],
    [
      'has a policy that keeps events in',
      { policy: "script-src 'self'; connect-src https://a.klaviyo.com" },
      ...([
        'csp-connect',
        "connect-src of the page’s Content-Security-Policy keeps events in: add 'self'.",
      ] as const),
    ],
    [
      'has a policy that names no connections, and so keeps events in',
      { policy: "default-src 'none'; script-src 'self'" },
      ...([
        'csp-connect',
        "keeps events in: give it a connect-src with 'self' and what default-src has",
      ] as const),
    ],
    [
      'has a tag with a bad API host',
      { apiHost: 'http://[' },
      'csp-connect',
      'data-api-host is no address',
    ],
    [
      'has a private key in it',
      { more: `<p>${privateKey}` },
      'no-secrets',
      'every visitor can read it',
    ],
    [
      'has a private key in its script',
      { script: `const key = "pk_${'a1'.repeat(17)}";` },
      ...(['no-secrets', 'every visitor can read it'] as const),
    ],
  ])('%s', async (_, options, id, words) => {
    const { failures, messageOf, results } = await look(options);
    expect(failures()).toContain(id);
    expect(messageOf(id)).toContain(words);
    expect(JSON.stringify(results)).not.toContain(privateKey);
  });

  it('has only the one fault, and the others’ checks pass', async () => {
    const { failures } = await look({
      ...{
        isElsewhere: true,
        scriptHeaders: anybody,
        attributes: `integrity="${integrityOf('another')}" crossorigin`,
      },
    });
    expect(failures()).toEqual(['script-integrity']);
  });

  it('lets a script in by its nonce, and by its hash', async () => {
    const byNonce = await look({
      attributes: 'nonce="abc"',
      policy: "script-src 'nonce-abc' 'strict-dynamic'; connect-src 'self'",
    });
    expect(byNonce.failures()).toEqual([]);
    const byHash = await look({
      attributes: good,
      policy: `script-src '${integrityOf(script)}'; connect-src 'self'`,
    });
    expect(byHash.failures()).toEqual([]);
  });

  it('needs no CORS for a script that is loaded without asking', async () => {
    const { failures, messageOf } = await look({ isElsewhere: true });
    expect(failures()).toEqual([]);
    expect(messageOf('script-cors')).toContain('none are needed');
  });

  const its = 'its page’s own origin';
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['a module without leave', 'type="module"', {}, 'send access-control-allow-origin: *'],
    ['a module with leave for everybody', 'type=" Module "', anybody, undefined],
    [
      'a module with a hash and no attribute',
      `type="module" integrity="${integrityOf(script)}"`,
      ...([anybody, undefined] as const),
    ],
    [
      'a module that may not be used elsewhere, with leave',
      'type="module"',
      {
        ...{ ...anybody, 'cross-origin-resource-policy': 'same-origin' },
      },
      undefined,
    ],
    ['cookies and a star', 'crossorigin="use-credentials"', anybody, 'a star will not do'],
    [
      'cookies and a star that is allowed them',
      'crossorigin="USE-CREDENTIALS"',
      { ...anybody, 'access-control-allow-credentials': 'true' },
      'a star will not do',
    ],
    [
      'cookies and no word of them',
      'crossorigin="use-credentials"',
      { 'access-control-allow-origin': its },
      'access-control-allow-credentials: true',
    ],
    [
      'cookies that are allowed',
      'crossorigin="use-credentials"',
      { 'access-control-allow-origin': its, 'access-control-allow-credentials': 'true' },
      undefined,
    ],
    [
      'a module with cookies and a star',
      'type="module" crossorigin="use-credentials"',
      ...([anybody, 'a star will not do'] as const),
    ],
    ['a word that nobody knows, which is anonymous', 'crossorigin="none"', anybody, undefined],
    [
      'a script that does not ask and may not be used elsewhere, whoever is given leave',
      '',
      { ...anybody, 'cross-origin-resource-policy': 'same-origin' },
      'cross-origin-resource-policy: same-origin',
    ],
  ])('loads %s from elsewhere as a browser would', async (_, attributes, headers, words) => {
    const { failures, messageOf } = await look({
      ...{ isElsewhere: true, attributes },
      scriptHeaders: (origin) =>
        Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, value === its ? origin : value]),
        ),
    });
    expect(failures()).toEqual(words === undefined ? [] : ['script-cors']);
    if (words !== undefined) expect(messageOf('script-cors')).toContain(words);
  });

  it('may be without a tag where a tag manager loads the script', async () => {
    const sandbox = await startSandbox();
    const { scriptOrigin } = await startPage({ scriptHeaders: anybody });
    const html = '<script src="https://tags.test/manager.js"></script>';
    const run = await look(
      { html },
      { SCRIPT_URL: `${scriptOrigin}/k/script.js`, KLAVIYO_API_HOST: sandbox.url },
    );
    expect(run.failures()).toEqual([]);
    expect(run.statusOf('script-tag')).toBe('skipped');
    expect(run.statusOf('script')).toBe('passed');
    expect(run.statusOf('script-cors')).toBe('passed');
    expect(run.statusOf('script-integrity')).toBe('skipped');
  });

  it('need not be named for the script alone', async () => {
    const { scriptOrigin } = await startPage();
    const { statusOf } = await diagnose({ SCRIPT_URL: `${scriptOrigin}/script.js` }, { groups });
    expect(statusOf('script')).toBe('passed');
    expect(statusOf('script-cors')).toBe('skipped');
  });

  it.each([
    [{}, 'does not allow the headers content-type and revision'],
    [
      { 'access-control-allow-headers': 'content-type,revision' },
      'does not allow the page’s origin',
    ],
  ])(
    'has a path of its own for events, which forgets the preflight: %j',
    async (headers, words) => {
      const apiHost = await serve((_, response) => response.writeHead(200, headers).end());
      const { failures, messageOf } = await look({ apiHost });
      expect(failures()).toEqual(['api-cors']);
      expect(messageOf('api-cors')).toContain(words);
    },
  );

  it('does not call a script clean that nobody has seen', async () => {
    const there = await look({});
    expect(there.messageOf('no-secrets')).toBe('none in the page and in the script.');
    const html = `<script src="${await nowhere()}/script.js?company_id=AbC123"></script>`;
    const down = await look({ html });
    expect(down.statusOf('script')).toBe('failed');
    expect(down.messageOf('no-secrets')).toBe(
      'none in the page. The script was not looked at: it did not come.',
    );
    const { messageOf } = await look({ html: '<!doctype html><p>Shop</p>' });
    expect(messageOf('no-secrets')).toBe(
      'none in the page. The script was not looked at: its address is not known.',
    );
  });

  it('is down', async () => {
    const { failures, messageOf, statusOf } = await diagnose(
      { SHOP_URL: await nowhere() },
      { groups },
    );
    expect(failures()).toEqual(['page']);
    expect(messageOf('page')).toContain('nothing listens there');
    expect(statusOf('csp-script')).toBe('skipped');
  });

  it('hangs, and the check ends in time', async () => {
    let arrived = (): void => undefined;
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const url = await serve(() => arrived());
    const { clock, done } = startDoctor({ SHOP_URL: url }, { groups });
    await hasArrived;
    await clock.advance(10_000);
    expect((await done).failures()).toEqual(['page']);
  });

  it('has no end, and the doctor reads only so much of it', async () => {
    const line = Buffer.alloc(64_000, ' ');
    let sentBytes = 0;
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const more = (): void => {
        do sentBytes += line.length;
        while (response.write(line));
      };
      response.on('drain', more);
      more();
    });
    const sandbox = await startSandbox();
    const environment = environmentOf(sandbox.url, { SHOP_URL: url });
    expect((await diagnose(environment, { groups })).failures()).toEqual(['script-tag']);
    // What it reads, and what sockets hold.
    expect(sentBytes).toBeLessThan(50_000_000);
  });
});
