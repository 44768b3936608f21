import { type Dtype, newPrices, type Prices } from './dtype.ts';

/**
 * What a row says of an instrument. `last`, `bid` and `ask` are prices, in ticks; `volume` is in
 * lots; `aggressor` is 1 where buyers came to the ask, 2 where sellers came to the bid, 0 without
 * a trade.
 */
export const FIELDS = ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor'] as const;

export type Field = (typeof FIELDS)[number];

/** What candles can say beside their prices: sums over their rows. */
export const CANDLE_FIELDS = ['volume', 'trades'] as const satisfies readonly Field[];

export type CandleField = (typeof CANDLE_FIELDS)[number];

/** Whether a field is in ticks. */
export function isPrice(field: Field): boolean {
  return field === 'last' || field === 'bid' || field === 'ask';
}

/** What a reader gets that names no fields. */
export const DEFAULT_FIELDS: readonly Field[] = ['last'];

export function isField(name: unknown): name is Field {
  return FIELDS.includes(name as Field);
}

/** The number type that a field of a market is kept and sent in. */
export function dtypeOfField(field: Field, dtype: Dtype): Dtype {
  switch (field) {
    case 'last':
    case 'bid':
    case 'ask':
      return dtype;
    case 'volume':
    case 'trades':
      return 'uint32';
    case 'aggressor':
      return 'uint8';
  }
}

/** The quotes and trades of consecutive rows of one instrument. */
export interface Trades {
  readonly bid: Prices;
  readonly ask: Prices;
  readonly volume: Uint32Array;
  readonly trades: Uint32Array;
  readonly aggressor: Uint8Array;
}

/** Room for `rows` rows. */
export function newTrades(dtype: Dtype, rows: number): Trades {
  return {
    bid: newPrices(dtype, rows),
    ask: newPrices(dtype, rows),
    volume: new Uint32Array(rows),
    trades: new Uint32Array(rows),
    aggressor: new Uint8Array(rows),
  };
}

/** What was traded in consecutive rows: exact sums of lots and of trades. */
export class TradeSums {
  volume = 0;
  trades = 0;

  clear(): void {
    this.volume = 0;
    this.trades = 0;
  }

  /** Adds the rows `[from, next)`, counted from the first of `traded`. */
  add(traded: Trades, from: number, next: number): void {
    let volume = 0;
    let trades = 0;

    for (let i = from; i < next; i++) {
      volume += traded.volume[i]!;
      trades += traded.trades[i]!;
    }

    this.volume += volume;
    this.trades += trades;
  }
}
