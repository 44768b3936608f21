import { type Dtype, newPrices, type Prices } from './dtype.ts';
import { ExactSum, isAddable } from './exact-sum.ts';

/**
 * What a row says of an instrument. `last`, `bid` and `ask` are prices, in ticks; `volume` is in
 * lots; `aggressor` is 1 where buyers came to the ask, 2 where sellers came to the bid, 0 without
 * a trade; `status` is one of `STATUS`.
 */
export const FIELDS = ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor', 'status'] as const;

/** Whether an instrument trades in a row: if it does not, the row is held. */
export const STATUS = { trading: 0, halted: 1, closed: 2 } as const;

export type Field = (typeof FIELDS)[number];

/** What candles can say beside their prices: sums over their rows. */
export const CANDLE_FIELDS = ['volume', 'trades'] as const satisfies readonly Field[];

export type CandleField = (typeof CANDLE_FIELDS)[number];

/**
 * And what some protocols say of candles: `notional`, each trade's price times its lots, in ticks
 * times lots; `bought`, the lots whose takers bought, and the notional of those. Unlike lots and
 * trades they are not known before their rows are made.
 */
export const PAID_FIELDS = ['notional', 'bought', 'boughtNotional'] as const;

export type PaidField = (typeof PAID_FIELDS)[number];

export type SumField = CandleField | PaidField;

/** Whether any of them is only known of rows that are made. */
export function arePaid(fields: readonly SumField[]): boolean {
  return fields.some((field) => field !== 'volume' && field !== 'trades');
}

/** Whether a field is a quote or of trades: those are made of prices. A status is arithmetic. */
export function isTradedField(field: Field): field is keyof Trades {
  return field !== 'last' && field !== 'status';
}

/** Whether rows of `fields` hold nothing but prices. */
export function areJustPrices(fields: readonly Field[]): boolean {
  return fields.length === 1 && fields[0] === 'last';
}

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
    case 'status':
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

/** Floats as which what was paid is written down: lots bought, and both parts of both notionals. */
export const PAID_VALUES = 5;

/** What was paid in consecutive rows: exact sums over their trades, as `PAID_FIELDS` has them. */
export class PaidSums {
  readonly notional = new ExactSum();
  bought = 0;
  readonly boughtNotional = new ExactSum();

  clear(): void {
    this.notional.clear();
    this.bought = 0;
    this.boughtNotional.clear();
  }

  /** Takes the place of what it was. */
  setTo(sums: PaidSums): void {
    this.clear();
    this.addSums(sums);
  }

  addSums({ notional, bought, boughtNotional }: PaidSums): void {
    this.notional.addSum(notional);
    this.bought += bought;
    this.boughtNotional.addSum(boughtNotional);
  }

  /** Writes them down as `PAID_VALUES` floats, the first of which is at least 0. */
  writeTo(out: Float64Array, at: number): void {
    const { notional, bought, boughtNotional } = this;
    out[at] = bought;
    out[at + 1] = notional.high;
    out[at + 2] = notional.low;
    out[at + 3] = boughtNotional.high;
    out[at + 4] = boughtNotional.low;
  }

  /** Adds what was written down. */
  addFrom(values: Float64Array, at: number): void {
    this.bought += values[at]!;
    this.notional.addParts(values[at + 1]!, values[at + 2]!);
    this.boughtNotional.addParts(values[at + 3]!, values[at + 4]!);
  }

  /** Adds the rows `[from, next)`, counted from the first of `traded`. */
  add(traded: Trades, from: number, next: number): void {
    const { bid, ask, volume, aggressor } = traded;
    let notional = 0;
    let bought = 0;
    let boughtNotional = 0;
    let size = 0;

    for (let i = from; i < next; i++) {
      const lots = volume[i]!;
      // A buyer pays the ask and a seller gets the bid; where nobody came there are no lots.
      if (aggressor[i] === 1) {
        const paid = ask[i]! * lots;
        bought += lots;
        boughtNotional += paid;
        size += Math.abs(paid);
      } else {
        const paid = bid[i]! * lots;
        notional += paid;
        size += Math.abs(paid);
      }
    }

    // Sums of what is positive only grow, rounded or not: if the last is exact, all were.
    if (isAddable(size)) {
      this.notional.add(notional + boughtNotional);
      this.boughtNotional.add(boughtNotional);
      this.bought += bought;
    } else if (next - from === 1) {
      this.#addRow(traded, from);
    } else {
      const middle = from + Math.floor((next - from) / 2);
      this.add(traded, from, middle);
      this.add(traded, middle, next);
    }
  }

  #addRow({ bid, ask, volume, aggressor }: Trades, row: number): void {
    const isBought = aggressor[row] === 1;
    const lots = volume[row]!;
    const price = isBought ? ask[row]! : bid[row]!;
    this.notional.addProduct(price, lots);
    if (!isBought) return;
    this.boughtNotional.addProduct(price, lots);
    this.bought += lots;
  }
}
