import { type Clause, parseClause } from './clause.ts';
import { OWN_PROFILES } from './own.ts';
import { refuse } from './problem.ts';

/** What is done to a reader, in clauses that know nothing of one another. */
export interface Profile {
  /** In its one canonical form: profiles of the same text are the same. `off` has no clauses. */
  readonly text: string;
  readonly clauses: readonly Clause[];
}

/** A profile and the seed that its strikes are drawn by. */
export interface Faults {
  readonly profile: Profile;
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
}

/** Texts of profiles by their names. */
export type Names = ReadonlyMap<string, string>;

export const DEFAULT_FAULT_SEED = 1;
/** More take longer to decide than a row takes to send. */
export const MOST_CLAUSES = 32;
/** Room for as many clauses, each as long as one can be. */
export const MOST_LETTERS = 2000;

/** The profile of no faults at all. */
export const NO_FAULTS: Profile = { text: 'off', clauses: [] };

/** The names that everybody has. */
export const OWN_NAMES: Names = new Map(OWN_PROFILES.map(({ name, text }) => [name, text]));

/**
 * The profile that `text` is: `off`, or clauses and names of profiles with commas between them.
 * Throws a `FaultProblem`.
 */
export function parseProfile(text: string, names: Names = OWN_NAMES): Profile {
  if (text.length > MOST_LETTERS) {
    refuse('faults', `must have at most ${MOST_LETTERS} letters`, `${text.length} letters`);
  }
  const whole = text.trim();
  if (whole === '' || whole === 'off') return NO_FAULTS;
  const known = [...names.keys()];
  const clauses: Clause[] = [];
  for (const [n, part] of whole.split(',').entries()) {
    const clause = part.trim();
    const where = `clause ${n + 1} of faults`;
    if (clause === '') refuse(where, 'must not be empty', text);
    if (clause === 'off') refuse('faults', 'must be off alone, or clauses', text);
    const named = names.get(clause);
    if (named === undefined) clauses.push(parseClause(clause, where, known));
    else clauses.push(...parseProfile(named, OWN_NAMES).clauses);
    if (clauses.length > MOST_CLAUSES) {
      refuse('faults', `must have at most ${MOST_CLAUSES} clauses`, text);
    }
  }
  if (clauses.length === 0) return NO_FAULTS;
  return { text: clauses.map((clause) => clause.text).join(','), clauses };
}

/** The seed that `text` is, 0 to 2^53 - 1; `field` names it in a sentence. */
export function parseFaultSeed(text: string, field = 'faultSeed'): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  return refuse(field, `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`, text);
}

/** The faults that `PROFILE` or `PROFILE:SEED` is. Throws a `FaultProblem`. */
export function parseFaults(text: string, names: Names = OWN_NAMES): Faults {
  const at = text.lastIndexOf(':');
  if (!isSeedBehind(text, at, names)) {
    return { profile: parseProfile(text, names), seed: DEFAULT_FAULT_SEED };
  }
  const profile = parseProfile(text.slice(0, at), names);
  return { profile, seed: parseFaultSeed(text.slice(at + 1)) };
}

/**
 * Whether a seed is what stands behind the colon at `at`, be it a right one or not: digits are no
 * part of a clause, which ends with when it strikes or with a unit; and when, or a name, has no
 * colon behind it.
 */
function isSeedBehind(text: string, at: number, names: Names): boolean {
  if (at < 0) return false;
  const clause = text.slice(text.lastIndexOf(',', at) + 1, at).trim();
  const rest = text.slice(at + 1);
  if (/[@,]/.test(rest)) return false;
  return /^\d*$/.test(rest) || clause.includes('@') || clause === 'off' || names.has(clause);
}
