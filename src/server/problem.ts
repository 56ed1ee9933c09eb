/** Refusals: RFC 9457, with the words of one who has to mend it. */
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

export function problem(
  status: number,
  detail: string,
  more: { errors?: FieldProblem[]; headers?: Record<string, string> } = {},
): Response {
  const { errors, headers } = more;
  const body = { title: TITLES[status], status, detail, ...(errors && { errors }) };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

export const json = (status: number, body: unknown, headers?: Record<string, string>): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
