import { describe, expect, it } from 'vitest';
import { Poisson, poissonOf } from '../../../src/core/random/poisson.ts';
import { fillWords } from '../../../src/core/random/threefry.ts';
import { fitSigmas, SIGMAS } from '../market/statistics.ts';

/** P(k) for k from 0 to `most`, by the formula in logarithms. */
function law(mean: number, most: number): number[] {
  let log = -mean;
  return Array.from({ length: most + 1 }, (_, k) => {
    if (k > 0) log += Math.log(mean / k);
    return Math.exp(log);
  });
}

describe('Poisson', () => {
  it.each([0.001, 0.3, 1, 7.5, 100, 3000])('has its law, with a mean of %d', (mean) => {
    const draws = 40_000;
    const words = new Uint32Array(2 * draws);
    fillWords(words, { k0: 9, k1: 10 }, 0, 0);
    const poisson = new Poisson(mean);
    const most = Math.ceil(mean + 12 * Math.sqrt(mean) + 30);
    const counts = new Array<number>(most + 1).fill(0);
    for (let n = 0; n < draws; n++) counts[poisson.draw(words[2 * n], words[2 * n + 1])]++;
    const expected = law(mean, most).map((p) => p * draws);
    expect(Math.abs(fitSigmas(counts, expected))).toBeLessThan(SIGMAS);
  });

  it('rises with its words, and ends where less is left than they can tell', () => {
    const poisson = new Poisson(50);
    let last = -1;
    for (let n = 0; n <= 1000; n++) {
      const count = poisson.draw(Math.min(2 ** 32 - 1, n * 4_294_967), 0);
      expect(count).toBeGreaterThanOrEqual(last);
      last = count;
    }
    expect(poisson.draw(2 ** 32 - 1, 2 ** 32 - 1)).toBeLessThan(140);
  });

  it('is 0 where nothing is expected, and near its mean where much is', () => {
    expect(new Poisson(0).draw(2 ** 32 - 1, 2 ** 32 - 1)).toBe(0);
    // Half of the words: the median is within 1 of the mean.
    for (const mean of [1e5, 2 ** 27]) {
      expect(Math.abs(new Poisson(mean).draw(2 ** 31, 0) - mean)).toBeLessThanOrEqual(1);
    }
  });

  it('is made once for each of the means that were used last', () => {
    expect(poissonOf(3.25)).toBe(poissonOf(3.25));
    const first = poissonOf(1.5);
    for (let n = 0; n < 40; n++) poissonOf(100 + n);
    expect(poissonOf(1.5)).not.toBe(first);
  });
});
