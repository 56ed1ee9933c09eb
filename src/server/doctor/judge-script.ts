/** Whether a browser would load a script as it is served. */
import type { Answer } from './ask.js';
import { type Finding, failed, passed } from './check.js';
import type { CorsMode } from './read-page.js';

const JAVASCRIPT = /^(text|application)\/(x-)?(java|ecma)script\b/i;

export function judgeScript({ status, headers, failure, bytes }: Answer, name: string): Finding {
  if (status === 0) return failed(`${name} does not answer: ${failure}.`);
  if (status !== 200)
    return failed(`${name} answers ${status}. Serve script.js of the package’s dist/ there.`);
  const type = headers.get('content-type') ?? '';
  if (!JAVASCRIPT.test(type)) {
    return failed(
      `${name} is not served as a script, and browsers may refuse it: send content-type: text/javascript.`,
    );
  }
  if (bytes.length === 0)
    return failed(`${name} is empty. Serve script.js of the package’s dist/ there.`);
  return passed(`${name} is there, ${(bytes.length / 1000).toFixed(1)} kB.`);
}

export interface Loading {
  /** Of the page. */
  origin: string;
  scriptOrigin: string;
  /** How the tag makes the browser ask for leave; `unknown` when there is no tag. */
  asks: CorsMode | 'no' | 'unknown';
}

/** With cookies only an answer that names the page and says so in words will do. */
const isAllowedWithCookies = ({ headers }: Answer, origin: string): boolean =>
  headers.get('access-control-allow-origin')?.trim() === origin &&
  headers.get('access-control-allow-credentials')?.trim() === 'true';

const isAllowed = ({ headers }: Answer, origin: string): boolean =>
  ['*', origin].includes(headers.get('access-control-allow-origin')?.trim() ?? '');

/** @param answer to a request that names the page’s origin */
export function judgeScriptCors(answer: Answer, { origin, scriptOrigin, asks }: Loading): Finding {
  if (origin === scriptOrigin) return passed('the page’s own origin: none are needed.');
  if (asks === 'include') {
    return isAllowedWithCookies(answer, origin)
      ? passed('they let the page have it, with cookies.')
      : failed(
          `the tag has crossorigin="use-credentials", for which a star will not do: make that crossorigin="anonymous", or send access-control-allow-origin: ${origin} and access-control-allow-credentials: true.`,
        );
  }
  if (asks === 'no') {
    const policy = answer.headers.get('cross-origin-resource-policy')?.trim();
    return policy === 'same-origin'
      ? failed(
          'cross-origin-resource-policy: same-origin keeps it from pages of other origins: send cross-origin.',
        )
      : passed('none, and none are needed: the tag has no crossorigin, and is no module.');
  }
  if (isAllowed(answer, origin))
    return passed('access-control-allow-origin lets the page have it.');
  return failed(
    `the script comes from another origin without leave for the page: send access-control-allow-origin: * with it.`,
  );
}

/** @param answer to a preflight for an event */
export function judgeApiCors(answer: Answer, origin: string): Finding {
  const { status, headers, failure } = answer;
  if (status === 0) return failed(`the tracker’s API host does not answer: ${failure}.`);
  const isOk = status >= 200 && status < 300;
  const listed = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/[\s,]+/);
  const missing = ['content-type', 'revision'].filter(
    (name) => !listed.includes(name) && !listed.includes('*'),
  );
  if (isOk && isAllowed(answer, origin) && missing.length === 0) {
    return passed('the tracker’s API host takes events of the page.');
  }
  const what = !isOk
    ? `answers ${status} to a preflight`
    : missing.length > 0
      ? `does not allow the headers ${missing.join(' and ')}`
      : 'does not allow the page’s origin';
  return failed(
    `the tracker’s API host ${what}: let what answers there pass OPTIONS and its answer through.`,
  );
}
