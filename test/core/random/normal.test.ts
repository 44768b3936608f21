import { describe, expect, it } from 'vitest';
import { fillNormalSums, normalOf, upperQuantile } from '../../../src/core/random/normal.ts';
import { fillWords } from '../../../src/core/random/threefry.ts';
import { normalSigmas, SIGMAS, varianceSigmas } from '../market/statistics.ts';

const TWO_32 = 2 ** 32;

const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/**
 * The probability above `z >= 0`, good to about 1e-14 of the density: the series of positive terms
 * below 3, Laplace's continued fraction from there (Abramowitz and Stegun 26.2.11 and 26.2.14).
 */
function probabilityAbove(z: number): number {
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-20; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density(z) * sum;
  }
  let fraction = z;
  for (let k = 400; k >= 1; k--) fraction = z + k / fraction;
  return density(z) / fraction;
}

/** How far `z` is from the exact quantile of upper tail probability `p`: one Newton step. */
const errorOf = (z: number, p: number) => Math.abs((probabilityAbove(z) - p) / density(z));

/** Words all over the distribution: each octave of the tail, both ends of every table. */
function someSizes(): number[] {
  const sizes = [0, 1, 62, 63, 64, 65, 127, 128, 2 ** 27 - 1, 2 ** 27, 2 ** 31 - 1];
  for (let octave = 1; octave <= 2 ** 31; octave *= 2) {
    for (let i = 0; i < 500; i++) sizes.push(Math.floor(octave * (i / 500)));
  }
  return sizes;
}

describe('the quantile', () => {
  it.each([
    [0.5, 0],
    [0.25, 0.6744897501960817],
    [0.025, 1.959963984540054],
    [0.005, 2.575829303548901],
    [0.001, 3.090232306167813],
    [1e-6, 4.753424308822899],
    [1e-9, 5.997807015007687],
  ])('of probability %d is the tabulated %d', (p, z) => {
    expect(upperQuantile(p)).toBeCloseTo(z, 14);
  });

  it('is exact to 1e-13 over all that a word can name', () => {
    let worst = 0;
    for (const m of someSizes()) {
      const p = (m + 0.5) / TWO_32;
      worst = Math.max(worst, errorOf(upperQuantile(p), p));
    }
    expect(worst).toBeLessThan(1e-13);
  });
});

describe('a normal variate', () => {
  it('is within 1e-9 of the exact quantile', () => {
    let worst = 0;
    for (const m of someSizes()) {
      worst = Math.max(worst, errorOf(normalOf(m), (m + 0.5) / TWO_32));
    }
    expect(worst).toBeLessThan(1e-9);
  });

  it('has the other sign, exactly, with the top bit set', () => {
    for (const m of someSizes()) expect(normalOf(m | 0x8000_0000)).toBe(-normalOf(m));
  });

  it('falls as the word rises, across all its tables', () => {
    let last = Infinity;
    for (const m of [...new Set(someSizes())].sort((a, b) => a - b)) {
      const z = normalOf(m);
      expect(z).toBeLessThan(last);
      last = z;
    }
    expect(normalOf(0)).toBeCloseTo(6.3379, 3);
    expect(last).toBeGreaterThan(0);
  });

  it('has mean 0 and variance 1 over evenly spread words', () => {
    // 2^16 words in the middle of equal parts: what they miss is the tails' last 2^-17, about 1e-4.
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 65_536; i++) {
      const z = normalOf((i * 65_536 + 32_768) | 0);
      sum += z;
      squares += z * z;
    }
    expect(Math.abs(sum)).toBeLessThan(1e-6);
    expect(Math.abs(squares / 65_536 - 1)).toBeLessThan(5e-4);
  });

  it('is standard normal when the words are random', () => {
    const words = new Uint32Array(200_000);
    fillWords(words, { k0: 11, k1: 12 }, 0, 0);
    const values = Array.from(words, (word) => normalOf(word | 0));
    expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
    expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
  });

  it('is added up in order by the sums', () => {
    const words = new Uint32Array(1000);
    fillWords(words, { k0: 1, k1: 2 }, 0, 0);
    const sums = new Float64Array(1000);
    fillNormalSums(sums, words);
    let sum = 0;
    for (const [i, word] of words.entries()) {
      sum += normalOf(word | 0);
      expect(sums[i]).toBe(sum);
    }
  });
});
