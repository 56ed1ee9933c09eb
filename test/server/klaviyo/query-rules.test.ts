import { describe, expect, it } from 'vitest';
import { ENDPOINTS, type Endpoint } from '../../../src/server/klaviyo/endpoints.js';
import type { Operator, QueryRules } from '../../../src/server/klaviyo/query.js';
import {
  CAMPAIGNS,
  EVENTS,
  FLOWS,
  LIST_MEMBERS,
  LISTS,
  METRICS,
  PROFILES,
  SEGMENT_MEMBERS,
  SEGMENTS,
} from '../../../src/server/klaviyo/query-rules.js';
import { type OpenApiOperation, openApiOperation } from '../../helpers/openapi-operation.js';
import { whySkipped } from '../../sandbox/openapi-schema.js';

const cases: [name: string, rules: QueryRules, endpoint: Endpoint][] = [
  ['profiles', PROFILES, ENDPOINTS.getProfiles],
  ['members of a list', LIST_MEMBERS, ENDPOINTS.getListMembers],
  ['members of a segment', SEGMENT_MEMBERS, ENDPOINTS.getSegmentMembers],
  ['events', EVENTS, ENDPOINTS.getEvents],
  ['metrics', METRICS, ENDPOINTS.getMetrics],
  ['lists', LISTS, ENDPOINTS.getLists],
  ['segments', SEGMENTS, ENDPOINTS.getSegments],
  ['campaigns', CAMPAIGNS, ENDPOINTS.getCampaigns],
  ['flows', FLOWS, ENDPOINTS.getFlows],
];

const wireOperator = (operator: Operator): string =>
  operator.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const parameter = (operation: OpenApiOperation, name: string) =>
  operation.parameters?.find((each) => each.name === name)?.schema;

describe.skipIf(whySkipped).each(cases)('the rules of %s', (name, own, { method, path }) => {
  const operation = (): OpenApiOperation => openApiOperation(method, path);

  it('offer no filter that the endpoint lacks', () => {
    const documented = operation()['x-klaviyo-filters'] ?? {};
    for (const [ours, field] of Object.entries(own.filter)) {
      const theirs = documented[field.name];
      expect(theirs, `${ours} is ${field.name}`).toBeDefined();
      const { single = [], list = [], none = [] } = theirs?.operators ?? {};
      for (const operator of field.by) {
        // One value where lists only are documented goes as a list of one, with `any`.
        const allowed = operator === 'any' || field.listsOnly ? list : [...single, ...none];
        const wire = field.listsOnly ? 'any' : wireOperator(operator);
        expect(allowed, `${operator}(${ours})`).toContain(wire);
      }
    }
  });

  it('offer every filter that it has', () => {
    const documented = Object.entries(operation()['x-klaviyo-filters'] ?? {});
    const byName = new Map(Object.values(own.filter).map((field) => [field.name, field]));
    // An event's `timestamp` is its `datetime` once more.
    const meant = documented.filter(([field]) => !(name === 'events' && field === 'timestamp'));
    for (const [field, { operators, value }] of meant) {
      const ours = byName.get(field);
      const theirs = new Set(Object.values(operators).flat());
      expect(new Set(ours?.by.map(wireOperator)), field).toEqual(theirs);
      const kind = value?.format === 'date-time' ? 'moment' : (value?.type ?? 'nothing');
      const kinds: Record<string, string> = { string: 'text', boolean: 'flag' };
      expect(ours?.kind, field).toBe(kinds[kind] ?? kind);
      expect([...(ours?.values ?? [])].sort(), field).toEqual([...(value?.enum ?? [])].sort());
    }
  });

  it('sort by what it sorts by', () => {
    const documented = parameter(operation(), 'sort')?.enum ?? [];
    const theirs = documented.filter((key) => !key.startsWith('-') && key !== 'timestamp');
    expect(Object.values(own.sort).sort()).toEqual(theirs.sort());
  });

  it('name fields that it has', () => {
    const documented = parameter(operation(), `fields[${own.type}]`)?.items?.enum ?? [];
    expect(documented).toEqual(expect.arrayContaining(Object.values(own.fields)));
    const additional = parameter(operation(), `additional-fields[${own.type}]`)?.items?.enum ?? [];
    expect(Object.values(own.additional ?? {}).sort()).toEqual([...additional].sort());
    const include = parameter(operation(), 'include')?.items?.enum ?? [];
    expect(include).toEqual(expect.arrayContaining(Object.values(own.include ?? {})));
  });

  it('know its largest page', () => {
    expect(own.pageMax).toBe(parameter(operation(), 'page[size]')?.maximum ?? 0);
    expect(own.pageDefault ?? 0).toBeLessThanOrEqual(own.pageMax);
  });
});
