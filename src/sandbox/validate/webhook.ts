import type { Check } from './check.js';
import {
  array,
  boolean,
  data,
  nullable,
  object,
  oneOf,
  required,
  string,
  stringThat,
} from './check.js';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** "A url to send webhook calls to. Must be https." A test's own server may be on this machine without. */
const endpoint = (allowsHttp: boolean): Check =>
  stringThat(
    (text) => {
      if (!URL.canParse(text)) return false;
      const { protocol, hostname } = new URL(text);
      const isOwn = allowsHttp && protocol === 'http:' && loopback.includes(hostname);
      return protocol === 'https:' || isOwn;
    },
    `be an https URL${allowsHttp ? ', or an http one of this machine' : ''}`,
  );

const given = stringThat((text) => text !== '', 'not be empty');

const topics: Check = (value, pointer, report) => {
  array(object('webhook-topic', { type: required(oneOf('webhook-topic')), id: required(string) }))(
    value,
    pointer,
    report,
  );
  if (Array.isArray(value) && value.length === 0) report(pointer, 'A webhook needs a topic.');
};

/** `POST /api/webhooks`. */
export const createdWebhook = (allowsHttp: boolean): Check =>
  data(
    object('webhook', {
      type: required(oneOf('webhook')),
      attributes: required(
        object('webhook', {
          name: required(given),
          description: nullable(string),
          endpoint_url: required(endpoint(allowsHttp)),
          secret_key: required(given),
        }),
      ),
      relationships: required(
        object('webhook', {
          'webhook-topics': required(object('webhook-topics', { data: required(topics) })),
        }),
      ),
    }),
  );

/** `PATCH /api/webhooks/{id}`. */
export const patchedWebhook = (allowsHttp: boolean): Check =>
  data(
    object('webhook', {
      type: required(oneOf('webhook')),
      id: required(string),
      attributes: required(
        object('webhook', {
          name: nullable(given),
          description: nullable(string),
          endpoint_url: nullable(endpoint(allowsHttp)),
          secret_key: nullable(given),
          enabled: nullable(boolean),
        }),
      ),
      relationships: object('webhook', {
        'webhook-topics': object('webhook-topics', { data: topics }),
      }),
    }),
  );
