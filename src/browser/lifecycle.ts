/** What happens to the page: hidden, left, restored, online again, and what other tabs have stored. */
import type { Env } from './env.js';

export interface Lifecycle {
  /** The page may never run again. */
  hide: () => void;
  /** It will not, unless it is restored. */
  leave: () => void;
  /** Back from the back/forward cache: a new page view, and other pages have been at the storage. */
  restore: () => void;
  /** Frozen where it was, it runs again, and hears now what it has missed. */
  resume: () => void;
  online: () => void;
  /** Another tab has written this to localStorage; by now there may be something newer. */
  stored: (key: string | null, value: string) => void;
}

/** Calls the handlers until the returned function is called. */
export const onLifecycle = (
  env: Env,
  { hide, leave, restore, resume, online, stored }: Lifecycle,
): (() => void) =>
  env.listen({
    // visibilitychange first: Firefox loses requests sent from pagehide when a tab is closed (13 of 36
    // arrived; 36 of 36 from here).
    visibilitychange: () => {
      if (env.hidden()) hide();
    },
    pagehide: () => {
      hide();
      leave();
    },
    // In the background, so hidden before: frozen in the middle of a flush it would hold back all others.
    freeze: () => {
      hide();
      leave();
    },
    resume,
    // In the task in which the page decides to leave (Chrome 102, Firefox 147, Safari 26). A Chromium that has
    // much to do gives a page half a second once it is left: of 50, two were gone before they were told.
    navigate: (event) => {
      if (!(event as NavigateEvent).destination.sameDocument) hide();
    },
    pageshow: (event) => {
      if ((event as PageTransitionEvent).persisted) restore();
    },
    online,
    storage: (event) => {
      const { key, newValue } = event as StorageEvent;
      if (newValue) stored(key, newValue);
    },
  });
