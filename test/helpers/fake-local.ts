/** One localStorage for all tabs of an origin, with a quota, and events to the other tabs. */
import type { LocalStore } from '../../src/browser/env.js';

export interface LocalSwitches {
  /** Storage that is switched off: reads as empty, keeps nothing. */
  blocked: boolean;
  /** Characters of keys and values together. */
  quota: number;
}

/** What a tab has to be for storage: somebody who is alive, and is told of changes by others. */
export interface LocalUser {
  /** Counts a step; false once the tab is dead. */
  step: (name: string) => boolean;
  stored: (key: string, newValue: string | null) => void;
}

export const createFakeLocal = () => {
  const content = new Map<string, string>();
  const switches: LocalSwitches = { blocked: false, quota: 5_000_000 };
  const users = new Set<LocalUser>();

  const size = (): number =>
    [...content].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const tell = (by: LocalUser, key: string, value: string | null): void => {
    for (const user of users) if (user !== by) user.stored(key, value);
  };

  return {
    switches,
    content,
    /** Everything in it as one text: to look for what must not be there. */
    text: (): string => JSON.stringify([...content]),
    storeOf: (user: LocalUser): LocalStore => {
      users.add(user);
      return {
        read: (key) => {
          try {
            return switches.blocked ? undefined : JSON.parse(content.get(key)!);
          } catch {
            return undefined;
          }
        },
        write: (key, json) => {
          const value = JSON.stringify(json);
          if (!user.step(`set ${key}`)) return false;
          const before = content.get(key);
          const grown =
            key.length + value.length - (before == null ? 0 : key.length + before.length);
          if (switches.blocked || (grown > 0 && size() + grown > switches.quota)) return false;
          content.set(key, value);
          if (before !== value) tell(user, key, value);
          return true;
        },
        remove: (key) => {
          if (!user.step(`remove ${key}`) || switches.blocked) return;
          if (content.delete(key)) tell(user, key, null);
        },
        keys: (prefix) =>
          switches.blocked ? [] : [...content.keys()].filter((key) => key.startsWith(prefix)),
      };
    },
    leave: (user: LocalUser): void => void users.delete(user),
  };
};

export type FakeLocal = ReturnType<typeof createFakeLocal>;
