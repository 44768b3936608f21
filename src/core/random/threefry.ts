/**
 * Threefry-2x32 with 20 rounds: the only source of randomness in Tickwell.
 *
 * A counter-based generator: (key, counter) -> 64 bits, with no state between calls, so that any
 * number of any sequence can be had at once. On 32-bit integers it is the same on every machine.
 *
 * Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC'11. Held to the published known-answer vectors in test/core/random/threefry.test.ts.
 */

const PARITY = 0x1bd11bda;

/**
 * A 64-bit key, as two 32-bit words; signed, so that engines keep them as the small integers that
 * they are: a key of doubles makes each single draw ten times as dear.
 */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

/**
 * Fills `out`, or its first `many` values, with the words of the counters `(c0, c1)`,
 * `(c0 + 1, c1)`, ...; two words a counter, so they are an even number. 5 ns a word.
 */
export function fillWords(
  out: Uint32Array,
  key: Key,
  c0: number,
  c1: number,
  many: number = out.length,
): void {
  const k0 = key.k0 | 0;
  const k1 = key.k1 | 0;
  const k2 = PARITY ^ k0 ^ k1;
  const length = many & ~1;
  let x0 = 0;
  let x1 = 0;

  for (let i = 0, counter = c0 | 0; i < length; i += 2, counter++) {
    x0 = (counter + k0) | 0;
    x1 = (c1 + k1) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 1) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k2) | 0;
    x1 = (x1 + k0 + 2) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k0) | 0;
    x1 = (x1 + k1 + 3) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 4) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    out[i] = x0 + k2;
    out[i + 1] = x1 + k0 + 5;
  }
}

const pair = new Uint32Array(2);

/** The key that stands for (`key`, `a`, `b`): distinct for distinct (`a`, `b`) under one key. */
export function deriveKey(key: Key, a: number, b: number): Key {
  fillWords(pair, key, a, b);
  return { k0: pair[0] | 0, k1: pair[1] | 0 };
}

/** The key of a whole number from 0 to 2^53 - 1. */
export function keyOfSeed(seed: number): Key {
  return { k0: seed | 0, k1: Math.floor(seed / 0x1_0000_0000) | 0 };
}

/**
 * The key that stands for (`key`, `text`), for ASCII text: four characters a word, little endian,
 * two words a step, then the length. Chains `deriveKey`.
 */
export function deriveKeyOfText(key: Key, text: string): Key {
  const word = (at: number) =>
    byteAt(text, at) |
    (byteAt(text, at + 1) << 8) |
    (byteAt(text, at + 2) << 16) |
    (byteAt(text, at + 3) << 24);
  let chained = key;

  for (let at = 0; at < text.length; at += 8) {
    chained = deriveKey(chained, word(at), word(at + 4));
  }

  return deriveKey(chained, text.length, TEXT_END);
}

/** Marks the length at the end of a chained text, so that no text is the beginning of another. */
const TEXT_END = 0xffff_ffff;

function byteAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) & 0xff : 0;
}
