// Every parameter the files name is what the sandbox takes, and nothing else; every answer is of the
// form they give it; limits and scopes are theirs.
import { describe, expect, it } from 'vitest';
import {
  documentedLimits,
  type PrivateEndpoint,
  privateEndpoints,
  scopesOf,
} from '../../src/sandbox/endpoints.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { fullBody } from './openapi-bodies.js';
import {
  compileResponseSchema,
  hasBody,
  operationOf,
  requestSchema,
  whySkipped,
} from './openapi-schema.js';
import { prepare, send } from './openapi-world.js';
import { refusal, startSandbox } from './requests.js';

if (whySkipped) console.warn(whySkipped);

const operators = [
  ...['equals', 'any', 'contains', 'contains-any', 'contains-all', 'starts-with', 'ends-with'],
  ...['less-than', 'less-or-equal', 'greater-than', 'greater-or-equal', 'has'],
];
const literals: Record<string, string> = {
  string: '"text"',
  number: '1700000000',
  boolean: 'true',
  datetime: '2026-01-01T00:00:00+00:00',
};

interface FilterField {
  field: string;
  operators: string[];
  kind: string;
  literal: string;
  /** Whether the file has `equals` with a list. */
  hasLists: boolean;
}

/** The fields and operators in the prose of the `filter` parameter, with the types from beside it. */
function filterFields(endpoint: PrivateEndpoint): FilterField[] {
  const operation = operationOf(endpoint);
  const prose = operation?.parameters?.find(({ name }) => name === 'filter')?.description ?? '';
  const types = operation?.['x-klaviyo-filters'] ?? {};
  return [...prose.matchAll(/`([\w.]+)`: ((?:`[a-z-]+`(?:, )?)+)/g)].map(([, field = '', list]) => {
    const named = [...(list ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
    const { operators: byForm, value } = types[field] ?? { operators: {} };
    // The two must tell the same story.
    expect([...new Set(Object.values(byForm).flat())].sort(), field).toEqual(named.sort());
    const kind = value?.format === 'date-time' ? 'datetime' : `${value?.type ?? 'string'}`;
    const literal = value?.enum ? JSON.stringify(value.enum[0]) : (literals[kind] ?? '');
    const hasLists = byForm.list?.includes('equals') ?? false;
    return { field, operators: named, kind, literal, hasLists };
  });
}

const operand = (operator: string, literal: string) => {
  if (operator === 'has') return '';
  return ['any', 'contains-any', 'contains-all'].includes(operator)
    ? `,[${literal}]`
    : `,${literal}`;
};

/** Fields that some endpoint can be filtered on, for asking the others about them. */
const someFields = [
  'email',
  'name',
  'status',
  'profile_id',
  'created',
  'joined_group_at',
  'custom',
];

/** Where more than a hundred names lie below one, the sandbox takes whatever does. */
const openNames = /^definition\./;

describe.skipIf(whySkipped).each(privateEndpoints)('%s', { timeout: 60_000 }, (endpoint) => {
  const parameters = () => operationOf(endpoint)?.parameters ?? [];
  const named = (name: string) => parameters().find((parameter) => parameter.name === name);
  const namesOf = (name: string) =>
    ((named(name)?.schema.items ?? named(name)?.schema)?.enum ?? []) as string[];

  let id = '';
  async function start(): Promise<Sandbox> {
    const sandbox = await startSandbox({ rateLimits: false, bulkDuplicates: 'discard' });
    id = await prepare(sandbox, endpoint);
    return sandbox;
  }

  /** A request that has all it needs, with these parameters besides. */
  async function ask(sandbox: Sandbox, query: Record<string, string>): Promise<Response> {
    const schema = hasBody(endpoint) && requestSchema(endpoint);
    // What changes something is asked of the same world each time.
    if (!endpoint.startsWith('GET')) id = await prepare(sandbox, endpoint);
    const required = named('filter')?.required ? { filter: requiredFilter } : {};
    return send(sandbox, endpoint, schema ? fullBody(schema) : undefined, id, {
      ...required,
      ...query,
    });
  }
  const verdict = async (sandbox: Sandbox, query: Record<string, string>) => {
    const [status, ...places] = await refusal(await ask(sandbox, query));
    return status < 300 ? 'accepted' : [status, ...new Set(places)];
  };

  it('has the documented limits and scopes', () => {
    const operation = operationOf(endpoint);
    const { burst, steady, daily } = documentedLimits[endpoint];
    expect({
      burst: `${burst}/s`,
      steady: `${steady}/m`,
      ...(daily !== undefined && { daily: `${daily}/d` }),
    }).toEqual(operation?.['x-klaviyo-ratelimit']);
    expect([...scopesOf(endpoint)].sort()).toEqual(operation?.['x-klaviyo-scopes']?.sort());
  });

  it('takes every documented field, additional field, relationship and order, and no other', async () => {
    const sandbox = await start();
    const lists = parameters().filter(({ name }) =>
      /^(fields|additional-fields|include|sort)/.test(name),
    );
    for (const { name } of lists) {
      const allowed = namesOf(name);
      expect(allowed.length).toBeGreaterThan(0);
      const together = name === 'sort' ? allowed : [allowed.join(',')];
      for (const value of together) {
        expect(await verdict(sandbox, { [name]: value }), `${name}=${value}`).toBe('accepted');
      }
      for (const value of ['nothing', `${allowed[0]}.nothing`, '', `${allowed[0]},nothing`]) {
        if (openNames.test(value)) continue;
        expect(await verdict(sandbox, { [name]: value }), `${name}=${value}`).toEqual([400, name]);
      }
    }
    const absent = ['fields[nothing]', 'additional-fields[nothing]', 'include', 'sort', 'nothing'];
    for (const name of absent.filter((one) => !named(one))) {
      expect(await verdict(sandbox, { [name]: 'id' }), name).toEqual([400, name]);
    }
  });

  it('takes the documented page sizes, and cursors where there are pages', async () => {
    const sandbox = await start();
    const size = named('page[size]')?.schema as { minimum?: number; maximum?: number } | undefined;
    const status = (value: number | string) => verdict(sandbox, { 'page[size]': `${value}` });
    if (size) {
      const { minimum = 0, maximum = 0 } = size;
      expect(await status(minimum)).toBe('accepted');
      expect(await status(maximum)).toBe('accepted');
      for (const wrong of [minimum - 1, maximum + 1, 'many', '', '1.5']) {
        expect(await status(wrong), `${wrong}`).toEqual([400, 'page[size]']);
      }
    } else expect(await status(1)).toEqual([400, 'page[size]']);
    // None of the sandbox's own, wherever it is.
    const verdictOnCursor = await verdict(sandbox, { 'page[cursor]': 'bm9uZQ' });
    expect(verdictOnCursor).toEqual([400, 'page[cursor]']);
  });

  it('takes the documented filters, and no other', async () => {
    const sandbox = await start();
    const fields = filterFields(endpoint);
    expect(fields.length > 0).toBe(named('filter') !== undefined);
    if (fields.length === 0) {
      expect(await verdict(sandbox, { filter: 'equals(id,"text")' })).toEqual([400, 'filter']);
      return;
    }
    const example = named('filter')?.schema.example as string;
    expect(await verdict(sandbox, { filter: example }), example).toBe('accepted');
    const besides = named('filter')?.required ? `${requiredFilter},` : '';
    for (const { field, operators: allowed, literal, kind, hasLists } of fields) {
      for (const operator of operators) {
        const filter = `${besides}${operator}(${field}${operand(operator, literal)})`;
        const expected = allowed.includes(operator) ? 'accepted' : [400, 'filter'];
        expect(await verdict(sandbox, { filter }), filter).toEqual(expected);
      }
      if (!allowed.includes('equals')) continue;
      const list = `${besides}equals(${field},[${literal}])`;
      expect(await verdict(sandbox, { filter: list }), list).toEqual(
        hasLists ? 'accepted' : [400, 'filter'],
      );
      const other = kind === 'string' ? '12' : '"text"';
      const wrong = `${besides}equals(${field},${other})`;
      expect(await verdict(sandbox, { filter: wrong }), wrong).toEqual([400, 'filter']);
    }
    for (const field of someFields.filter((one) => !fields.some((known) => known.field === one))) {
      const filter = `${besides}equals(${field},"text")`;
      expect(await verdict(sandbox, { filter }), filter).toEqual([400, 'filter']);
    }
    const [first, second = first] = fields;
    const both = [first, second].map((one) => {
      const operator = one?.operators[0] ?? '';
      return `${operator}(${one?.field}${operand(operator, one?.literal ?? '')})`;
    });
    for (const combined of [both.join(','), `and(${both.join(',')})`, `and(${both[0]})`]) {
      expect(await verdict(sandbox, { filter: `${besides}${combined}` }), combined).toBe(
        'accepted',
      );
    }
    for (const combined of [`or(${both.join(',')})`, `not(${both[0]})`]) {
      expect(await verdict(sandbox, { filter: `${besides}${combined}` })).toEqual([400, 'filter']);
    }
    if (besides) expect(await verdict(sandbox, { filter: both[0] ?? '' })).toEqual([400, 'filter']);
  });

  it('answers in the documented form', async () => {
    const sandbox = await start();
    const additional = parameters()
      .map(({ name }) => name)
      .filter((name) => /^(additional-fields|include)/.test(name))
      .map((name) => [name, namesOf(name).join(',')] as [string, string]);
    for (const query of [{}, Object.fromEntries(additional)]) {
      const response = await ask(sandbox, query);
      const validate = compileResponseSchema(endpoint, response.status);
      const text = await response.text();
      if (!validate) {
        expect(text).toBe('');
        continue;
      }
      expect(response.headers.get('content-type')).toBe('application/vnd.api+json');
      const document = JSON.parse(text);
      // The file has no null there; Klaviyo's own answers do where nothing follows.
      for (const name of ['next', 'prev']) {
        if (document.links[name] === null) delete document.links[name];
      }
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      // Something was there to be checked.
      expect(Array.isArray(document.data) ? document.data.length : 1).toBeGreaterThan(0);
    }
  });
});

/** The one that an endpoint must have. */
const requiredFilter = 'equals(messages.channel,"email")';
