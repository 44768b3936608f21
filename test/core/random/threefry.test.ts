import { describe, expect, it } from 'vitest';
import {
  deriveKey,
  deriveKeyOfText,
  fillWords,
  type Key,
  keyOfSeed,
} from '../../../src/core/random/threefry.ts';

function wordsOf(key: Key, c0: number, c1: number, length = 2): number[] {
  const words = new Uint32Array(length);
  fillWords(words, key, c0, c1);
  return [...words];
}

const hex = (words: readonly number[]) =>
  words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ');
const textOf = ({ k0, k1 }: Key) => hex([k0, k1]);

/** Bits by which two lists of words differ. */
function distance(a: readonly number[], b: readonly number[]): number {
  let bits = 0;
  for (const [at, word] of a.entries()) {
    for (let x = word ^ b[at]; x !== 0; x &= x - 1) bits++;
  }
  return bits;
}

describe('threefry-2x32', () => {
  // Source: Random123, tests/kat_vectors, the lines "threefry2x32 20".
  it.each([
    ['00000000 00000000', '00000000 00000000', '6b200159 99ba4efe'],
    ['ffffffff ffffffff', 'ffffffff ffffffff', '1cb996fc bb002be7'],
    ['13198a2e 03707344', '243f6a88 85a308d3', 'c4923a9c 483df7a0'],
  ])('gives the published words of 20 rounds for key %s and counter %s', (key, counter, words) => {
    const [k0, k1] = key.split(' ').map((word) => Number.parseInt(word, 16));
    const [c0, c1] = counter.split(' ').map((word) => Number.parseInt(word, 16));
    expect(hex(wordsOf({ k0, k1 }, c0, c1))).toBe(words);
  });

  it('gives many counters the words that each of them gets alone', () => {
    const key = { k0: 0x13198a2e, k1: 0x03707344 };
    for (const first of [0, 1000, 0x7fff_fff0, 0xffff_fff0]) {
      const alone = Array.from({ length: 32 }, (_, i) => wordsOf(key, first + i, 77)).flat();
      expect(wordsOf(key, first, 77, 64)).toEqual(alone);
    }
  });

  it('takes a word for the same number, with or without a sign', () => {
    const signed = wordsOf({ k0: -1, k1: -2 }, -3, -4);
    const unsigned = wordsOf({ k0: 2 ** 32 - 1, k1: 2 ** 32 - 2 }, 2 ** 32 - 3, 2 ** 32 - 4);
    expect(signed).toEqual(unsigned);
  });

  it('turns about half of the bits when one bit of key or counter turns', () => {
    // 128 pairs of 64 bits: 4,096 bits turn, standard deviation sqrt(8192) / 2 = 45; 4 of them.
    const key = { k0: 0xdead, k1: 0xbeef };
    const words = wordsOf(key, 5, 6);
    let turned = 0;
    for (let bit = 0; bit < 32; bit++) {
      const one = 1 << bit;
      turned += distance(words, wordsOf({ k0: key.k0 ^ one, k1: key.k1 }, 5, 6));
      turned += distance(words, wordsOf({ k0: key.k0, k1: key.k1 ^ one }, 5, 6));
      turned += distance(words, wordsOf(key, 5 ^ one, 6));
      turned += distance(words, wordsOf(key, 5, 6 ^ one));
    }
    expect(Math.abs(turned - 4096)).toBeLessThan(4 * 45);
  });
});

describe('a key', () => {
  it('of a seed is its two halves, up to the largest safe number', () => {
    expect(keyOfSeed(0)).toEqual({ k0: 0, k1: 0 });
    expect(keyOfSeed(1)).toEqual({ k0: 1, k1: 0 });
    expect(keyOfSeed(2 ** 32)).toEqual({ k0: 0, k1: 1 });
    expect(keyOfSeed(Number.MAX_SAFE_INTEGER)).toEqual({ k0: -1, k1: 2 ** 21 - 1 });
  });

  it('that is derived is the generator at that counter', () => {
    const key = { k0: 1, k1: 2 };
    expect(textOf(deriveKey(key, 3, 4))).toBe(hex(wordsOf(key, 3, 4)));
  });

  it('of a text chains eight characters at a time, then the length', () => {
    const key = { k0: 1, k1: 2 };
    const little = (text: string) =>
      [...text.padEnd(4, '\0')].reduce((sum, c, i) => sum + c.charCodeAt(0) * 256 ** i, 0);
    for (const text of ['', 'A', 'ABCD', 'ABCDE', 'ticker_0', 'ticker_00', 'a'.repeat(32)]) {
      let chained: Key = key;
      for (let at = 0; at < text.length; at += 8) {
        const [low, high] = [text.slice(at, at + 4), text.slice(at + 4, at + 8)];
        chained = deriveKey(chained, little(low), little(high));
      }
      chained = deriveKey(chained, text.length, 0xffff_ffff);
      expect(textOf(deriveKeyOfText(key, text))).toBe(textOf(chained));
    }
  });

  it('is another for every symbol and every seed', () => {
    const keys = new Set<string>();
    for (const seed of [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
      for (let n = 0; n < 1000; n++) {
        keys.add(textOf(deriveKeyOfText(keyOfSeed(seed), `ticker_${n}`)));
      }
      for (const text of ['', '\0', '\0\0', 'A', 'A\0', 'AA', 'a', 'A'.repeat(8), 'A'.repeat(9)]) {
        keys.add(textOf(deriveKeyOfText(keyOfSeed(seed), text)));
      }
    }
    expect(keys.size).toBe(6 * 1009);
  });
});
