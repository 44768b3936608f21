import { parseTrades } from '../wire/binary-trades.ts';
import type { SubscribedMessage } from '../wire/messages.ts';
import { floatColumns, LIST_BYTES, type ValuesMessage } from './decode.ts';
import type { Around, Batch, Frame, Kind } from './kind.ts';
import type { RowColumns } from './rows.ts';

const TRADE_BYTES = 32;
const NAMES = ['time', 'price', 'lots', 'side'] as const;
/** Each of them is a list. */
const SYMBOL_BYTES = 4 * LIST_BYTES;

/** One trade. Numbers of a symbol have no hole. */
export interface Trade {
  readonly symbol: string;
  readonly id: number;
  /** In milliseconds since 1970 UTC, with up to three decimals. */
  readonly time: number;
  /** In ticks. */
  readonly price: number;
  readonly lots: number;
  /** Who came: 1 a buyer, 2 a seller. */
  readonly side: number;
}

/**
 * All trades of the rows with `since < time <= until`: `price[column][n]`, of the nth trade of a
 * symbol there. Or one after the other in the order of time, with `for (const trade of trades)`.
 */
export interface Trades extends Batch, Iterable<Trade> {
  /** The columns. */
  readonly symbols: readonly string[];
  /** The number of the first trade of each, were there one. */
  readonly first: readonly number[];
  readonly time: RowColumns;
  readonly price: RowColumns;
  readonly lots: RowColumns;
  readonly side: RowColumns;
}

/** Subscriptions to single trades. */
export class TradesKind implements Kind<Trades> {
  readonly asked = { what: 'trades' };
  #symbols: readonly string[] = [];
  /** The number that the next trade of each has; none before the first. */
  #next: readonly number[] = [];

  parseBytes(bytes: Uint8Array): Frame | undefined {
    const trades = parseTrades(bytes);
    if (trades === undefined) return undefined;
    const { id, since, until, lagRows: lag, lists } = trades;
    const listsOf = (all: ArrayLike<number>) => {
      const flat = Float64Array.from(all);
      let next = 0;
      return lists.counts.map((count) => {
        next += count;
        return flat.subarray(next - count, next);
      });
    };
    const time = lists.micros.map((micros) => (since * 1000 + micros) / 1000);
    const values = {
      ...{ first: [Float64Array.from(lists.first)], time: listsOf(time) },
      ...{ price: listsOf(lists.prices), lots: listsOf(lists.lots), side: listsOf(lists.sides) },
    };
    return { type: 'frame', id, since, until, lag, values };
  }

  parseText(message: ValuesMessage): Frame | undefined {
    if (message.type !== 'trades') return undefined;
    const { id, since, until, lag, first, time, price, lots, side } = message;
    const columns = { price: floatColumns(price), lots: floatColumns(lots) };
    // Times are no whole numbers.
    const times = Array.isArray(time) ? time.map((list) => Float64Array.from(list)) : [];
    const values = { first: floatColumns([first]), time: times, side: floatColumns(side) };
    return { type: 'frame', id, since, until, lag, values: { ...values, ...columns } };
  }

  begin({ symbols }: SubscribedMessage): void {
    if (String(symbols) !== String(this.#symbols)) this.#next = [];
    this.#symbols = symbols;
  }

  read({ since, until, lag, values }: Frame, { interval }: Around): Trades | undefined {
    const symbols = this.#symbols;
    const first = [...(values.first?.[0] ?? [])];
    const { time = [] } = values;
    const isWhole = NAMES.every((name) => {
      const columns = values[name];
      return (
        columns?.length === symbols.length &&
        columns.every(({ length }, n) => length === time[n]!.length)
      );
    });
    const isSome = first.length === symbols.length && until > since;
    const end = until + interval;
    const begin = since + interval;
    const isIn = time.every((list) =>
      list.every((ms, n) => ms < end && ms >= (list[n - 1] ?? begin)),
    );
    const goesOn = first.every((number, n) => number === (this.#next[n] ?? number));
    if (!isWhole || !isSome || !isIn || !goesOn) return undefined;
    this.#next = first.map((number, n) => number + time[n]!.length);
    const lists = Object.fromEntries(NAMES.map((name) => [name, values[name]!]));
    const facts = { since, until, lag, interval, symbols, first, ...lists };
    return Object.assign(Object.create(IN_ORDER), facts);
  }

  /** Rows without a trade move the cursor alone. */
  isEmpty(): boolean {
    return false;
  }

  paceMs(intervalMs: number): number {
    return intervalMs;
  }

  bytesOf({ time }: Trades): number {
    return time.reduce((sum, { length }) => sum + SYMBOL_BYTES + TRADE_BYTES * length, 0);
  }

  merge(): undefined {}
}

/** How trades are gone through. */
const IN_ORDER = {
  *[Symbol.iterator](this: Trades): Generator<Trade, void> {
    const { symbols, first, time, price, lots, side } = this;
    const all = symbols.flatMap((symbol, c) =>
      Array.from(time[c]!, (ms, n) => ({
        ...{ symbol, id: first[c]! + n, time: ms, price: price[c]![n]! },
        ...{ lots: lots[c]![n]!, side: side[c]![n]! },
      })),
    );
    yield* all.sort((a, b) => a.time - b.time);
  },
};
