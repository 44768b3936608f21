import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dtype } from '../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { keyOfInstrument, type Market } from '../../src/core/market/market.ts';
import { Factors } from '../../src/core/market/models/factors.ts';
import { modelOf } from '../../src/core/market/models/models.ts';
import { PURPOSE } from '../../src/core/market/models/purpose.ts';
import { Scratch } from '../../src/core/market/models/scratch.ts';
import { Book, newDepth } from '../../src/core/market/trading/book.ts';
import { DyadicNoise } from '../../src/core/market/trading/dyadic-noise.ts';
import { newEachTrade, TradeReader } from '../../src/core/market/trading/each-trade.ts';
import { LotCells, Lots } from '../../src/core/market/trading/lots.ts';
import { orderFlow } from '../../src/core/market/trading/order-flow.ts';
import { TradeClock } from '../../src/core/market/trading/trade-clock.ts';
import { deriveKey } from '../../src/core/random/threefry.ts';
import { sequence } from '../core/market/statistics.ts';
import { marketOf } from '../helpers/market.ts';
import {
  factorOf,
  lotsBefore,
  lotsOf,
  noiseAt,
  orderOf,
  placesOf,
  type ReferenceTrading,
  sideOf,
  tradesBefore,
} from './reference-trading.ts';

const ofInstrument = (seed: number, symbol: string) =>
  deriveKey(keyOfInstrument(seed, symbol), PURPOSE.trade, 0);

const SAID: ReferenceTrading = {
  seed: 1,
  symbol: 'REF.1',
  intervalMs: 1000,
  least: 0,
  min: 1,
  max: 65_535,
  spreadTicks: 2,
  tradesPerDay: 172_800,
  lotsPerTrade: 5,
};
const WAYS: readonly Partial<ReferenceTrading>[] = [
  {},
  { least: 1, tradesPerDay: 1e6, seed: 2 ** 40 + 3 },
  { intervalMs: 1, tradesPerDay: 1 },
  { intervalMs: 3, tradesPerDay: 3e6, lotsPerTrade: 1 },
  { intervalMs: 60_000, tradesPerDay: 24, lotsPerTrade: 1000.5 },
  { intervalMs: 3_600_000, tradesPerDay: 1.5, spreadTicks: 100 },
  { intervalMs: 86_400_000, tradesPerDay: 40, least: 1, spreadTicks: 17.5 },
  { intervalMs: 604_800_000, symbol: 'A VERY LONG NAME 1', spreadTicks: 1, lotsPerTrade: 2.25 },
];
const CASES = WAYS.map((way) => ({ ...SAID, ...way }));

/** What the clock of a market's first instrument goes by: the activity that ends with a row. */
function activityOf(market: Market): (index: number) => number {
  const [instrument] = market.instruments;
  const { seed, grid, dtype } = market.spec;
  const scratch = new Scratch(dtype);
  const key = keyOfInstrument(seed, instrument.symbol);
  const factors = new Factors(seed, grid, scratch);
  const model = modelOf({ instrument, grid, key, scratch, factors });
  return (index) => model.clockAt!(Math.max(0, index - 1));
}

/** Some places from 0 to 2^power, near and far, of which no two are alike. */
function placesUpTo(power: number, many: number, seed: number): number[] {
  const next = sequence(seed);
  return Array.from({ length: many }, (_, n) =>
    Math.floor(next() * 2 ** ((power * (n + 1)) / many)),
  );
}

describe('docs/prices.md is how the core trades', () => {
  it.each(CASES)('by the clock: $tradesPerDay a day, every $intervalMs ms, least $least', (of) => {
    const key = ofInstrument(of.seed, of.symbol);
    const rate = (of.tradesPerDay * of.intervalMs) / 86_400_000;
    const paused = { clockAt: (i: number) => 0.75 * i + Math.floor(i / 8) * 2 + 0.3 };
    for (const model of [{ clockAt: (i: number) => i }, paused]) {
      const clock = new TradeClock(model, key, rate, of.least, of.intervalMs);
      for (const i of [0, 1, ...placesUpTo(36, 60, 1)]) {
        expect(clock.before(i), `row ${i}`).toBe(tradesBefore(of, i, model.clockAt));
      }
    }
  });

  it('by the clock of a market whose activity goes by variance', () => {
    const spec = { instruments: [{ symbol: 'REF.1', model: 'market', tradesPerDay: 5e5 }] };
    const market = marketOf({ seed: 1, ...spec });
    const activity = activityOf(market);
    const of = { ...SAID, tradesPerDay: 5e5 };
    for (const i of placesUpTo(34, 40, 6)) {
      expect(market.tradesBefore(0, i), `row ${i}`).toBe(tradesBefore(of, i, activity));
    }
  });

  it.each(CASES)('by lots of $lotsPerTrade on average, seed $seed, $symbol', (of) => {
    const lots = new Lots(ofInstrument(of.seed, of.symbol), of.lotsPerTrade, new LotCells());
    for (const n of [0, 255, 256, 65_536, 2 ** 24, ...placesUpTo(45, 40, 2)]) {
      expect(lots.before(n), `trade ${n}`).toBe(lotsBefore(of, n));
      expect(lots.of(n), `trade ${n}`).toBe(lotsOf(of, n));
    }
  });

  it.each(CASES)('by noise that remembers, seed $seed, $symbol, every $intervalMs ms', (of) => {
    const key = ofInstrument(of.seed, of.symbol);
    const rate = (of.tradesPerDay * of.intervalMs) / 86_400_000;
    let finest = 0;
    while (2 ** finest < rate) finest += 1;
    const flow = { cells: 37, phases: 38, finest, levels: 18, fall: 0.3 };
    const spread = { cells: 39, phases: 40, finest: 0, levels: 12, fall: 0.2 };
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const own = new DyadicNoise(key, { cell, phase, finest: 0, trees: 2, fall: 0.2 });
    for (const n of [-1, 0, ...placesUpTo(45, 60, 3)]) {
      expect(orderFlow(key, rate).at(n), `number ${n}`).toBe(noiseAt(of, flow, n));
      expect(own.at(n), `number ${n}`).toBe(noiseAt(of, spread, n));
    }
  });

  it.each(CASES)('by places of trades: $tradesPerDay a day, every $intervalMs ms', (of) => {
    const key = ofInstrument(of.seed, of.symbol);
    const lots = new Lots(key, of.lotsPerTrade, new LotCells());
    for (const perRow of [1, 2, 7, 256, 700]) {
      const clock = { tradesBefore: (index: number) => index * perRow };
      const reader = new TradeReader(key, clock, lots, perRow, of.intervalMs);
      for (const row of [0, ...placesUpTo(40, 8, 4)]) {
        const [first, end] = [row * perRow, (row + 1) * perRow];
        const each = newEachTrade(perRow);
        reader.fill(each, first, end);
        expect([...each.micros], `row ${row}`).toEqual(placesOf(of, first, end));
        expect(each.rows.every((value) => value === row)).toBe(true);
      }
    }
  });

  it.each(CASES)('by the book: spread of $spreadTicks, $lotsPerTrade lots', (of) => {
    const { spreadTicks, lotsPerTrade, min: minTicks, max: maxTicks } = of;
    const shape = { spreadTicks, lotsPerTrade, minTicks, maxTicks };
    const book = new Book(ofInstrument(of.seed, of.symbol), shape);
    const depth = newDepth(100);
    const places = placesUpTo(45, 40, 5);
    for (const [n, i] of places.entries()) {
      const bid = [1, 30_000, 65_530][n % 3] + (n % 5);
      const ask = Math.min(maxTicks, bid + 1 + (n % 4));
      const levels = [1, 20, 100][n % 3];
      book.fill(depth, i, bid, ask, levels);
      for (const side of ['bids', 'asks'] as const) {
        const { ticks, lots, levels: many } = depth[side];
        const made = Array.from({ length: many }, (_, level) => [ticks[level], lots[level]]);
        const isBid = side === 'bids';
        expect(made, `row ${i}`).toEqual(sideOf(of, isBid, isBid ? bid : ask, i, levels));
      }
    }
  });

  it('by the book below 0 and far above 32 bits, too', () => {
    const dtypes: readonly (readonly [Dtype, number, number])[] = [
      ['int8', -128, 127],
      ['float64', -(2 ** 48), 2 ** 48],
    ];
    for (const [, min, max] of dtypes) {
      const of = { ...SAID, min, max };
      const shape = { spreadTicks: 2, lotsPerTrade: 5, minTicks: min, maxTicks: max };
      const book = new Book(ofInstrument(of.seed, of.symbol), shape);
      const depth = newDepth(20);
      for (const bid of [min, -3, -1, 0, max - 1]) {
        book.fill(depth, 12_345, bid, bid + 1, 20);
        const { ticks, lots, levels } = depth.bids;
        const made = Array.from({ length: levels }, (_, level) => [ticks[level], lots[level]]);
        expect(made).toEqual(sideOf(of, true, bid, 12_345, 20));
      }
    }
  });
});

/** A double as C's `%a` prints it. */
function hex(x: number): string {
  let [m, e] = [Math.abs(x), 0];
  for (; m >= 2; e++) m /= 2;
  for (; m < 1; e--) m *= 2;
  const digits = ((m - 1) * 2 ** 52).toString(16).padStart(13, '0');
  return `${x < 0 ? '-' : ''}0x1.${digits}p${e < 0 ? '-' : '+'}${Math.abs(e)}`;
}

describe('the values on the way of trading in docs/prices.md', () => {
  const text = readFileSync(new URL('../../docs/prices.md', import.meta.url), 'utf8');
  const has = (what: string, ...values: (number | string)[]) =>
    expect(text).toContain(`\n| ${what} | ${values.join(', ')} |\n`);
  const market = marketOf({ instruments: [{ symbol: 'M_0', model: 'market' }] });
  const key = ofInstrument(1, 'M_0');
  const of = { ...SAID, symbol: 'M_0' };

  it('are those of the clock and of lots', () => {
    const words = [key.k0, key.k1].map((word) => (word >>> 0).toString(16).padStart(8, '0'));
    has('`M_0`: Kt', words.join(' '));
    const counts = [1, 1000, 16_384, 1_000_000_000].map((i) => market.tradesBefore(0, i));
    has('`M_0`, market: count(1), count(1000), count(16384), count(1000000000)', ...counts);
    has('f of 5, of 1.5 lots a trade', ...[5, 1.5].map((mean) => hex(factorOf(mean))));
    has('`M_0`: parts 0 .. 7 of cell 0 of level 0', orderOf(of, 0, 0).slice(0, 8).join(' '));
    const lots = new Lots(key, 5, new LotCells());
    const first = Array.from({ length: 8 }, (_, n) => lots.of(n));
    has('`M_0`: lots of trades 0 .. 7', first.join(' '));
    has('`M_0`: V(1000), V(1000000000)', ...[1000, 1_000_000_000].map((n) => lots.before(n)));
  });

  it('are those of noise and places', () => {
    const flow = orderFlow(key, 2);
    has('`M_0`: noise of orders at 0, 1000000', ...[0, 1_000_000].map((n) => hex(flow.at(n))));
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const spread = new DyadicNoise(key, { cell, phase, finest: 0, trees: 2, fall: 0.2 });
    has('`M_0`: noise of spreads at 0, 1000000', ...[0, 1_000_000].map((n) => hex(spread.at(n))));
    const places = placesOf({ ...SAID, symbol: 'M_0' }, 5, 8);
    has('`M_0`: places of a row of trades 5 .. 7', places.join(' '));
  });

  it('are those of a market of parts, whose prices have the last bits', () => {
    const fine = { dtype: 'float64', interval: 7, count: undefined };
    const instrument = { symbol: 'M_0', model: 'market', tickSize: 1, startPrice: 2.5e14 };
    const parts = marketOf({ ...fine, instruments: [instrument] });
    const prices = parts.newPrices(BLOCK_ROWS);
    const found = [0, 1, 2, 16_383, 16_777_216].map((index) => {
      parts.fillBlock(prices, 0, Math.floor(index / BLOCK_ROWS));
      return `${prices[index % BLOCK_ROWS]} at ${index}`;
    });
    const said =
      'seed 1, float64, market, `M_0`, every 7 ms, tick size 1, from 250,000,000,000,000';
    has(said, ...found);
  });

  it('are those of the book', () => {
    const depth = newDepth(4);
    market.fillDepth(depth, 0, 1000, 4);
    for (const side of ['bids', 'asks'] as const) {
      const { ticks, lots } = depth[side];
      const levels = Array.from(ticks, (price, n) => `${price} ${lots[n]}`);
      has(`\`M_0\`: four ${side} of row 1000`, ...levels);
    }
  });
});
