import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../../src/core/market/dtype.ts';
import { newTrades } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import {
  boundsOf,
  MODEL_KINDS,
  type ModelKind,
  parametersOf,
} from '../../../src/core/market/models/parameters.ts';
import { marketOf } from '../../helpers/market.ts';
import { average, averageSigmas, blockOf, logAt, modelMarket } from './paths.ts';
import { SIGMAS, sequence } from './statistics.ts';

/** Every parameter of a model at one of its bounds: `most` says which. */
function atBounds(model: ModelKind, intervalMs: number, most: (name: string) => boolean): object {
  const entries = Object.entries(parametersOf(model)).map(([name, parameter]) => {
    if (parameter.type === 'choice') return [name, parameter.options.at(-1)];
    const { min, max } = boundsOf(parameter, intervalMs);
    return [name, most(name) ? max : min];
  });
  const fields = Object.fromEntries(entries);
  // These two share a whole.
  if (fields.sectorShare !== undefined) fields.sectorShare = 0;
  // So do these.
  if (fields.jumpShare > 0) fields.feedbackShare = 1 - fields.jumpShare;
  if (fields.spikesPerDay > 0) fields.recovery = intervalMs;
  return fields;
}

describe.each(MODEL_KINDS)('every model is a pure function: %s', (model) => {
  it('the same at 10,000 random places as one block after the other', () => {
    const spec = { seed: 51, dtype: 'int32', count: 2 };
    const [used, other] = [modelMarket(model, spec), modelMarket(model, spec)];
    const blocks = [0, 1, 1023, 1024, 5000];
    const sequential = blocks.map((block) =>
      [0, 1].map((column) => Float64Array.from(blockOf(used, column, block))),
    );
    const next = sequence(52);
    let [n, column] = [0, 0];
    for (let round = 0; round < 10_000; round++) {
      // Forty rows here, forty there: as readers come.
      if (round % 40 === 0) {
        n = Math.floor(next() * blocks.length);
        column = Math.floor(next() * 2);
      }
      const place = Math.floor(next() * BLOCK_ROWS);
      const fold = new Fold();
      const index = blocks[n] * BLOCK_ROWS + place;
      other.fold(fold, column, index, index + 1);
      if (fold.open !== sequential[n][column][place]) {
        expect({ round, index, price: fold.open }).toBe(sequential[n][column][place]);
      }
    }
  });

  it('the same of a market that was never asked for anything', () => {
    const used = modelMarket(model, { seed: 53, count: 3 });
    for (const block of [9, 3, 2048, 0, 4 * 1024]) {
      const fresh = modelMarket(model, { seed: 53, count: 3 });
      expect(blockOf(used, 1, block)).toEqual(blockOf(fresh, 1, block));
    }
  });

  it('the same whoever else is in the market', () => {
    const instruments = ['A', 'B', 'C'].map((symbol) => ({ symbol, model, startPrice: 100 }));
    const many = marketOf({ dtype: 'uint32', instruments });
    const one = marketOf({ dtype: 'uint32', instruments: [instruments[1]] });
    expect(blockOf(many, 1, 77)).toEqual(blockOf(one, 0, 77));
  });

  it('begins at its start price', () => {
    const market = modelMarket(model, { seed: 54, count: 5 });
    for (let column = 0; column < 5; column++) {
      const { startTicks } = market.instruments[column];
      expect(Math.abs(blockOf(market, column, 0)[0] - startTicks)).toBeLessThanOrEqual(1);
    }
  });

  it('folds to what its prices fold to', () => {
    const market = modelMarket(model, { seed: 55, count: 2 });
    const next = sequence(56);
    for (let round = 0; round < 30; round++) {
      const block = [0, 1, 1024][round % 3];
      const from = Math.floor(next() * BLOCK_ROWS);
      const rows = Math.ceil(next() * (BLOCK_ROWS - from));
      const [folded, naive] = [new Fold(), new Fold()];
      const first = block * BLOCK_ROWS;
      market.fold(folded, round % 2, first + from, first + from + rows);
      naive.addPrices(blockOf(market, round % 2, block), from, from + rows);
      expect({ ...folded }).toEqual({ ...naive });
    }
  });

  it.each(Object.keys(DTYPES) as Dtype[])(
    'whole ticks inside the walls of %s, whatever its parameters',
    (dtype) => {
      for (const interval of [dtype.startsWith('u') ? 1 : 604_800_000]) {
        const choices = [() => true, () => false, (name: string) => name.length % 2 === 0];
        for (const most of choices) {
          const parameters = { ...atBounds(model, interval, most), startPrice: 1 };
          const market = modelMarket(model, { seed: 57, dtype, interval, count: 1 }, parameters);
          const [{ minTicks, maxTicks }] = market.instruments;
          for (const block of [0, 1024]) {
            const prices = Float64Array.from(blockOf(market, 0, block));
            const isRight = prices.every(
              (price) => Number.isInteger(price) && price >= minTicks && price <= maxTicks,
            );
            expect(isRight, `${interval} ${JSON.stringify(parameters)}`).toBe(true);
          }
        }
      }
    },
    20_000,
  );

  it('of the same variance at every place of a block', () => {
    const columns = 60;
    const market = modelMarket(model, { seed: 58, count: columns }, parametersFor(model));
    const places = [0, 1, 2, 500, 8192, 16_382, 16_383];
    const squares = places.map((): number[] => []);
    for (let column = 0; column < columns; column++) {
      for (const block of [1, 700, ERA_BLOCKS]) {
        const prices = blockOf(market, column, block);
        const before = logAt(market, column, block * BLOCK_ROWS - 1);
        const start = market.instruments[column].startTicks;
        for (const [n, place] of places.entries()) {
          const previous = place === 0 ? before : Math.log(prices[place - 1] / start);
          squares[n].push((Math.log(prices[place] / start) - previous) ** 2);
        }
      }
    }
    const all = squares.flat();
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    for (const values of squares) {
      expect(Math.abs(averageSigmas(values, mean))).toBeLessThan(SIGMAS);
    }
  });

  // Of the model market the clock is held to that, in market-clock.test.ts.
  const ofPrices = model === 'market' ? [] : [model];
  it.each(ofPrices)('has an activity of 1 on average: %s', (kind) => {
    const market = modelMarket(kind, { seed: 59, count: 8 }, { spreadTicks: 1000 });
    const spreads: number[] = [];
    const traded = newTrades(market.spec.dtype, BLOCK_ROWS);
    for (let column = 0; column < 8; column++) {
      for (let block = 0; block < 5; block++) {
        market.fillTrades(traded, column, 3 + 97 * block);
        // The spread goes with the square root of activity: its square with activity itself.
        const squares = Array.from(traded.ask, (ask, i) => ((ask - traded.bid[i]) / 1000) ** 2);
        spreads.push(average(squares));
      }
    }
    // Spreads are log-normal as well, by noise of mean 1: their squares have a mean of exp(0.35^2).
    expect(Math.abs(averageSigmas(spreads, Math.exp(0.35 ** 2)))).toBeLessThan(SIGMAS);
  });
});

/** Without what makes days differ, and jumps so rare that their squares have no law by now. */
function parametersFor(model: ModelKind): object {
  if (model === 'market') return { intraday: 0, jumpShare: 0, marketShare: 0 };
  if (model === 'jump') return { jumpsPerDay: 20_000, jumpSize: 5e-5 };
  if (model === 'crash-boom') return { spikesPerDay: 100, spikeSize: 1e-5 };
  return {};
}
