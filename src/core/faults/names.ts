import { inQuotes, visible } from '../market/quoted.ts';
import { isFaultKind } from './kinds.ts';
import { FaultProblem, refuse } from './problem.ts';
import { type Names, OWN_NAMES, parseProfile } from './profile.ts';

const NAME = /^[a-z0-9-]{1,32}$/;
const MOST_NAMES = 100;

/**
 * The names of a file of profiles, `{"profiles": {"name": "text"}}`, and our own. Throws a
 * `FaultProblem`.
 */
export function parseNames(json: string): Names {
  const entries = Object.entries(profilesIn(json));
  if (entries.length > MOST_NAMES) {
    refuse('profiles', `must have at most ${MOST_NAMES} names`, `${entries.length} names`);
  }
  const names = new Map(OWN_NAMES);
  for (const [name, text] of entries) {
    const field = `the name ${inQuotes(name)} in profiles`;
    if (!NAME.test(name)) refuse('a name in profiles', 'must be 1 to 32 of a-z 0-9 -', name);
    if (names.has(name)) throw new FaultProblem(`${field} is one of our own`);
    if (name === 'off' || isFaultKind(name))
      throw new FaultProblem(`${field} is a word of profiles`);
    names.set(name, textIn(`profiles.${name}`, text));
  }
  return names;
}

function profilesIn(json: string): Readonly<Record<string, unknown>> {
  let file: unknown;
  try {
    file = JSON.parse(json);
  } catch (error) {
    throw new FaultProblem(
      `the file of profiles must be JSON: ${visible((error as Error).message)}`,
    );
  }
  if (!isObject(file)) return refuse('the file of profiles', 'must be a JSON object', file);
  const { profiles, ...others } = file;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new FaultProblem(`the file of profiles has profiles alone; given: ${inQuotes(other)}`);
  }
  if (!isObject(profiles)) return refuse('profiles', 'must be an object of texts', profiles);
  return profiles;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The canonical text of a profile in a file. */
function textIn(field: string, text: unknown): string {
  if (typeof text !== 'string') return refuse(field, 'must be the text of a profile', text);
  try {
    return parseProfile(text).text;
  } catch (error) {
    if (!(error instanceof FaultProblem)) throw error;
    throw new FaultProblem(`${field}: ${error.message}`);
  }
}
