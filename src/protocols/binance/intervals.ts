import { parseResolution, type Resolution, UNIT_MS } from '../../core/market/resolution.ts';
import { BinanceError, invalid } from './errors.ts';

/** Widths of candles, as they are called here, in words of our own where they differ. */
const INTERVALS: ReadonlyMap<string, string> = new Map(
  [
    '1s',
    '1m',
    '3m',
    '5m',
    '15m',
    '30m',
    '1h',
    '2h',
    '4h',
    '6h',
    '8h',
    '12h',
    '1d',
    '3d',
    '1w',
    '1M',
  ].map((interval) => [interval, interval.replace('M', 'mo')]),
);

/** An address says a plus sign as a space. */
const ZONE = /^([+ -]?)(\d{1,2})(?::(\d{2}))?$/;
const EARLIEST_MINUTES = -12 * 60;
const LATEST_MINUTES = 14 * 60;

/** Whether candles of such a width are known. */
export function isInterval(text: string): boolean {
  return INTERVALS.has(text);
}

/** How candles of `interval` are cut, by a clock that is so far ahead of UTC for ever. */
export function resolutionOf(interval: string, offsetMs = 0): Resolution {
  const text = INTERVALS.get(interval);
  if (text === undefined) throw new BinanceError('badInterval', 'Invalid interval.');
  return parseResolution(text, offsetMs)!;
}

/** The milliseconds of a zone such as `+5:30`, `-1:00`, `8`; nothing, where none is given. */
export function offsetOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const [, sign, hours, minutes = '0'] = ZONE.exec(text) ?? [];
  const all = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const isThere = all >= EARLIEST_MINUTES && all <= LATEST_MINUTES && Number(minutes) < 60;
  if (!isThere) throw invalid('timeZone');
  return all * UNIT_MS.m;
}
