import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createKlaviyo } from 'klaviyo-storefront/server';
import { describe, expect, it } from 'vitest';
import { names, runExample } from '../../demo/examples/run.mjs';

const folder = fileURLToPath(new URL('../../demo/examples/', import.meta.url));
const read = (file: string): string => readFileSync(`${folder}${file}`, 'utf8');
const sources = names.map((name) => read(`${name}.ts`)).join('\n');

/** Every function of a client, by the path one calls it with. */
function callsOf(value: object, path: string): string[] {
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'function'
      ? [`${path}.${name}`]
      : callsOf(member as object, `${path}.${name}`),
  );
}

describe.each(names)('the example %s', (name) => {
  it('runs against the sandbox, and says what it did', async () => {
    const lines: unknown[][] = [];
    await runExample(name, (...values) => lines.push(values));
    expect(lines.length).toBeGreaterThan(0);
  });
});

describe('the examples', () => {
  const calls = callsOf(createKlaviyo({ privateKey: `pk_${'0'.repeat(34)}` }), 'klaviyo');
  const handlers = ['createWebhookHandler', 'verifyWebhook'];

  it('have functions to show', () => {
    expect(calls.length).toBeGreaterThan(30);
  });

  it.each([...calls, ...handlers])('show %s', (call) => {
    expect(sources.replace(/\s+\./g, '.')).toMatch(
      new RegExp(`\\b${call.replaceAll('.', '\\.')}(<\\w+>)?\\(`),
    );
  });
});

describe('the page "What tutorials get wrong"', () => {
  const blocks = [...read('README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code]) => code ?? '',
  );
  const plain = (code: string): string =>
    code
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('\n');

  it('has calls to show', () => {
    expect(blocks.length).toBeGreaterThan(15);
  });

  it.each(blocks)('shows what an example does: %s', (block) => {
    expect(plain(sources)).toContain(plain(block));
  });

  it('links to examples that are there', () => {
    const links = [...read('README.md').matchAll(/\]\(([\w-]+)\.ts\)/g)].map(([, name]) => name);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((name) => !names.includes(String(name)))).toEqual([]);
  });
});
