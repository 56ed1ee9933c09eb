/**
 * One flusher per origin, and which pages are alive. Web Locks end with their page, even one that was
 * killed; where they are missing (plain http, old Safari) a lease in localStorage stands in.
 */
import { LEASE_MS } from '../shared/limits.js';
import type { Env } from './env.js';

export const createLock = (env: Env, name: string) => {
  const { locks } = env;

  const lease = async (task: () => Promise<void>): Promise<void> => {
    const me = env.uuid();
    const held = (): string[] => (env.local.get(name) ?? '').split(' ');
    const [, untilAt] = held();
    const left = +(untilAt ?? 0) - env.now();
    if (left > 0 && left <= LEASE_MS) return;
    env.local.set(name, `${me} ${env.now() + LEASE_MS}`);
    // Two tabs that saw the lease free at once both write; the one that stays written goes on.
    await new Promise<void>((resolve) => env.after(20, resolve));
    if (env.local.get(name) && held()[0] !== me) return;
    try {
      await task();
    } finally {
      env.local.remove(name);
    }
  };

  return {
    /** Runs `task` while no other page of the origin runs its own. */
    run: (task: () => Promise<void>): Promise<void> =>
      locks ? locks.request(name, task) : lease(task),
    /** Makes this page the owner `owner` until the returned function is called, or the page ends. */
    own: (owner: string): (() => void) => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      locks?.request(`${name}:${owner}`, () => released).catch(() => undefined);
      return release;
    },
    /** Tells of an owner, and of when its event was tracked, whether that page may still send it itself. */
    alive: async (): Promise<(owner: string, createdAt: number) => boolean> => {
      if (!locks) return (owner, createdAt) => !!owner && env.now() - createdAt < LEASE_MS;
      const { held = [], pending = [] } = await locks.query();
      const names = new Set([...held, ...pending].map((lock) => lock.name));
      return (owner) => names.has(`${name}:${owner}`);
    },
  };
};

export type Lock = ReturnType<typeof createLock>;
