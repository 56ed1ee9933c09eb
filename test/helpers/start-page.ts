// A page of a shop with the script tag, and another host that the script comes from.
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { serve } from './start-doctor.js';

export interface PageOptions {
  /** Header, or several. */
  policy?: string | string[];
  /** Content of a meta tag. */
  metaPolicy?: string;
  /** What else the tag has. */
  attributes?: string;
  /** Default `AbC123`. */
  companyId?: string;
  /** Whether the script comes from another origin. Default false. */
  isElsewhere?: boolean;
  /** Headers of the script, over a right content type; may depend on the page's origin. */
  scriptHeaders?: Record<string, string> | ((origin: string) => Record<string, string>);
  scriptStatus?: number;
  /** In the page besides the tag. */
  more?: string;
  /** Where the tracker sends events. */
  apiHost?: string;
  pageStatus?: number;
  pageType?: string;
  /** The whole of the page's body. */
  html?: string;
  script?: string;
}

export const script = 'console.log("tracker");';

export const integrityOf = (text: string, algorithm = 'sha384'): string =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;

export async function startPage(options: PageOptions = {}) {
  const { companyId = 'AbC123', attributes = '', apiHost = '/k', more = '', metaPolicy } = options;
  const { script: text = script } = options;
  const answer = (response: ServerResponse) => {
    const { scriptHeaders: given = {} } = options;
    const headers = typeof given === 'function' ? given(shopUrl) : given;
    response.writeHead(options.scriptStatus ?? 200, {
      ...{ 'content-type': 'text/javascript', ...headers },
    });
    response.end(text);
  };
  const other = await serve((_, response) => answer(response));
  const src = () => `${options.isElsewhere ? other : ''}/k/script.js?company_id=${companyId}`;
  const shopUrl: string = await serve((request, response) => {
    if (request.url?.startsWith('/k/script.js')) {
      answer(response);
      return;
    }
    response.setHeader('content-type', options.pageType ?? 'text/html; charset=utf-8');
    const { policy } = options;
    if (policy !== undefined) response.setHeader('content-security-policy', policy);
    response.writeHead(options.pageStatus ?? 200);
    const meta =
      metaPolicy === undefined
        ? ''
        : `<meta http-equiv="Content-Security-Policy" content="${metaPolicy}">`;
    const tag = `<script async src="${src()}" data-api-host="${apiHost}" ${attributes}></script>`;
    response.end(options.html ?? `<!doctype html><head>${meta}${tag}</head><body>${more}</body>`);
  });
  return { shopUrl, scriptOrigin: other };
}
