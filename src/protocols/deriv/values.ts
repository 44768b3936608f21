import { CANDLE_PRICES } from '../../core/market/candle-lists.ts';
import { formatPrice } from '../../core/market/instrument.ts';
import type { Listed } from './symbols.ts';

/** Times there are whole seconds since 1970. */
export function epochOf(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}

/** Prices in ticks. */
export interface Tick {
  readonly last: number;
  readonly bid: number;
  readonly ask: number;
}

/** The values of a tick, to the end of its message. */
export function tickText({ symbol, instrument }: Listed, epoch: number, tick: Tick): string {
  const price = (ticks: number) => formatPrice(instrument, ticks);
  const quoted = `"ask":${price(tick.ask)},"bid":${price(tick.bid)},"epoch":${epoch}`;
  const quote = `"quote":${price(tick.last)},"symbol":"${symbol}"`;
  return `${quoted},"pip_size":${instrument.decimals},${quote}}}`;
}

/**
 * The values of a candle of a stream, up to its end, which says after which row it stands so.
 * `prices` are those of `CANDLE_PRICES`, in ticks; they are texts there.
 */
export function ohlcText(
  { symbol, instrument }: Listed,
  openEpoch: number,
  prices: readonly number[],
): string {
  const texts = CANDLE_PRICES.map(
    (name, n) => `"${name}":"${formatPrice(instrument, prices[n]!)}"`,
  );
  const about = `"open_time":${openEpoch},"pip_size":${instrument.decimals},"symbol":"${symbol}"`;
  return `${texts.join()},${about}`;
}

/** The end of its message. */
export function ohlcEnd(epoch: number): string {
  return `,"epoch":${epoch}}}`;
}
