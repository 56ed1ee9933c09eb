/** One page of a history: its client, and what the history knows of it. */
import type { Client } from '../../src/browser/create-client.js';
import type { Consent } from '../../src/browser/options.js';
import type { Tab } from '../helpers/fake-env.js';

export interface Page {
  tab: Tab;
  client: Client;
  /** What it has been told, by its shop or by another tab. */
  state: Consent;
  /** Another tab has told it of a refusal, or is about to. */
  isToldDenied: boolean;
  isHidden: boolean;
  /** It runs because of a call or an event of now, and not because of its own flush. */
  isSync: boolean;
  /** Its process died, without a word to the page. */
  isCrashed: boolean;
  /** In ms since the beginning. */
  endedAt: number;
  /** The identity it knew when everything was last at rest. */
  identity: Identity | undefined;
}

/** Who the visitor is, as it is stored. */
export interface Identity {
  anonymousId: string;
  email: string | undefined;
}
