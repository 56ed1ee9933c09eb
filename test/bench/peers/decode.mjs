// What a body says, however it was packed.
import { gunzipSync } from 'node:zlib';

/** The body as text, unzipped when it begins as gzip does. */
export const textOf = ({ body }) =>
  (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString('utf8');

/** The body as JSON; undefined when it is none. */
export function jsonOf(request) {
  try {
    return JSON.parse(textOf(request));
  } catch {
    return undefined;
  }
}

/** JSON in the field `data` of a form, in base64 or not. */
export function formDataOf(request) {
  const data = new URLSearchParams(textOf(request)).get('data') ?? '';
  try {
    return JSON.parse(data);
  } catch {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  }
}

export const listOf = (value) => (Array.isArray(value) ? value : [value]);
