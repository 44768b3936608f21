import { deriveKeyOfText, type Key, keyOfSeed } from '../random/threefry.ts';
import { type Dtype, newPrices, type Prices } from './dtype.ts';
import { BLOCK_ROWS, type Grid } from './grid.ts';
import type { Instrument } from './instrument.ts';
import { Gbm } from './models/gbm.ts';
import { type Fold, type Model, Scratch } from './models/model.ts';
import { Walk } from './models/walk.ts';

/** Counts changes of what a given spec's prices are. A new number is a new market, everywhere. */
export const ENGINE_VERSION = 1;

/** All that decides prices, checked. `checkSpec` makes one of unknown input. */
export interface Spec {
  readonly seed: number;
  readonly grid: Grid;
  readonly dtype: Dtype;
  /** Rows the ring holds. Decides no price. */
  readonly capacity: number;
  readonly instruments: readonly Instrument[];
}

/**
 * Every price of every instrument, as a pure function of (column, index).
 *
 * Holds no price and knows no time: what it remembers between calls only saves work.
 */
export class Market {
  readonly spec: Spec;
  readonly grid: Grid;
  readonly instruments: readonly Instrument[];
  /** Equal ids, equal prices: a hash of all that decides them, 16 hexadecimal digits. */
  readonly id: string;
  readonly #models: readonly Model[];
  readonly #columns: ReadonlyMap<string, number>;

  constructor(spec: Spec) {
    const scratch = new Scratch();
    this.spec = spec;
    this.grid = spec.grid;
    this.instruments = spec.instruments;
    this.id = marketId(spec);
    this.#models = spec.instruments.map((_, column) => modelOf(spec, column, scratch));
    this.#columns = new Map(spec.instruments.map(({ symbol }, column) => [symbol, column]));
  }

  /** The column of `symbol`, or undefined if the market has none of that name. */
  columnOf(symbol: string): number | undefined {
    return this.#columns.get(symbol);
  }

  /** An array for `rows` prices of this market's dtype. */
  newPrices(rows: number): Prices {
    return newPrices(this.spec.dtype, rows);
  }

  /** Fills the `BLOCK_ROWS` prices of `out` with block `block` of `column`, in ticks. */
  fillBlock(out: Prices, column: number, block: number): void {
    this.#models[column]!.fillBlock(out, block);
  }

  /**
   * Adds the rows `[from, next)` of `column` to `fold`, without the ring: 0.5 ns a row for walks.
   */
  fold(fold: Fold, column: number, from: number, next: number): void {
    const model = this.#models[column]!;
    for (let index = from; index < next; ) {
      const block = Math.floor(index / BLOCK_ROWS);
      const first = block * BLOCK_ROWS;
      const end = Math.min(next, first + BLOCK_ROWS);
      model.foldBlock(fold, block, index - first, end - first);
      index = end;
    }
  }
}

/** The key of one instrument: of the seed and its symbol, so that its neighbours do not matter. */
export function keyOfInstrument(seed: number, symbol: string): Key {
  return deriveKeyOfText(keyOfSeed(seed), symbol);
}

function modelOf(spec: Spec, column: number, scratch: Scratch): Model {
  const { symbol, startTicks, minTicks, maxTicks, model } = spec.instruments[column]!;
  const key = keyOfInstrument(spec.seed, symbol);
  switch (model.kind) {
    case 'walk':
      return new Walk(key, column, startTicks, minTicks, maxTicks, scratch);
    case 'gbm': {
      const { intervalMs } = spec.grid;
      return new Gbm(key, column, startTicks, minTicks, maxTicks, model, intervalMs, scratch);
    }
  }
}

/** The letters `tickwell`, so that no other use of the generator makes the same hash. */
const ID_KEY: Key = { k0: 0x6b636974, k1: 0x6c6c6577 };

function marketId(spec: Spec): string {
  const decisive = JSON.stringify([
    ENGINE_VERSION,
    spec.seed,
    spec.grid.originMs,
    spec.grid.intervalMs,
    spec.dtype,
    spec.instruments.map(({ symbol, model, tickSize, startTicks }) => [
      symbol,
      tickSize,
      startTicks,
      model.kind,
      ...(model.kind === 'gbm' ? [model.drift, model.volatility] : []),
    ]),
  ]);
  const { k0, k1 } = deriveKeyOfText(ID_KEY, decisive);
  return [k0, k1].map((word) => word.toString(16).padStart(8, '0')).join('');
}
