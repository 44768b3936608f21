import { expect } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/wire/errors.ts';
import type { Answer } from './server.ts';

/**
 * Checks that a message is one sentence of the house: the field, its rule and the value that was
 * given (`limit must be at most 5; given: 6`), or that the field is missing (given `nothing`), or
 * what is unknown (a field such as `unknown symbol`) and what there is instead.
 */
export function expectSentence(message: unknown, field: string, given: string): void {
  expect(message).toEqual(expect.any(String));
  const text = message as string;
  if (given === 'nothing') {
    expect(text).toMatch(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')} is missing($|[:;] )`));
    return;
  }
  if (field.startsWith('unknown ')) {
    const beginning = `${field} ${JSON.stringify(given)}`;
    expect(text.slice(0, beginning.length)).toBe(beginning);
    expect(text.slice(beginning.length)).toMatch(
      /^( of \S+)?(; (did you mean "[^"]+"\?|(it is one of|there are) .+|[^;]+)|, which takes none)?$/,
    );
    return;
  }
  expect(text.slice(0, field.length + 1)).toBe(`${field} `);
  const [, rule, shown] = /^(.*); given(?: twice)?: (.*)$/s.exec(text) ?? [];
  expect(rule?.slice(field.length + 1)).toMatch(/^(must|is|cannot|need|holds|waits)\b/);
  expect(text).not.toContain('\n');
  // An empty text may be shown in quotes.
  expect(shown === '""' ? '' : shown).toBe(given);
}

/** Checks that an answer is an error in the shape that all have. */
export function expectError(answer: Answer, code: ErrorCode, details: object = {}): void {
  expect(answer.json).toEqual({ error: { ...details, code, message: expect.any(String) } });
  expect(answer.status).toBe(ERRORS[code].status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
}
