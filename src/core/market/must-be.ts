import { shown } from './shown.ts';

/** `value` for the end of a sentence, whatever it is: functions, things that hold themselves. */
export function given(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name}`;
  try {
    return shown(value);
  } catch {
    return 'an object that JSON cannot say';
  }
}

/**
 * Throws a `TypeError` with one sentence unless `isRight`: for arguments of those who embed this
 * in programs that no compiler has seen.
 */
export function mustBe(isRight: boolean, name: string, rule: string, value: unknown): void {
  if (!isRight) throw new TypeError(`${name} must be ${rule}; given: ${given(value)}`);
}
