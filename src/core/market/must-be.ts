import { inQuotes, quoted, ruleBroken } from './quoted.ts';

/**
 * `value` for the end of a sentence, whatever it is: functions, what holds itself. Text is
 * in quotes, for it may look like what it should be.
 */
export function given(value: unknown): string {
  if (typeof value === 'string') return inQuotes(value);
  if (typeof value === 'function') return `the function ${value.name}`;
  try {
    return quoted(value);
  } catch {
    return 'an object that JSON cannot say';
  }
}

/** The sentence of the house about an argument, whatever it is. */
export function wrongArgument(name: string, rule: string, value: unknown): string {
  return ruleBroken(name, rule, value === undefined ? value : given(value));
}

/**
 * Throws a `TypeError` with one sentence unless `isRight`: for arguments of those who embed this
 * in programs that no compiler has seen.
 */
export function mustBe(isRight: boolean, name: string, rule: string, value: unknown): void {
  if (!isRight) throw new TypeError(wrongArgument(name, `must be ${rule}`, value));
}
