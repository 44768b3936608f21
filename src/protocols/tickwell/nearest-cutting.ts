import { formatDuration, parseResolution, UNIT_MS } from '../../core/market/resolution.ts';

/** What was probably meant by a wrong width or offset. */

/** The nearest width to `text` that a market of this interval has candles of, if one is near. */
export function nearestWidth(text: string, intervalMs: number): string | undefined {
  const plain = parseResolution(text);
  if (plain !== undefined) return formatDuration(intervalMs);
  const [, number = '', unit = ''] =
    /^\s*(\d{0,12}(?:\.\d{1,3})?)\s*(ms|s|m|h|d|w|mo|y)?\s*$/i.exec(text) ?? [];
  const unitMs = UNIT_MS[unit.toLowerCase() as keyof typeof UNIT_MS];
  if (number === '' && unit === '') return undefined;
  // Charts count minutes where they name no unit.
  if (unit === '') return fitting(`${Math.round(Number(number))}m`, intervalMs);
  if (number === '') return fitting(`1${unit.toLowerCase()}`, intervalMs);
  if (unitMs === undefined) return Number(number) >= 1 ? '10y' : `1${unit.toLowerCase()}`;
  const ms = Math.round(Number(number) * unitMs);
  if (ms > 520 * UNIT_MS.w) return '520w';
  return fitting(formatDuration(Math.max(ms, 1)), intervalMs);
}

function fitting(text: string, intervalMs: number): string {
  const width = parseResolution(text);
  return width === undefined || width.ms < intervalMs ? formatDuration(intervalMs) : text;
}

const MOST_MINUTES = 24 * 60 - 1;

/** The offset that `-05:00`, `UTC+5`, `+0530` or `5` stands for; the nearest to one too far. */
export function nearestOffset(text: string): string | undefined {
  const [, sign, hours, minutes = '0'] =
    /^\s*(?:UTC|GMT)?\s*([+-]?)\s*(\d{1,2})(?::?(\d{2}))?\s*h?\s*$/i.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const all = Math.min(Number(hours) * 60 + Number(minutes), MOST_MINUTES);
  const rest = all % 60 === 0 ? '' : `${all % 60}m`;
  return `${sign === '-' ? '-' : ''}${Math.floor(all / 60)}h${rest}`;
}
