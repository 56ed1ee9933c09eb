import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
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

// Which functions the examples call, and not only name.
const called = new Set<string>();

function watch<T extends object>(value: T, path: string): T {
  return new Proxy(value, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      const call = `${path}.${String(name)}`;
      if (typeof member === 'object' && member !== null) return watch(member, call);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        called.add(call);
        return member(...args);
      };
    },
  });
}
Object.assign(globalThis, {
  watchClient: (client: object) => watch(client, 'klaviyo'),
  noteCall: (name: string) => called.add(name),
});

/** The server's entry, with a client that is watched. */
const watched: Plugin = {
  name: 'watched',
  setup({ onResolve, onLoad }) {
    const real = import.meta.resolve('klaviyo-storefront/server');
    onResolve({ filter: /^klaviyo-storefront\/server$/ }, () => ({
      ...{ path: 'server', namespace: 'watched' },
    }));
    onResolve({ filter: /^file:/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: 'watched' }, () => ({
      contents: `
        import * as real from '${real}';
        export * from '${real}';
        export const createKlaviyo = (options) => watchClient(real.createKlaviyo(options));
        export const createWebhookHandler = (options) => {
          noteCall('createWebhookHandler');
          return real.createWebhookHandler(options);
        };
        export const verifyWebhook = (...args) => {
          noteCall('verifyWebhook');
          return real.verifyWebhook(...args);
        };`,
    }));
  },
};

describe.each(names)('the example %s', (name) => {
  it('runs against the sandbox, and says what it did', async () => {
    const lines: unknown[][] = [];
    await runExample(name, (...values) => lines.push(values), [watched]);
    expect(lines.length).toBeGreaterThan(0);
  });
});

describe('the examples', () => {
  const client = createKlaviyo({ privateKey: `pk_${'0'.repeat(34)}` });
  const calls = [...callsOf(client, 'klaviyo'), 'createWebhookHandler', 'verifyWebhook'];

  it('have functions to show', () => {
    expect(calls.length).toBeGreaterThan(35);
  });

  it.each(calls)('call %s', (call) => {
    expect([...called]).toContain(call);
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
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((name) => !names.includes(String(name)))).toEqual([]);
  });
});
