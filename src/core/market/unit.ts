import { UNIT_MS } from './resolution.ts';
import { unknownName } from './unknown.ts';

/** What is wrong with the unit of a resolution, as one sentence; undefined if nothing is. */
export function unitProblem(text: string): string | undefined {
  const [, name] = /^\d+([A-Za-z]+)$/.exec(text) ?? [];
  if (name === undefined || Object.hasOwn(UNIT_MS, name)) return undefined;
  return unknownName({ kind: 'unit', name, known: Object.keys(UNIT_MS), of: 'resolution' });
}
