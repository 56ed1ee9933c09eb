/** Requests with the private key, as the toolkit sends them, and everything that came back. */
import type { Answer, Ask } from './ask.js';
import type { DoctorSettings } from './settings.js';

export interface KlaviyoProbe {
  send(method: string, path: string, signal: AbortSignal): Promise<Answer>;
  /** The first one: who answers there, and how it takes key and revision. Asked once. */
  first(signal: AbortSignal): Promise<Answer>;
  /** All answers so far. */
  seen(): readonly Answer[];
}

export function createKlaviyoProbe(settings: DoctorSettings, ask: Ask): KlaviyoProbe {
  const seen: Answer[] = [];
  let first: Promise<Answer> | undefined;

  async function send(method: string, path: string, signal: AbortSignal): Promise<Answer> {
    const headers = {
      authorization: `Klaviyo-API-Key ${settings.privateKey}`,
      revision: settings.revision,
      accept: 'application/vnd.api+json',
      'content-type': 'application/vnd.api+json',
    };
    // Brackets and quotes encoded, as a URL has them.
    const url = new URL(settings.apiHost + path);
    url.search = new URLSearchParams(url.search).toString();
    const answer = await ask(url, {
      ...{ method, headers, signal },
      ...(method !== 'GET' && { body: '{}' }),
    });
    seen.push(answer);
    return answer;
  }

  return {
    send,
    first(signal) {
      first ??= send('GET', '/api/metrics', signal);
      return first;
    },
    seen: () => seen,
  };
}

interface WireError {
  source?: { parameter?: unknown };
}

/** Klaviyo's errors; undefined when an answer is not in its words. */
export function errorsOf({ text }: Answer): WireError[] | undefined {
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown };
    return Array.isArray(errors) ? (errors as WireError[]) : undefined;
  } catch {
    return undefined; // a page, or nothing
  }
}

/** Whether a refusal is about a parameter or header of this name. */
export const isAbout = (answer: Answer, parameter: string): boolean =>
  (errorsOf(answer) ?? []).some((error) => error?.source?.parameter === parameter);
