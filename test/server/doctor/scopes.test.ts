import { describe, expect, it } from 'vitest';
import { scopes as sandboxScopes, scopesOf } from '../../../src/sandbox/endpoints.js';
import { findPlace } from '../../../src/sandbox/find-endpoint.js';
import { factsOf, isScope, SCOPES, type Scope } from '../../../src/server/doctor/scopes.js';
import { documentedCalls } from '../../helpers/documented-calls.js';

const all = Object.keys(SCOPES).filter(isScope);

/** The functions that need a scope, by their docstrings. */
const usersOf = (scope: Scope, kind: 'tags' | 'lookups'): string[] =>
  documentedCalls()
    .filter((each) => each[kind].some((tag) => tag.split(' · ')[1]?.split(', ').includes(scope)))
    .map(({ call }) => call);

describe('the table of scopes', () => {
  it('has every scope there is', () => {
    expect([...all].sort()).toEqual([...sandboxScopes].sort());
  });

  it.each(all)('names the functions that need %s', (scope) => {
    const named = factsOf(scope).for.filter((use) => use !== 'serve');
    expect([...named].sort()).toEqual([...new Set(usersOf(scope, 'tags'))].sort());
  });

  it.each(all)('names the functions that look people up with %s', (scope) => {
    // Of each it says when: `lists.add by emails`.
    const named = (factsOf(scope).lookups ?? []).map((use) => use.split(' ')[0]);
    expect([...named].sort()).toEqual(usersOf(scope, 'lookups').sort());
  });

  it.each(all)('asks an endpoint that needs %s, and says what else it needs', (scope) => {
    const { method, path, besides = [] } = factsOf(scope);
    const endpoint = findPlace(path.split('?')[0] ?? '')?.byMethod.get(method);
    expect(endpoint && [...scopesOf(endpoint)].sort()).toEqual([scope, ...besides].sort());
  });

  it('asks for what another one needs only after that', () => {
    for (const [index, scope] of all.entries()) {
      const before: string[] = all.slice(0, index);
      expect((factsOf(scope).besides ?? []).filter((other) => !before.includes(other))).toEqual([]);
    }
  });
});
