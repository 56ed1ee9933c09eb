// MiniBrowser without automation, which alone keeps a profile on disk. One tab, driven by its page.

import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createAgent } from './agent.js';
import { type Browser, expressionOf, type Tab } from './driver.js';
import { endGroup, startGroup } from './processes.js';

export async function openByItself(
  binary: string,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<Browser> {
  const agent = createAgent();
  let child: ChildProcess | undefined;
  const cannot = (what: string) => () =>
    Promise.reject(new Error(`MiniBrowser without automation cannot ${what}`));

  const folders = Object.fromEntries(
    ['DATA', 'CONFIG', 'CACHE', 'STATE'].map((kind) => [`XDG_${kind}_HOME`, `${folder}/${kind}`]),
  );
  for (const path of Object.values(folders)) mkdirSync(path, { recursive: true });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child) await endGroup(child, signal);
    child = undefined;
  };

  const tab: Tab = {
    goto: async (url) => {
      const arrival = agent.arrival();
      const address = `${url}#agent=${agent.id}`;
      if (child) {
        agent
          .run(expressionOf((to: string) => location.assign(to), address))
          .catch(() => undefined);
      } else {
        child = startGroup(binary, [address], { env: { ...env, ...folders }, stdio: 'ignore' });
      }
      await arrival;
    },
    evaluate: (action, argument) => agent.run(expressionOf(action, argument)) as never,
    // No tab is closed here: without a window manager nobody can press its cross. The page is left for another
    // one, as by a visitor who goes on, and then the browser ends.
    close: async () => {
      agent.run("location.assign('about:blank')").catch(() => undefined);
      await end('SIGTERM');
    },
    back: cannot('go back'),
    show: cannot('show a tab'),
    crash: cannot('end one page'),
    setFrozen: cannot('freeze a page'),
  };
  return {
    newTab: async () => tab,
    popup: cannot('open a second tab'),
    count: async () => 1,
    setOffline: cannot('be set offline'),
    quit: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
