import type { ParameterValue } from './snapshot';

/**
 * Values of parameters by id, from a JSON object as text.
 *
 * Whatever is no plain value is left out; text that is no JSON object gives no values.
 */
export function asValues(json: string): Record<string, ParameterValue> {
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    return {};
  }
  if (typeof read !== 'object' || read === null) {
    return {};
  }
  const plain = ['string', 'number', 'boolean'];
  return Object.fromEntries(
    Object.entries(read).filter(([, value]) => plain.includes(typeof value))
  );
}
