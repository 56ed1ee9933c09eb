/** The script tag: reads its own tag, installs the global, which starts the client. Never breaks the page. */
import { connect, createNothing, type Start } from './browser/create-client.js';
import { browserEnv } from './browser/env.js';
import { installGlobal } from './browser/klaviyo-global.js';
import { type ClientOptions, DEFAULTS, readOptions } from './browser/options.js';

const env = browserEnv()!;
// There is no current script in a module, or when a tag manager has put this file into its own.
const tag = (document.currentScript ??
  document.querySelector(
    'script[data-company-id],script[src*="script.js?company_id="]',
  )) as HTMLScriptElement | null;
const { global: name, companyId: id = '', ...attributes } = { ...tag?.dataset };
const companyId = /[?&]company_id=([^&#]*)/.exec(tag?.src ?? '')?.[1] ?? id;
const options: Record<string, unknown> = { companyId };
// Where the options are wrong calls are answered still.
let start: Start = () => createNothing();
let isGranted: boolean | undefined;
try {
  for (const option in attributes) {
    const text = attributes[option]!;
    // The defaults say which options there are, and of which type.
    const type = typeof (DEFAULTS as Record<string, unknown>)[option];
    if (type === 'boolean') options[option] = text !== 'false';
    // A template without the setting renders ''.
    else if (type !== 'undefined')
      options[option] = text ? (type === 'string' ? text : +text) : undefined;
    // Consent managers and the like put attributes of their own on a tag, so this is no error.
    else if ('debug' in attributes) env.warn(`unknown option ${option}`);
  }
  const settings = readOptions(options as unknown as ClientOptions);
  isGranted = settings.consent === 'granted';
  start = connect(settings, env);
} catch (error) {
  console.error(error);
}
installGlobal(start, companyId, env, name, isGranted);
