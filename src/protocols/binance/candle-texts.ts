import type { Exact } from '../../core/market/exact-sum.ts';
import { type Numbers, quantityText } from './numbers.ts';

/** Candles with all their sums: of each value a list. */
export interface SummedCandles {
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume?: ArrayLike<number>;
  readonly trades?: ArrayLike<number>;
  readonly notional?: ArrayLike<Exact>;
  readonly bought?: ArrayLike<number>;
  readonly boughtNotional?: ArrayLike<Exact>;
}

/** What a candle says beside its times, written; named as messages of streams name it. */
export interface CandleTexts {
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly c: string;
  /** Lots. */
  readonly v: string;
  /** What was paid for them. */
  readonly q: string;
  /** Trades. */
  readonly n: number;
  /** Lots whose takers bought, and what was paid for those. */
  readonly V: string;
  readonly Q: string;
}

/** The nth of candles that have all their sums. */
export function candleTexts(numbers: Numbers, candles: SummedCandles, n: number): CandleTexts {
  const { open, high, low, close, volume, trades, notional, bought, boughtNotional } = candles;
  return {
    o: numbers.price(open[n]!),
    h: numbers.price(high[n]!),
    l: numbers.price(low[n]!),
    c: numbers.price(close[n]!),
    v: quantityText(volume![n]!),
    q: numbers.paid(notional![n]!),
    n: trades![n]!,
    V: quantityText(bought![n]!),
    Q: numbers.paid(boughtNotional![n]!),
  };
}

/** One in which nothing was traded, and the price stood still. */
export function flatTexts(numbers: Numbers, ticks: number): CandleTexts {
  const price = numbers.price(ticks);
  const [none, nothing] = [quantityText(0), numbers.paid(0)];
  return { o: price, h: price, l: price, c: price, v: none, q: nothing, n: 0, V: none, Q: nothing };
}
