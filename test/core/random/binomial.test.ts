import { describe, expect, it } from 'vitest';
import { FairBinomial } from '../../../src/core/random/binomial.ts';
import { fillWords } from '../../../src/core/random/threefry.ts';
import { binomialLaw, fitSigmas, normalSigmas, SIGMAS } from '../market/statistics.ts';

const TWO_53 = 2n ** 53n;

/** A draw from a place in the distribution, in 2^-53. */
function drawAt(binomial: FairBinomial, place: bigint): number {
  const word0 = Number(place >> 26n) * 32;
  const word1 = Number(place & 0x3ff_ffffn) * 64;
  return binomial.draw(word0, word1);
}

/** `P(ups <= k)` in 2^-53, exactly, for each k. */
function exactCumulative(tosses: number): bigint[] {
  const all = 2n ** BigInt(tosses);
  let ways = 1n;
  let sum = 0n;
  return Array.from({ length: tosses + 1 }, (_, k) => {
    if (k > 0) ways = (ways * BigInt(tosses - k + 1)) / BigInt(k);
    sum += ways;
    return (sum * TWO_53) / all;
  });
}

describe('fair coins', () => {
  // 2,100 weights are added up, each within 2^-53 of the sum: the tolerance is 4,096 places of 2^53.
  it.each([4, 16, 256, 4096])('have the exact binomial distribution, %d of them', (tosses) => {
    const binomial = new FairBinomial(tosses);
    const cumulative = exactCumulative(tosses);
    const slack = 4096n;
    for (let k = 0; k < tosses; k++) {
      const [from, end] = [k === 0 ? 0n : cumulative[k - 1], cumulative[k]];
      if (end - from < 4n * slack) continue;
      expect(drawAt(binomial, from + slack)).toBe(k);
      expect(drawAt(binomial, end - slack)).toBe(k);
    }
  });

  it('end where the law does, at both ends of the words', () => {
    for (const tosses of [4, 16, 256, 2 ** 14, 2 ** 24]) {
      const binomial = new FairBinomial(tosses);
      // Beyond 8.3 standard deviations lies 2^-54 of the law: only place 0 can be farther out.
      const reach = 8.4 * (Math.sqrt(tosses) / 2);
      expect(drawAt(binomial, 0n)).toBeGreaterThanOrEqual(0);
      expect(drawAt(binomial, 1n)).toBeGreaterThanOrEqual(Math.max(0, tosses / 2 - reach));
      expect(drawAt(binomial, TWO_53 - 1n)).toBeLessThanOrEqual(tosses);
      expect(drawAt(binomial, TWO_53 - 4097n)).toBeLessThanOrEqual(tosses / 2 + reach);
    }
  });

  it('never fall as the place rises', () => {
    const binomial = new FairBinomial(2 ** 14);
    let last = 0;
    for (let i = 0n; i < 20_000n; i++) {
      const ups = drawAt(binomial, (i * TWO_53) / 20_000n);
      expect(ups).toBeGreaterThanOrEqual(last);
      last = ups;
    }
  });

  it('are binomial when the words are random, a block of them', () => {
    const tosses = 2 ** 14;
    const binomial = new FairBinomial(tosses);
    const words = new Uint32Array(200_000);
    fillWords(words, { k0: 5, k1: 6 }, 0, 0);
    const counts = new Array<number>(tosses + 1).fill(0);
    for (let i = 0; i < words.length; i += 2) counts[binomial.draw(words[i], words[i + 1])]++;
    const expected = binomialLaw(tosses).map((p) => p * (words.length / 2));
    expect(Math.abs(fitSigmas(counts, expected))).toBeLessThan(SIGMAS);
  });

  it('are binomial when the words are random, an era of them', () => {
    // Of 2^24 coins the steps are 1/2048 of a standard deviation: as good as normal.
    const binomial = new FairBinomial(2 ** 24);
    const words = new Uint32Array(200_000);
    fillWords(words, { k0: 7, k1: 8 }, 0, 0);
    const values: number[] = [];
    for (let i = 0; i < words.length; i += 2) {
      values.push((binomial.draw(words[i], words[i + 1]) - 2 ** 23) / 2048);
    }
    expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
  });
});
