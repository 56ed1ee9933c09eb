/**
 * One flusher per origin, and which pages are alive. Web Locks end with their page, even one that was
 * killed; where they are missing (plain http, old Safari) a lease in localStorage stands in.
 */
import { LEASE_MS, LEASE_POLL_MS } from '../shared/limits.js';
import { attempt } from './attempt.js';
import type { Env } from './env.js';

export const createLock = (env: Env, name: string, isGranted = () => true) => {
  const { locks } = env;
  const me = env.uuid();

  /** False where nothing can be stored, or may be: then there is no other page to agree with. */
  const renew = (): boolean => isGranted() && env.local.write(name, [me, env.now() + LEASE_MS]);

  // Nobody can tell then whether a page is alive, so what it tracks is left to it for a time.
  // A moment ahead of now was before the device clock was put back.
  const isLeased = (createdAt: number): boolean => Math.abs(env.now() - createdAt) < LEASE_MS;

  const lease = async (task: () => Promise<void>, left: AbortSignal): Promise<void> => {
    for (;;) {
      if (left.aborted) return;
      const found = env.local.read<[string, number]>(name);
      // What is stored there and is no lease holds nobody back.
      const leftMs = attempt(() => found![1] - env.now())!;
      const isHeld = leftMs > 0 && leftMs <= LEASE_MS;
      if (isHeld ? found![0] === me : !renew()) break;
      // Two pages that saw it free both write; the one that stays written has it after this.
      await new Promise<void>((resolve) => env.after(LEASE_POLL_MS, resolve));
    }
    await task().finally(() => env.local.remove(name));
  };

  return {
    /** False where a lease stands in. */
    isReal: !!locks,
    /**
     * Runs `task` while no other page of the origin runs its own. The turn ends early when the page is
     * left: frozen with it, a page in the back/forward cache would hold back all others (seen in Firefox).
     */
    run: (task: () => Promise<void>, left: AbortSignal): Promise<void> => {
      const turn = (): Promise<void> =>
        Promise.race([
          task(),
          new Promise<void>((resolve) => {
            left.onabort = () => resolve();
          }),
        ]);
      return locks ? locks.request(name, { signal: left }, turn) : lease(turn, left);
    },
    /** Keeps a lease from ending during a long task. */
    renew: (): void => {
      if (!locks) renew();
    },
    /** Makes this page the owner `owner` until the returned function is called, or the page ends. */
    own: (owner: string): (() => void) => {
      let release!: () => void;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      // Refused: then nobody else can flush either.
      locks?.request(`${name}:${owner}`, () => released).catch(() => undefined);
      return release;
    },
    /** Whether an event of this page's is still this page's alone. */
    isLasting: (createdAt: number): boolean => !!locks || isLeased(createdAt),
    /** Tells of an owner, and of when its event was tracked, whether that page alone may send it. */
    alive: async (): Promise<(owner: string, createdAt: number) => boolean> => {
      if (!locks) return (owner, createdAt) => !!owner && isLeased(createdAt);
      const { held = [], pending = [] } = await locks.query();
      const names = [...held, ...pending].map((lock) => lock.name);
      return (owner) => names.includes(`${name}:${owner}`);
    },
  };
};

export type Lock = ReturnType<typeof createLock>;
