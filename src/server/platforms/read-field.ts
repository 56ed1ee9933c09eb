/** Reads a platform's payload, which may have anything anywhere: what is not as expected is absent. */
import { isEmail, isPhoneNumber } from '../../shared/profile.js';

export type Payload = Record<string, unknown>;

export const objectOf = (value: unknown): Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};

export const listOf = (value: unknown): Payload[] =>
  Array.isArray(value) ? value.map(objectOf) : [];

const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text, cut to what an order's field can hold. Numbers are texts too: ids are either. */
export const textOf = (value: unknown, max = 1000): string | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  // A cut may go through the two halves of one letter.
  return String(value).trim().slice(0, max).replace(HALVES, '').trim() || undefined;
};

/** An amount, which platforms send as text: `"19.99"`. */
export const amountOf = (value: unknown): number | undefined => {
  const text = textOf(value);
  const number = Number(text);
  return text === undefined || !Number.isFinite(number) ? undefined : number;
};

/** What one piece costs: the first amount that is none below zero, which no product costs. */
export const priceOf = (...values: unknown[]): number =>
  values.map(amountOf).find((amount) => amount !== undefined && amount >= 0) ?? 0;

/** The first that is a text: a product that was deleted since may have lost its name. */
export const firstText = (...values: unknown[]): string | undefined =>
  values.map((value) => textOf(value)).find((text) => text !== undefined);

export const emailOf = (...values: unknown[]): string | undefined =>
  values.map((value) => textOf(value)).find(isEmail);

/** The first that is E.164. A local number says nothing without its country, so it is left out. */
export const phoneOf = (...values: unknown[]): string | undefined =>
  values.map((value) => textOf(value)?.replace(/[\s().-]/g, '')).find(isPhoneNumber);

/** Without the fields that have no value; undefined when none has. */
export const present = (fields: Payload): Payload | undefined => {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
};

/** `name: value` pairs that a theme attached to the order, such as `_kx`. */
export const attached = (pairs: unknown, nameField: string, name: string): string | undefined =>
  textOf(listOf(pairs).find((pair) => pair[nameField] === name)?.value);

/** An absolute address, or nothing. */
export const urlOf = (value: unknown): string | undefined => {
  const text = textOf(value, 2000);
  return text !== undefined && /^https?:\/\/\S+$/.test(text) ? text : undefined;
};
