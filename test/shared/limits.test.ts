import { expect, it } from 'vitest';
import * as limits from '../../src/shared/limits.js';

it('keeps every limit above nothing', () => {
  const numbers = Object.values(limits).filter((value) => typeof value === 'number');
  expect(numbers.length).toBeGreaterThan(15);
  expect(numbers.every((value) => value > 0 && Number.isInteger(value))).toBe(true);
});

it("stays within Klaviyo's documented limits", () => {
  expect(limits.METRIC_NAME_MAX).toBeLessThan(128);
  expect(limits.UNIQUE_ID_MAX).toBeLessThanOrEqual(255);
  expect(limits.PROPERTIES_MAX).toBeLessThanOrEqual(400);
  expect(limits.STRING_MAX).toBeLessThanOrEqual(102_400);
  expect(limits.ARRAY_MAX).toBeLessThanOrEqual(4000);
  expect(limits.NESTING_MAX).toBeLessThanOrEqual(10);
  expect(limits.BODY_MAX_BYTES).toBeLessThan(5_000_000);
  expect(limits.BULK_MAX_EVENTS).toBeLessThanOrEqual(1000);
  expect(limits.BACKOFF_MAX_MS).toBe(300_000);
  expect(limits.KEEPALIVE_MAX_BYTES).toBeLessThan(65_536);
});

it('goes bulk where it costs the account less: 3500 single requests a minute against 150', () => {
  expect(limits.BULK_FROM).toBe(Math.ceil(3500 / 150));
});

it('names a revision by its date, and a host without a slash at its end', () => {
  expect(limits.REVISION).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(limits.API_HOST).toMatch(/^https:\/\/[^/]+$/);
});
