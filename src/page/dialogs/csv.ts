import type { Bar } from '../chart/window.ts';
import { type PriceFormat, priceOf } from '../price.ts';
import { isoText } from '../url.ts';

/** Bars as CSV, oldest first: times in UTC, prices and lots as plain numbers. */
export function toCsv(bars: readonly Bar[], format: PriceFormat, hasVolume: boolean): string {
  const price = (ticks: number) => priceOf(ticks, format).toFixed(format.decimals);
  const traded = (value: number | string = '') => (hasVolume ? [value] : []);
  const lines = bars.map(({ time, open, high, low, close, volume }) =>
    [isoText(time), ...[open, high, low, close].map(price), ...traded(volume)].join(','),
  );
  const names = ['time', 'open', 'high', 'low', 'close', ...traded('volume')];
  return [names.join(','), ...lines, ''].join('\n');
}
