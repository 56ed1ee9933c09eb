/**
 * Content Security Policy, level 3, as far as it is about a script from an address and a request to one.
 * https://www.w3.org/TR/CSP3/
 */

/** Directives of one policy, by name. */
type Policy = Map<string, string[]>;

function parsePolicy(text: string): Policy {
  const policy: Policy = new Map();
  for (const directive of text.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    // The first of a name counts.
    if (name !== '' && !policy.has(name.toLowerCase())) policy.set(name.toLowerCase(), sources);
  }
  return policy;
}

/**
 * @param header the header's value, which holds several with commas between when it was sent several times
 * @param metas contents of the page's own tags, one policy each
 */
export const parsePolicies = (header: string, metas: readonly string[]): Policy[] =>
  [...header.split(','), ...metas].map(parsePolicy).filter((policy) => policy.size > 0);

const portOf = ({ protocol, port }: URL): string =>
  port || (protocol === 'https:' || protocol === 'wss:' ? '443' : '80');

/** A page that is not encrypted may ask for what is. */
const isScheme = (wanted: string, scheme: string): boolean =>
  wanted === scheme || (wanted === 'http:' && scheme === 'https:');

const HOST =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d+|\*))?(\/[^?#]*)?$/i;

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

function isHostMatch(source: string, url: URL, page: URL): boolean {
  const [, scheme, host = '', port, path] = HOST.exec(source) ?? [];
  if (host === '') return false;
  if (!isScheme(scheme === undefined ? page.protocol : `${scheme.toLowerCase()}:`, url.protocol)) {
    return false;
  }
  const name = host.toLowerCase();
  const isHost =
    name === '*' ||
    (name.startsWith('*.') ? url.hostname.endsWith(name.slice(1)) : url.hostname === name);
  const isUpgrade = port === '80' && portOf(url) === '443';
  const isPort =
    port === undefined ? url.port === '' : port === '*' || port === portOf(url) || isUpgrade;
  if (!isHost || !isPort) return false;
  if (path === undefined || path === '/') return true;
  const [wanted, actual] = [decodePath(path), decodePath(url.pathname)];
  return wanted.endsWith('/') ? actual.startsWith(wanted) : actual === wanted;
}

function isSelf(url: URL, page: URL): boolean {
  if (url.origin === page.origin) return true;
  const isUpgrade = page.protocol === 'http:' && url.protocol === 'https:';
  return isUpgrade && url.hostname === page.hostname && url.port === '' && page.port === '';
}

function isAddressMatch(source: string, url: URL, page: URL): boolean {
  const word = source.toLowerCase();
  if (word === '*') return /^(https?|wss?):$/.test(url.protocol) || url.protocol === page.protocol;
  if (word === "'self'") return isSelf(url, page);
  if (/^[a-z][a-z0-9+.-]*:$/.test(word)) return isScheme(word, url.protocol);
  return isHostMatch(source, url, page);
}

const sourcesOf = (policy: Policy, names: readonly string[]) => {
  const name = names.find((each) => policy.has(each));
  return name === undefined ? undefined : { name, sources: policy.get(name) ?? [] };
};

export interface ScriptTag {
  url: URL;
  nonce: string;
  integrity: string;
}

/** Whether every hash of the tag is one that the policy names. */
function isHashMatch(sources: readonly string[], integrity: string): boolean {
  const hashes = integrity.split(/\s+/).filter((each) => /^sha(256|384|512)-/.test(each));
  return hashes.length > 0 && hashes.every((hash) => sources.includes(`'${hash.split('?')[0]}'`));
}

/** The directive that keeps the page from loading a script; undefined when none does. */
export function blockedScript(policies: readonly Policy[], tag: ScriptTag, page: URL) {
  for (const policy of policies) {
    const found = sourcesOf(policy, ['script-src-elem', 'script-src', 'default-src']);
    if (!found) continue;
    const { name, sources } = found;
    const isTrusted =
      (tag.nonce !== '' && sources.includes(`'nonce-${tag.nonce}'`)) ||
      isHashMatch(sources, tag.integrity);
    const isStrict = sources.some((source) => source.toLowerCase() === "'strict-dynamic'");
    const isAllowed =
      isTrusted || (!isStrict && sources.some((each) => isAddressMatch(each, tag.url, page)));
    if (!isAllowed) return { name, isStrict };
  }
  return undefined;
}

/** The directive that keeps the page from asking an address; undefined when none does. */
export function blockedRequest(policies: readonly Policy[], url: URL, page: URL) {
  for (const policy of policies) {
    const found = sourcesOf(policy, ['connect-src', 'default-src']);
    if (!found) continue;
    if (!found.sources.some((each) => isAddressMatch(each, url, page))) return found.name;
  }
  return undefined;
}
