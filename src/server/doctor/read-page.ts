/** A page of the shop: its policy, and the tag that loads the tracker. */
import { API_HOST } from '../../shared/limits.js';
import type { Answer } from './ask.js';
import { parsePolicies } from './content-policy.js';
import { readTags, type Tag } from './read-tags.js';

export interface ShopPage {
  url: URL;
  policies: ReturnType<typeof parsePolicies>;
  /** The tracker's tag; undefined when there is none in the page's text. */
  tag: ScriptElement | undefined;
}

export interface ScriptElement {
  url: URL;
  companyId: string;
  /** Where the tracker sends events from there; undefined when what the tag says is no address. */
  apiUrl: URL | undefined;
  nonce: string;
  integrity: string;
  /** What the browser asks for leave with: undefined when it does not ask. */
  cors: CorsMode | undefined;
}

/** `include` sends cookies along, and takes an answer that allows just that. */
export type CorsMode = 'same-origin' | 'include';

/**
 * How a browser fetches a script from another origin. A module always asks for leave, another script when it has the
 * attribute, whatever its value. https://html.spec.whatwg.org/#cors-settings-attributes
 */
function corsOf({ type = '', crossorigin }: Tag['attributes']): CorsMode | undefined {
  if (crossorigin?.toLowerCase() === 'use-credentials') return 'include';
  const isModule = type.trim().toLowerCase() === 'module';
  return isModule || crossorigin !== undefined ? 'same-origin' : undefined;
}

const companyIdOf = (url: URL, attributes: Tag['attributes']): string =>
  url.searchParams.get('company_id') || (attributes['data-company-id'] ?? '');

/** As the tracker puts it together; its host may be a path of the shop's own. */
export function eventsUrl(apiHost: string, page: URL): URL | undefined {
  const text = `${apiHost.replace(/\/+$/, '')}/client/events`;
  return URL.canParse(text, page.href) ? new URL(text, page) : undefined;
}

/** A tag of ours has the company id in its address or as an attribute; klaviyo.js has it, too. */
function readScript(
  { name, attributes }: Tag,
  { page, base, scriptUrl }: { page: URL; base: URL; scriptUrl: string | undefined },
): ScriptElement | undefined {
  const src = attributes.src ?? '';
  if (name !== 'script' || src === '' || !URL.canParse(src, base.href)) return undefined;
  const url = new URL(src, base);
  const isNamed = scriptUrl !== undefined && url.href.split('?')[0] === scriptUrl.split('?')[0];
  const companyId = companyIdOf(url, attributes);
  const isKlaviyos = /(^|\.)klaviyo\.com$/.test(url.hostname);
  if (!isNamed && (companyId === '' || isKlaviyos)) return undefined;
  const apiHost = attributes['data-api-host'] || API_HOST;
  return {
    ...{ url, companyId, cors: corsOf(attributes) },
    apiUrl: eventsUrl(apiHost, page),
    nonce: attributes.nonce ?? '',
    integrity: (attributes.integrity ?? '').trim(),
  };
}

export function readPage({ url: address, text, headers }: Answer, scriptUrl?: string): ShopPage {
  const url = new URL(address);
  const tags = readTags(text);
  const href = tags.find(({ name, attributes }) => name === 'base' && attributes.href)?.attributes
    .href;
  const base = href !== undefined && URL.canParse(href, url.href) ? new URL(href, url) : url;
  const metas = tags.filter(
    ({ name, attributes }) =>
      name === 'meta' && attributes['http-equiv']?.toLowerCase() === 'content-security-policy',
  );
  return {
    url,
    policies: parsePolicies(
      headers.get('content-security-policy') ?? '',
      metas.map(({ attributes }) => attributes.content ?? ''),
    ),
    tag: tags
      .map((tag) => readScript(tag, { page: url, base, scriptUrl }))
      .find((script) => script !== undefined),
  };
}
