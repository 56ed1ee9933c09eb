// What the docstrings of the client's functions say of Klaviyo: their `@klaviyo` tags, read by the compiler.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const folder = fileURLToPath(new URL('../../src/server/klaviyo/', import.meta.url));

/** Which part of the client an interface is. */
const parts: Record<string, string> = {
  ...{ Profiles: 'profiles', ProfileImports: 'profiles', Lists: 'lists', Segments: 'segments' },
  ...{ Subscriptions: 'subscriptions', SubscriptionStatuses: 'subscriptions' },
  ...{ Events: 'events', BulkEvents: 'events', Metrics: 'metrics', Campaigns: 'campaigns' },
  ...{ Flows: 'flows', Webhooks: 'webhooks', SyncOrder: '' },
};

export interface DocumentedCall {
  /** Such as `profiles.upsert`. */
  call: string;
  /** What the function's docstring says in words. */
  text: string;
  /** Each `@klaviyo` tag, such as `GET /api/lists (2026-07-15) · lists:read · 75/s, 750/min`. */
  tags: string[];
  /** Each `@klaviyoLookup` tag: what it asks first for a part of what it can do. */
  lookups: string[];
}

function read(file: string): DocumentedCall[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(`${folder}${file}`, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: DocumentedCall[] = [];
  for (const node of source.statements) {
    if (!ts.isInterfaceDeclaration(node) || !(node.name.text in parts)) continue;
    for (const member of node.members) {
      const docs = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
      if (docs.length === 0) continue;
      const name = member.name?.getText() ?? 'syncOrder';
      const tagged = (wanted: string) =>
        ts
          .getJSDocTags(member)
          .filter(({ tagName }) => tagName.text === wanted)
          .map(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? '').trim());
      const tags = tagged('klaviyo');
      const lookups = tagged('klaviyoLookup');
      const text = docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join('\n');
      if (!ts.isMethodSignature(member) && tags.length === 0) continue;
      const part = parts[node.name.text];
      found.push({ call: part ? `${part}.${name}` : name, text, tags, lookups });
    }
  }
  return found;
}

export const documentedCalls = (): DocumentedCall[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .flatMap(read);
