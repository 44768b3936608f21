import type { Field } from '../core/market/fields.ts';

/**
 * How rows say which fields they hold. Inside the program they are always values of a list of
 * fields. A reader that names no fields gets `last` alone: on the wire that stands under `prices`,
 * and no list is sent. Any other list is sent, and each field stands under its own name.
 */

/** The name of `last` where fields are not listed. */
export const PRICES = 'prices';

/** Whether rows of `fields` list them, and say each under its own name. */
export function areNamed(fields: readonly Field[]): boolean {
  return fields.length !== 1 || fields[0] !== 'last';
}

/** What the values of each of `fields` stand under. */
export function namesOf(fields: readonly Field[]): readonly string[] {
  return areNamed(fields) ? fields : [PRICES];
}

/** The member that lists `fields`, if they are listed. */
export function listOf(fields: readonly Field[]): { readonly fields?: readonly Field[] } {
  return areNamed(fields) ? { fields } : {};
}
