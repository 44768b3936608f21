import { describe, expect, it } from 'vitest';
import { newTrades } from '../../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../../src/core/market/grid.ts';
import { marketOf } from '../../../helpers/market.ts';

const BLOCKS = 16;
const COLUMNS = 8;

/** Ranges are those of real markets: see the realism report. */
interface Facts {
  readonly [fact: string]: number;
}

const mean = (values: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += (a[i] - meanA) * (b[i] - meanB);
    squareA += (a[i] - meanA) ** 2;
    squareB += (b[i] - meanB) ** 2;
  }
  return product / Math.sqrt(squareA * squareB);
}

const remembers = (values: Float64Array, lag: number) =>
  correlation(values.subarray(0, -lag), values.subarray(lag));

function stepsOf(values: Float64Array, step: number): Float64Array {
  return Float64Array.from({ length: Math.floor((values.length - 1) / step) }, (_, n) => {
    return values[(n + 1) * step] - values[n * step];
  });
}

const square = (values: Float64Array) => mean(values.map((value) => value * value));

/** What an instrument of fine ticks looks like, over three days of seconds. */
function factsOf(column: number): Facts {
  const market = marketOf({
    ...{ seed: 17, dtype: 'uint32', count: COLUMNS },
    defaults: {
      ...{ model: 'market', volatility: 0.1, tickSize: 0.00001, startPrice: 1.2 },
      ...{ spreadTicks: 4, tradesPerDay: 120_000 },
    },
  });
  const mids: number[] = [];
  const sides: number[] = [];
  const signs: number[] = [];
  const spreads: number[] = [];
  const lasts: number[] = [];
  let still = 0;
  const traded = newTrades('uint32', BLOCK_ROWS);
  const prices = market.newPrices(BLOCK_ROWS);
  for (let block = 40; block < 40 + BLOCKS; block++) {
    market.fillTrades(traded, column, block);
    market.fillBlock(prices, column, block);
    const { bid, ask, aggressor } = traded;
    for (let i = 0; i < BLOCK_ROWS; i++) {
      if (i > 0 && bid[i] === bid[i - 1] && ask[i] === ask[i - 1]) still += 1;
      const side = aggressor[i] === 0 ? 0 : aggressor[i] === 1 ? 1 : -1;
      mids.push((bid[i] + ask[i]) / 2);
      spreads.push(ask[i] - bid[i]);
      lasts.push(prices[i]);
      sides.push(side);
      if (side !== 0) signs.push(side);
    }
  }
  const mid = Float64Array.from(mids);
  const moves = stepsOf(mid, 1);
  const sign = Float64Array.from(signs);
  let [answer, asked] = [0, 0];
  for (let i = 1; i + 60 < mids.length; i++) {
    if (sides[i] === 0) continue;
    answer += sides[i] * (mids[i + 60] - mids[i - 1]);
    asked += 1;
  }
  return {
    'mid remembers': remembers(moves, 1),
    'a second over five minutes': (300 * square(moves)) / square(stepsOf(mid, 300)),
    'last bounces': remembers(stepsOf(Float64Array.from(lasts), 1), 1),
    'signs at 1': remembers(sign, 1),
    'signs at 100': remembers(sign, 100),
    'signs foretell': correlation(sides.slice(0, -1), moves),
    'answer over a minute': answer / asked / mean(spreads),
    'stand still': still / mids.length,
    'spreads remember': remembers(Float64Array.from(spreads), 1),
    'spread over what is said': mean(spreads) / 4,
  };
}

const FACTS: readonly (readonly [string, number, number])[] = [
  ['mid remembers', -0.08, 0.05],
  ['a second over five minutes', 0.8, 1.4],
  ['last bounces', -0.45, -0.02],
  ['signs at 1', 0.1, 0.7],
  ['signs at 100', 0.02, 0.25],
  ['signs foretell', -0.02, 0.02],
  ['answer over a minute', 0.05, 1],
  ['stand still', 0.2, 0.4],
  ['spreads remember', 0.3, 0.95],
  ['spread over what is said', 0.8, 1.2],
];

describe('what is quoted and paid under the model market', () => {
  const all = Array.from({ length: COLUMNS }, (_, column) => factsOf(column));

  it.each(FACTS)('%s: from %d to %d, as in real markets', (fact, from, to) => {
    const values = all.map((facts) => facts[fact]).sort((a, b) => a - b);
    const median = (values[COLUMNS / 2 - 1] + values[COLUMNS / 2]) / 2;
    expect(median).toBeGreaterThan(from);
    expect(median).toBeLessThan(to);
  });
});
