import type { Market } from '../core/market/market.ts';
import { parseTime } from '../core/market/time.ts';
import { UsageError } from './config.ts';

/** The columns that `symbols` names: with commas between, `*` for all. */
export function columnsOf(market: Market, symbols: string): readonly number[] {
  if (symbols === '*') return market.instruments.map((_, column) => column);
  const names = symbols.split(',');
  return names.map((symbol, n) => {
    const column = market.columnOf(symbol);
    if (column === undefined) {
      throw new UsageError([`symbols must be in the market, or *; given: ${symbol}`]);
    }
    if (names.indexOf(symbol) !== n) {
      throw new UsageError([`symbols must differ; given twice: ${symbol}`]);
    }
    return column;
  });
}

/** Milliseconds since the Unix epoch of a time that an option names. */
export function timeMsOf(field: string, text: string): number {
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : parseTime(text);
  if (ms !== undefined) return ms;
  throw new UsageError([
    `${field} must be RFC 3339 text with a zone, a date, or ms since 1970; given: ${text}`,
  ]);
}
