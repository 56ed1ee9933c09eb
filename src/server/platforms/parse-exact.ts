/**
 * JSON with integers that no JavaScript number can hold kept as texts: Shopify's ids are 64 bits wide, and
 * rounded, two orders would be one. Throws where `JSON.parse` does.
 */
export function parseExact(text: string): unknown {
  // First, since the pattern below is quick only where every text has an end.
  const parsed: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return parsed;
  const exact = text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  return JSON.parse(exact);
}
