/** The tags of a page, as far as a browser would see them without running a script. */

export interface Tag {
  name: string;
  /** In lower case; without a value: an empty text. */
  attributes: Record<string, string>;
}

// What stands in these is text, whatever it looks like.
const RAW = ['script', 'style', 'textarea', 'title', 'noscript', 'template', 'iframe', 'xmp'];
// Sticky: each goes on where the last one ended.
const OPENING = /<([a-z][^\s/>]*)/iy;
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/y;

const ENTITIES: Record<string, string> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>' };

const decode = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,6})|#x([\da-f]{1,5})|(amp|quot|apos|lt|gt));/gi,
    (all, dec, hex, name) => {
      if (name) return ENTITIES[String(name).toLowerCase()] ?? all;
      const code = dec ? Number(dec) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );

function readAttributes(
  html: string,
  from: number,
): { attributes: Tag['attributes']; end: number } {
  const attributes: Tag['attributes'] = {};
  let end = from;
  for (;;) {
    ATTRIBUTE.lastIndex = end;
    const match = ATTRIBUTE.exec(html);
    if (!match) break;
    const [, name = '', double, single, bare] = match;
    const key = name.toLowerCase();
    // The first one counts.
    if (!Object.hasOwn(attributes, key)) attributes[key] = decode(double ?? single ?? bare ?? '');
    end = ATTRIBUTE.lastIndex;
  }
  const close = html.indexOf('>', end);
  return { attributes, end: close < 0 ? html.length : close + 1 };
}

/** Every opening tag, in their order; none from comments and from the text of scripts. */
export function readTags(html: string): Tag[] {
  const tags: Tag[] = [];
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4);
      if (end < 0) break;
      at = end + 3;
      continue;
    }
    OPENING.lastIndex = at;
    const name = OPENING.exec(html)?.[1]?.toLowerCase();
    if (name === undefined) {
      at += 1;
      continue;
    }
    const { attributes, end } = readAttributes(html, at + 1 + name.length);
    tags.push({ name, attributes });
    at = end;
    if (!RAW.includes(name)) continue;
    const close = new RegExp(`</${name}[\\s/>]`, 'gi');
    close.lastIndex = end;
    at = close.exec(html)?.index ?? html.length;
    at += 1;
  }
  return tags;
}
