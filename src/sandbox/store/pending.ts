import { perAccount } from './collection.js';

/** Subscriptions that wait for a click in the mail that asks to confirm them. */
export function createPending() {
  const accounts = perAccount<{ email: string; confirm: (at: number) => void }[]>(() => []);
  return {
    add(companyId: string, email: string | undefined, confirm: (at: number) => void): void {
      // Without an address there is nobody to ask.
      if (email !== undefined) accounts.of(companyId).push({ email, confirm });
    },
    /** The click: returns how many subscriptions it confirmed. */
    confirm(companyId: string, email: string, at: number): number {
      const waiting = accounts.of(companyId);
      const found = waiting.filter((one) => one.email === email.toLowerCase());
      for (const one of found) waiting.splice(waiting.indexOf(one), 1);
      for (const one of found) one.confirm(at);
      return found.length;
    },
    clear: (): void => accounts.clear(),
  };
}
