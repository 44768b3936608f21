import { ruleBroken } from '../market/quoted.ts';

/** What is wrong with a profile or its seed: one sentence with field, rule and value. */
export class FaultProblem extends RangeError {
  override readonly name = 'FaultProblem';
}

/** Throws the sentence of the house: a field, the rule it breaks, and what was given. */
export function refuse(field: string, rule: string, value: unknown): never {
  throw new FaultProblem(ruleBroken(field, rule, value));
}
