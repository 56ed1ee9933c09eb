import { ARRAY_MAX, NESTING_MAX, PROPERTIES_MAX, STRING_MAX } from './limits.js';

/**
 * Says what Klaviyo would refuse about an event's properties, or `undefined`.
 * A circular value is too deep, so this ends on every input.
 */
export const checkProperties = (value: unknown, depth = 0): string | undefined => {
  if (typeof value === 'string' && value.length > STRING_MAX) {
    return `string over ${STRING_MAX} characters`;
  }
  if (!value || typeof value !== 'object') return undefined;
  if (depth > NESTING_MAX) return `nested over ${NESTING_MAX} deep, or circular`;
  const values = Object.values(value);
  const max = depth ? (Array.isArray(value) ? ARRAY_MAX : values.length) : PROPERTIES_MAX;
  if (values.length > max) return `over ${max} items`;
  for (const member of values) {
    const problem = checkProperties(member, depth + 1);
    if (problem) return problem;
  }
  return undefined;
};
