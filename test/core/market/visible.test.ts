import { describe, expect, it } from 'vitest';
import { inQuotes, quoted } from '../../../src/core/market/quoted.ts';
import { checkSpec } from '../../../src/core/market/spec.ts';

/** Each does something to a terminal, or to the text beside it, and is not seen. */
const UNSEEN = {
  'a line break': '\n',
  'an escape': '\u001b[2J',
  'a bell': '\u0007',
  'a delete': '\u007f',
  'an escape of C1': '\u009b2J',
  'a line separator': '\u2028',
  'an override of direction': '\u202e',
  'an isolate': '\u2066',
  'a mark of direction': '\u200f',
};

const named = (name: string) => checkSpec({ instruments: [{ symbol: 'A', name }] });

describe('what was given is shown so that a terminal does nothing', () => {
  it.each(Object.entries(UNSEEN))('with %s', (_, text) => {
    for (const said of [quoted(`a${text}b`), quoted({ a: text }), inQuotes(`a${text}b`)]) {
      expect(said).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }
    expect(quoted(`a${text}b`)).toContain('\\u');
  });

  it('and all else as it is', () => {
    expect(quoted('Größe "π" \\ 東京')).toBe('Größe "π" \\ 東京');
    expect(inQuotes('a"b\n')).toBe('"a\\"b\\n"');
  });
});

describe('the name of an instrument', () => {
  it.each([
    ...Object.entries(UNSEEN),
    ['a soft hyphen', '\u00ad'],
    ['a mark of byte order', '\ufeff'],
    ['half a character', '\ud800'],
  ])('is refused with %s', (_, text) => {
    const check = named(`Good${text}Name`);
    expect(check.ok).toBe(false);
    if (check.ok) return;
    expect(check.problems).toHaveLength(1);
    const [{ path, message }] = check.problems;
    expect(path).toBe('instruments[0].name');
    expect(message).toContain('must be text of 1 to 80 characters that can be seen; given: Good');
    expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u);
  });

  it.each(['Größe', '東京', 'می‌خواهم', '👩‍🔬', 'a b'])('may be %s', (name) => {
    expect(named(name).ok).toBe(true);
  });

  it('is refused in a field that nobody knows too, without an effect', () => {
    const check = checkSpec({ 'a\u001b[2Jb': 1 });
    expect(check.ok ? '' : check.problems[0]!.message).toContain('a\\u001b[2Jb');
  });
});
