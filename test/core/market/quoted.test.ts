import { describe, expect, it } from 'vitest';
import { quoted } from '../../../src/core/market/quoted.ts';

describe('a value that is shown', () => {
  it.each([
    [undefined, 'nothing'],
    ['', '""'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [{ a: [1] }, '{"a":[1]}'],
    ['x'.repeat(60), 'x'.repeat(60)],
    ['x'.repeat(61), `${'x'.repeat(57)}...`],
    [`${'x'.repeat(56)}\u{1f600}xxxx`, `${'x'.repeat(56)}\ufffd...`],
    ['a\ud83d', 'a\ufffd'],
    ['\u{1f600}', '\u{1f600}'],
  ])('%o reads %s', (value, text) => {
    expect(quoted(value)).toBe(text);
  });
});
