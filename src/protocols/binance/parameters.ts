import { BinanceError, illegal, invalid } from './errors.ts';

/** The parameters of a request; what no route knows is ignored, as clients add some. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Each function throws a `BinanceError` about what is wrong. */

const WHOLE = /^[0-9]{1,20}$/;
const WHOLE_RANGE = '^[0-9]{1,20}$';
/** No time in milliseconds has so many digits: from here on they are microseconds. */
const LEAST_MICROSECONDS = 1e14;

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

/** A time that may be left out, in milliseconds: the first one that is not before it. */
export function startOf(parameters: Parameters, name: string): number | undefined {
  const time = wholeOf(parameters, name);
  return time === undefined || time < LEAST_MICROSECONDS ? time : Math.ceil(time / 1000);
}

/** The same: the last one that is not after it. */
export function endOf(parameters: Parameters, name: string): number | undefined {
  const time = wholeOf(parameters, name);
  return time === undefined || time < LEAST_MICROSECONDS ? time : Math.floor(time / 1000);
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
