import { describe, expect, it } from 'vitest';
import { quoted } from '../../../src/core/market/quoted.ts';

/** As deep as there is no stack for. */
function nested(depth: number, wrap: (value: unknown) => unknown = (value) => [value]): unknown {
  let value: unknown = [];
  for (let n = 1; n < depth; n++) value = wrap(value);
  return value;
}

describe('a value that is shown', () => {
  it.each([
    [undefined, 'nothing'],
    ['', '""'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [{ a: [1] }, '{"a":[1]}'],
    [new Array(29).fill(1), `[${new Array(29).fill(1)}]`],
    [nested(30), `${'['.repeat(30)}${']'.repeat(30)}`],
    [nested(31), `${'['.repeat(31)}${']'.repeat(26)}...`],
    [nested(100_000), `${'['.repeat(57)}...`],
    [nested(100_000, (a) => ({ a })), `${'{"a":'.repeat(11)}{"...`],
    ['x'.repeat(60), 'x'.repeat(60)],
    ['x'.repeat(61), `${'x'.repeat(57)}...`],
    [`${'x'.repeat(56)}\u{1f600}xxxx`, `${'x'.repeat(56)}\ufffd...`],
    ['a\ud83d', 'a\ufffd'],
    ['\u{1f600}', '\u{1f600}'],
  ])('%# reads %2$s', (value, text) => {
    expect(quoted(value)).toBe(text);
  });
});
