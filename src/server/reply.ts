/** Answers before they are a `Response`, and refusals: RFC 9457, with the words of one who has to mend it. */
import type { FieldProblem } from './order-schema.js';

const TITLES: Record<number, string> = {
  400: 'The body is not JSON',
  401: 'Not signed by a known secret',
  404: 'There is nothing here',
  405: 'Wrong method',
  408: 'The body came too slowly',
  409: 'Another content was accepted before',
  413: 'The body is too large',
  415: 'Wrong content type',
  422: 'Some fields are not as they should be',
  500: 'An error of the endpoint',
  501: 'Not installed',
  503: 'Not now',
};

/** What the handler makes its one `Response` of. */
export interface Reply {
  status: number;
  body: string;
  headers: Record<string, string>;
}

export function problem(
  status: number,
  detail: string,
  more: { errors?: FieldProblem[]; headers?: Record<string, string> } = {},
): Reply {
  const { errors, headers } = more;
  const body = { title: TITLES[status], status, detail, ...(errors && { errors }) };
  return {
    status,
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
  };
}

export const json = (status: number, body: unknown): Reply => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
});
