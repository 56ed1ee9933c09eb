import { expect, it } from 'vitest';
import { bundle, outputs } from '../../esbuild.config.mjs';
import type { Env } from '../../src/browser/env.js';
import { onLifecycle } from '../../src/browser/lifecycle.js';

// The build makes a letter of names that are ours alone. One that is an event of the page's too would leave
// its listener deaf, in the bundle and nowhere else.
it.each(['dist/script.js', 'dist/index.js'])(
  '%s listens to every event by its name',
  async (outfile) => {
    const nothing = (): void => undefined;
    let heard: string[] = [];
    const listen: Env['listen'] = (listeners) => {
      heard = Object.keys(listeners);
      return nothing;
    };
    const handlers = { hide: nothing, leave: nothing, resume: nothing, restore: nothing };
    onLifecycle({ listen } as Env, { ...handlers, online: nothing, stored: nothing });
    const { outputFiles } = await bundle(outputs.find((each) => each.outfile === outfile)!);
    const code = outputFiles.find(({ path }) => path.endsWith('.js'))!.text;
    const listening = code.slice(code.indexOf('visibilitychange')).slice(0, 1500);
    expect(heard).toContain('freeze');
    for (const name of heard) expect(listening).toMatch(new RegExp(`\\b${name}\\b[:,(]`));
  },
);
