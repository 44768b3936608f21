import { BinanceError, illegal, invalid } from './errors.ts';

/** The parameters of a request; what no route knows is ignored, as clients add some. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Each function throws a `BinanceError` about what is wrong. */

const WHOLE = /^[0-9]{1,20}$/;
const WHOLE_RANGE = '^[0-9]{1,20}$';
/** No time in milliseconds has so many digits: from here on they are microseconds. */
const LEAST_MICROSECONDS = 1e14;
/** The end of the year 9999: no row is as late. */
const MOST_MICROSECONDS = 253_402_300_800_000_000;

/** A parameter that may be left out; undefined if it is. */
export function optionalText(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    throw new BinanceError('tooManyParameters', 'Duplicate values for a parameter detected.');
  }
  if (value === '') throw new BinanceError('empty', `Parameter '${name}' was empty.`);
  return value;
}

/** A parameter that must be there. */
export function textOf(parameters: Parameters, name: string): string {
  const value = parameters[name] === '' ? undefined : optionalText(parameters, name);
  if (value !== undefined) return value;
  const rule = 'was not sent, was empty/null, or malformed.';
  throw new BinanceError('mandatory', `Mandatory parameter '${name}' ${rule}`);
}

/** A whole number that may be left out. */
export function wholeOf(parameters: Parameters, name: string): number | undefined {
  const text = optionalText(parameters, name);
  if (text === undefined) return undefined;
  if (!WHOLE.test(text)) throw illegal(name, WHOLE_RANGE);
  return Number(text);
}

/** How many are wanted: at least one, and of more than `most` those. */
export function limitOf(parameters: Parameters, fallback: number, most: number): number {
  const limit = wholeOf(parameters, 'limit') ?? Math.min(fallback, most);
  if (limit === 0) throw invalid('limit');
  return Math.min(limit, most);
}

/** A time, in microseconds: its first, and its last. A millisecond has a thousand. */
export interface Moment {
  readonly first: number;
  readonly last: number;
}

/** A time that may be left out, in milliseconds or, as it has more digits then, microseconds. */
export function momentOf(parameters: Parameters, name: string): Moment | undefined {
  const time = wholeOf(parameters, name);
  if (time === undefined) return undefined;
  if (time < LEAST_MICROSECONDS) return { first: time * 1000, last: time * 1000 + 999 };
  const micros = Math.min(time, MOST_MICROSECONDS);
  return { first: micros, last: micros };
}

/** One of a few words, `fallback` if it is left out. */
export function wordOf<Word extends string>(
  parameters: Parameters,
  name: string,
  words: readonly Word[],
  fallback: Word,
): Word {
  const text = optionalText(parameters, name);
  const word = text === undefined ? fallback : words.find((known) => known === text);
  if (word === undefined) throw invalid(name);
  return word;
}
