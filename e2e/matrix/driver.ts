// What a scenario may ask of a browser, whichever engine it is and whatever drives it.

/** What not every engine can do here. */
export type Ability =
  /** Starting again on the same profile folder. */
  | 'restart'
  /** A tab that closes itself with window.close(). */
  | 'self-close'
  /** Requests that outlive a window which closes itself, even where they need a preflight. */
  | 'last-words'
  /** A tab that is really hidden while another one is in front. */
  | 'hide'
  /** Pages that come back as they were left. */
  | 'bfcache'
  /** A page frozen by the browser. */
  | 'freeze'
  /** Ending one tab's process. */
  | 'crash'
  /** The browser's own switch for offline. */
  | 'offline';

export interface Tab {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>;
  /** Runs `action` on the page; it sees nothing but its argument and the page. */
  evaluate<R, A = undefined>(action: (argument: A) => R | Promise<R>, argument?: A): Promise<R>;
  /** Closes the tab as a visitor does. */
  close(): Promise<void>;
  back(): Promise<void>;
  /** Puts it in front of the others of its window. */
  show(): Promise<void>;
  /** Kills the process that runs the page. */
  crash(): Promise<void>;
  setFrozen(isFrozen: boolean): Promise<void>;
}

/** One visitor's browser: a profile, and the tabs on it. */
export interface Browser {
  /** In front of the others where `hide` is an ability, unless `isBehind`. */
  newTab(isBehind?: boolean): Promise<Tab>;
  /** Waits for a tab that a click on the page's `#popup` opens. */
  popup(opener: Tab): Promise<Tab>;
  /** How many tabs are open. */
  count(): Promise<number>;
  setOffline(isOffline: boolean): Promise<void>;
  /** Ends it in an orderly way; what it has stored stays in its profile folder. */
  quit(): Promise<void>;
  /** SIGKILL to all its processes. */
  kill(): Promise<void>;
}

export interface Engine {
  name: EngineName;
  /** Of the engine as it names itself. */
  version: string;
  /** What it can't do here, and why. */
  cannot: Partial<Record<Ability, string>>;
  /** A visitor with an empty profile that is kept nowhere. */
  visitor(): Promise<Browser>;
  /** A browser of its own with its profile in a folder. */
  open(folder: string): Promise<Browser>;
  end(): Promise<void>;
}

export const engineNames = ['chromium', 'firefox', 'webkit'] as const;
export type EngineName = (typeof engineNames)[number];

/** The action with its argument as an expression: what every driver can run. */
export const expressionOf = (action: unknown, argument: unknown): string =>
  `(${action})(${JSON.stringify(argument) ?? ''})`;

/** Rejects when `work` takes longer than it should. */
export async function within<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs} ms`)), timeoutMs);
  });
  work.catch(() => undefined);
  return Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
}

/** Asks until the answer is true; rejects at the deadline. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
