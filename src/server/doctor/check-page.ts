/** The shop's page as a browser has it: the tag, the script it loads, and what would keep either from working. */
import { isLoopback, PRIVATE_KEY_IN_TEXT, PUBLIC_KEY } from '../environment.js';
import { type Answer, type Ask, originOf } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import { blockedRequest, blockedScript } from './content-policy.js';
import { judgeIntegrity } from './judge-integrity.js';
import { judgeApiCors, judgeScript, judgeScriptCors, type Loading } from './judge-script.js';
import { eventsUrl, readPage, type ShopPage } from './read-page.js';
import type { DoctorSettings } from './settings.js';

const SET_PAGE = 'SHOP_URL is not set. Set it to a page of your shop that has the script tag.';

/** Without its query, which may say who looks. */
const nameOf = (url: URL): string => `${url.origin}${url.pathname}`;

/** What an encrypted page may not load or ask: this machine is the exception. */
const isMixed = (url: URL, page: URL): boolean =>
  page.protocol === 'https:' && url.protocol === 'http:' && !isLoopback(url.hostname);

/** How to let an address through. A directive of its own takes the place of default-src. */
function additionOf(blocking: string, wanted: string, url: URL, page: URL): string {
  const source = url.origin === page.origin ? "'self'" : url.origin;
  return blocking === 'default-src'
    ? `give it a ${wanted} with ${source} and what default-src has`
    : `add ${source}`;
}

export function pageChecks(settings: DoctorSettings, ask: Ask): Check[] {
  const { shopUrl, scriptUrl, publicKey, secrets } = settings;
  let page: Promise<Answer> | undefined;
  let script: Promise<Answer> | undefined;

  const askPage = (signal: AbortSignal): Promise<Answer> => {
    page ??= ask(shopUrl ?? '', {
      signal,
      followsRedirects: true,
      headers: { accept: 'text/html' },
    });
    return page;
  };

  async function readShop(signal: AbortSignal): Promise<ShopPage | undefined> {
    return shopUrl === undefined ? undefined : readPage(await askPage(signal), scriptUrl);
  }

  const addressOf = (shop: ShopPage | undefined): URL | undefined =>
    shop?.tag?.url ?? (scriptUrl === undefined ? undefined : new URL(scriptUrl));

  function askScript(url: URL, shop: ShopPage | undefined, signal: AbortSignal): Promise<Answer> {
    const headers = { accept: '*/*', ...(shop && { origin: shop.url.origin }) };
    script ??= ask(url, { signal, followsRedirects: true, headers });
    return script;
  }

  async function pageThere(signal: AbortSignal): Promise<Finding> {
    if (shopUrl === undefined) return skipped(SET_PAGE);
    const { status, headers, failure } = await askPage(signal);
    const name = originOf(shopUrl);
    if (status === 0) return failed(`${name} does not answer: ${failure}. Is SHOP_URL right?`);
    if (status !== 200)
      return failed(`${name} answers ${status}. Set SHOP_URL to a page that everybody may see.`);
    return /html/i.test(headers.get('content-type') ?? '')
      ? passed(`${name} answers with a page.`)
      : failed('SHOP_URL does not lead to a page of HTML.');
  }

  function tagThere({ tag, url }: ShopPage): Finding {
    if (!tag) {
      return scriptUrl === undefined
        ? failed(
            'the page has no script tag with a company_id. Put it there, or, where a tag manager or a bundle loads the tracker, set SCRIPT_URL to the script.',
          )
        : skipped(
            'it is not in the page’s text. Whatever loads it must have the company id, and integrity if you want that.',
          );
    }
    if (isMixed(tag.url, url)) {
      return failed(
        'the page is https, and the script is not: browsers keep it out. Give it an https:// address.',
      );
    }
    if (!PUBLIC_KEY.test(tag.companyId)) {
      return failed('its company id is not six letters and digits: script.js?company_id=AbC123.');
    }
    if (publicKey !== '' && tag.companyId !== publicKey) {
      return failed(
        'its company id is another one than KLAVIYO_PUBLIC_KEY. Which of them is this shop’s?',
      );
    }
    return passed(
      `${nameOf(tag.url)}${publicKey === '' ? '' : ', with the company id of KLAVIYO_PUBLIC_KEY'}.`,
    );
  }

  async function noSecrets(signal: AbortSignal): Promise<Finding> {
    const shop = await readShop(signal);
    const url = addressOf(shop);
    const its = url ? await askScript(url, shop, signal) : undefined;
    const texts = [await askPage(signal), ...(its ? [its] : [])];
    const isLeaked = texts.some(
      ({ text }) =>
        PRIVATE_KEY_IN_TEXT.test(text) ||
        secrets.some((each) => each.length > 9 && text.includes(each)),
    );
    if (isLeaked) {
      return failed(
        'a private key or a secret stands in the page or in the script, where every visitor can read it. Take it out, and replace it.',
      );
    }
    if (its?.status === 200) return passed('none in the page and in the script.');
    return passed(
      `none in the page. The script was not looked at: ${its ? 'it did not come' : 'its address is not known'}.`,
    );
  }

  /** What needs an address of the script. */
  const ofScript =
    (judge: (answer: Answer, url: URL, shop: ShopPage | undefined) => Finding): Check['run'] =>
    async (signal) => {
      const shop = await readShop(signal);
      const url = addressOf(shop);
      if (!url) return skipped(shop ? 'no tag was found, and SCRIPT_URL is not set.' : SET_PAGE);
      return judge(await askScript(url, shop, signal), url, shop);
    };

  const ofPage =
    (judge: (shop: ShopPage, signal: AbortSignal) => Finding | Promise<Finding>): Check['run'] =>
    async (signal) => {
      const shop = await readShop(signal);
      return shop ? judge(shop, signal) : skipped(SET_PAGE);
    };

  function scriptPolicy(shop: ShopPage): Finding {
    const url = addressOf(shop);
    if (!url) return skipped('no tag was found, and SCRIPT_URL is not set.');
    const { nonce = '', integrity = '' } = shop.tag ?? {};
    const blocked = blockedScript(shop.policies, { url, nonce, integrity }, shop.url);
    if (!blocked)
      return passed(shop.policies.length === 0 ? 'the page has no policy.' : 'lets the script in.');
    return failed(
      blocked.isStrict
        ? `${blocked.name} of the page’s Content-Security-Policy has 'strict-dynamic', which takes a nonce or a hash only: give the tag the page’s nonce.`
        : `${blocked.name} of the page’s Content-Security-Policy keeps the script out: ${additionOf(blocked.name, 'script-src', url, shop.url)}.`,
    );
  }

  /** What needs to know where the tracker sends events. */
  const ofApi = (
    judge: (api: URL, shop: ShopPage, signal: AbortSignal) => Finding | Promise<Finding>,
  ) =>
    ofPage((shop, signal) => {
      const { tag, url } = shop;
      const api = tag ? tag.apiUrl : eventsUrl(settings.apiHost, url);
      return api ? judge(api, shop, signal) : failed('the tag’s data-api-host is no address.');
    });

  function connectPolicy(api: URL, { policies, url }: ShopPage): Finding {
    if (isMixed(api, url)) {
      return failed(`the page is https, and ${api.origin} is not: browsers keep the events in.`);
    }
    const blocked = blockedRequest(policies, api, url);
    if (blocked === undefined) return passed(`lets events out to ${api.origin}.`);
    return failed(
      `${blocked} of the page’s Content-Security-Policy keeps events in: ${additionOf(blocked, 'connect-src', api, url)}.`,
    );
  }

  async function apiCors(api: URL, { url }: ShopPage, signal: AbortSignal): Promise<Finding> {
    const { origin } = url;
    if (api.origin === origin) return passed('the page’s own origin: none are needed.');
    const headers = {
      ...{ origin, 'access-control-request-method': 'POST' },
      'access-control-request-headers': 'content-type,revision',
    };
    return judgeApiCors(await ask(api, { method: 'OPTIONS', headers, signal }), origin);
  }

  const needs = shopUrl === undefined ? [] : ['page'];
  const afterPage = (id: string, title: string, run: Check['run'], more: string[] = []): Check => ({
    ...{ id, group: 'page', title, run },
    needs: [...needs, ...more],
  });
  return [
    { ...{ id: 'page', group: 'page', title: 'shop page' }, run: pageThere },
    afterPage('script-tag', 'script tag', ofPage(tagThere)),
    afterPage(
      'script',
      'script',
      ofScript((answer, url) => judgeScript(answer, nameOf(url))),
    ),
    afterPage(
      ...(['script-cors', 'CORS of the script'] as const),
      ofScript((answer, url, shop) => {
        if (!shop) return skipped(SET_PAGE);
        const { tag } = shop;
        const asks: Loading['asks'] = tag ? (tag.cors ?? 'no') : 'unknown';
        return judgeScriptCors(answer, { origin: shop.url.origin, scriptOrigin: url.origin, asks });
      }),
      ['script'],
    ),
    afterPage(
      ...(['script-integrity', 'SRI of the script'] as const),
      ofScript(({ bytes }, url, shop) => {
        if (!shop?.tag) return skipped(shop ? 'no tag was found in the page.' : SET_PAGE);
        const isCrossOrigin = url.origin !== shop.url.origin;
        return judgeIntegrity({ ...shop.tag, isCrossOrigin }, bytes);
      }),
      ['script'],
    ),
    afterPage('csp-script', 'CSP of the page, script', ofPage(scriptPolicy)),
    afterPage('csp-connect', 'CSP of the page, API host', ofApi(connectPolicy)),
    afterPage('api-cors', 'CORS of the API host', ofApi(apiCors)),
    afterPage(
      'no-secrets',
      'no secrets in public',
      shopUrl === undefined ? () => skipped(SET_PAGE) : noSecrets,
    ),
  ];
}
