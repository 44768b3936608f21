import type { Bar } from '../chart/window.ts';
import { type PriceFormat, priceOf } from '../price.ts';
import { isoText } from '../url.ts';

/** Bars as CSV, oldest first: times in UTC, prices as plain numbers. */
export function toCsv(bars: readonly Bar[], format: PriceFormat): string {
  const price = (ticks: number) => priceOf(ticks, format).toFixed(format.decimals);
  const lines = bars.map(({ time, open, high, low, close }) =>
    [isoText(time), price(open), price(high), price(low), price(close)].join(','),
  );
  return ['time,open,high,low,close', ...lines, ''].join('\n');
}
