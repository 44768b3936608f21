import type { Bar } from '../chart/window.ts';
import { type PriceFormat, priceOf } from '../price.ts';
import type { ShownZone } from '../time/zone.ts';
import { isoText } from '../url.ts';

/** Bars as CSV, oldest first: times of the zone, prices and lots as plain numbers. */
export function toCsv(
  bars: readonly Bar[],
  format: PriceFormat,
  zone: ShownZone,
  hasVolume: boolean,
): string {
  const price = (ticks: number) => priceOf(ticks, format).toFixed(format.decimals);
  const traded = (value: number | string = '') => (hasVolume ? [value] : []);
  const lines = bars.map(({ time, open, high, low, close, volume }) =>
    [isoIn(zone, time), ...[open, high, low, close].map(price), ...traded(volume)].join(','),
  );
  const names = ['time', 'open', 'high', 'low', 'close', ...traded('volume')];
  return [names.join(','), ...lines, ''].join('\n');
}

const MINUTE_MS = 60_000;

/** `2026-11-01T00:00:00-04:00`: any program reads it, and people see the day that was meant. */
function isoIn(zone: ShownZone, timeMs: number): string {
  const minutes = Math.round(zone.offsetAt(timeMs) / MINUTE_MS);
  if (minutes === 0) return isoText(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return isoText(timeMs + minutes * MINUTE_MS).replace('Z', offset);
}
