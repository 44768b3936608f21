import { RESOLUTION_UNITS } from './resolution.ts';
import { unknownName } from './unknown.ts';

/** What is wrong with the unit of a resolution, as one sentence; undefined if nothing is. */
export function unitProblem(text: string): string | undefined {
  const [, name] = /^\d+([A-Za-z]+)$/.exec(text) ?? [];
  if (name === undefined || RESOLUTION_UNITS.includes(name)) return undefined;
  // Others call so what people here may mean by either.
  if (name === 'M') return 'unknown unit "M" of resolution; did you mean "mo" or "m"?';
  return unknownName({ kind: 'unit', name, known: RESOLUTION_UNITS, of: 'resolution' });
}
