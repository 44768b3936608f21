import type { Candles } from '../../core/history/candles.ts';
import type { SumField } from '../../core/market/fields.ts';
import { formatPrice, type Instrument } from '../../core/market/instrument.ts';
import { Moment } from './moment.ts';

/**
 * What bars, trades, quotes and books say, in the order of Alpaca's documents: by HTTP, and behind
 * their kind and symbol in streams. The venue and the conditions are those of an ordinary trade.
 */

export const EXCHANGE = 'V';
export const TRADE_CONDITION = '@';
export const QUOTE_CONDITION = 'R';
export const TAPE = 'A';

export type Item = Readonly<Record<string, unknown>>;

/** Decimals beyond those of a price that an average of prices has. */
const AVERAGE_DECIMALS = 4;

/** A price of ticks, as the number that its text says. */
export function priceOf(instrument: Instrument, ticks: number): number {
  return Number(formatPrice(instrument, ticks));
}

/** A candle, in ticks and lots. */
export interface BarValues {
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly trades: number;
  /** Each trade's price times its lots. */
  readonly notional: number | bigint;
}

/** What bars say beside their prices. */
export const BAR_FIELDS = ['volume', 'trades', 'notional'] as const satisfies readonly SumField[];

/** One of candles that were folded with `BAR_FIELDS`. */
export function barAt(instrument: Instrument, candles: Candles, n: number): Item {
  return barOf(instrument, {
    timeMs: candles.time[n]!,
    ...{ open: candles.open[n]!, high: candles.high[n]!, low: candles.low[n]! },
    ...{ close: candles.close[n]!, volume: candles.volume![n]!, trades: candles.trades![n]! },
    notional: candles.notional![n]!,
  });
}

export function barOf(instrument: Instrument, bar: BarValues): Item {
  const price = (ticks: number) => priceOf(instrument, ticks);
  const { decimals, tickSize } = instrument;
  const average = (Number(bar.notional) / bar.volume) * tickSize;
  return {
    t: new Moment(bar.timeMs),
    ...{ o: price(bar.open), h: price(bar.high), l: price(bar.low), c: price(bar.close) },
    ...{ v: bar.volume, n: bar.trades },
    vw: Number(average.toFixed(decimals + AVERAGE_DECIMALS)),
  };
}

export interface TradeValues {
  readonly number: number;
  readonly time: Moment;
  readonly price: number;
  readonly lots: number;
  /** Who came: 1 a buyer, 2 a seller. */
  readonly side: number;
}

export function tradeOf(instrument: Instrument, trade: TradeValues): Item {
  const { number: i, time: t, lots: s } = trade;
  const p = priceOf(instrument, trade.price);
  return instrument.listing.assetClass === 'stock'
    ? { t, x: EXCHANGE, p, s, c: [TRADE_CONDITION], i, z: TAPE }
    : { t, p, s, tks: trade.side === 1 ? 'B' : 'S', i };
}

/** The best prices, and what waits there. */
export interface QuoteValues {
  readonly timeMs: number;
  readonly bid: number;
  readonly bidLots: number;
  readonly ask: number;
  readonly askLots: number;
}

export function quoteOf(instrument: Instrument, quote: QuoteValues): Item {
  const t = new Moment(quote.timeMs);
  const [ap, bp] = [priceOf(instrument, quote.ask), priceOf(instrument, quote.bid)];
  const { askLots, bidLots } = quote;
  return instrument.listing.assetClass === 'stock'
    ? {
        ...{ t, ax: EXCHANGE, ap, as: askLots },
        ...{ bx: EXCHANGE, bp, bs: bidLots, c: [QUOTE_CONDITION], z: TAPE },
      }
    : { t, bp, bs: bidLots, ap, as: askLots };
}

/** What is told of a halt, by the codes of its tape. Nothing here has a reason. */
export function haltOf(timeMs: number, isHalted: boolean): Item {
  const [sc, sm] = isHalted ? ['2', 'Trading Halt'] : ['3', 'Resume'];
  return { sc, sm, rc: '', rm: '', t: new Moment(timeMs), z: TAPE };
}

/** Levels of one side of a book, `[from, next)` of lists. */
export function levelsOf(
  instrument: Instrument,
  { ticks, lots }: { readonly ticks: ArrayLike<number>; readonly lots: ArrayLike<number> },
  from: number,
  next: number,
): Item[] {
  return Array.from({ length: next - from }, (_, k) => ({
    p: priceOf(instrument, ticks[from + k]!),
    s: lots[from + k]!,
  }));
}
