import { type CandleField, type Field, isTradedField } from '../market/fields.ts';
import type { Grid } from '../market/grid.ts';
import type { Resolution } from '../market/resolution.ts';
import { CandleRows } from './candle-rows.ts';

/** What can be followed of a market. */
export const WHATS = ['rows', 'candles', 'trades', 'depth'] as const;

export type What = (typeof WHATS)[number];

/**
 * What is read of each row: fields of columns. `wantedOf` makes it, where a request comes in. With
 * `cut` it is what candles of the rows say, as `CandlesWanted` has it.
 */
export interface Wanted {
  readonly what: What;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  /** Whether quotes or trades are among the fields, which are made of prices when they are read. */
  readonly isTraded: boolean;
  readonly cut?: Cut | undefined;
  /** Of books: the most levels a side. */
  readonly levels?: number | undefined;
  /** Of books that are not told row by row: how they are. */
  readonly telling?: Telling | undefined;
}

/** How books are told to who may miss rows, but must not miss what these have changed. */
export interface Telling {
  /** All that changed since they were told, in one; or the whole books of the newest row. */
  readonly how: 'since' | 'whole';
  /** They are told after each row whose index, plus 1, is a multiple of this. */
  readonly everyRows: number;
}

/** How candles are cut, and how often the one that forms is told. */
export interface Cut {
  readonly resolution: Resolution;
  readonly rows: CandleRows;
  /** It is told after each row whose index, plus 1, is a multiple of this. */
  readonly everyRows: number;
  /** Whether it is said what was paid in them, as `PAID_FIELDS` has it. */
  readonly isPaid: boolean;
  /** Whether those of held rows alone are told too. */
  readonly isHeldToo: boolean;
}

export function cutOf(
  grid: Grid,
  resolution: Resolution,
  everyRows: number,
  { isPaid = false, isHeldToo = true }: Partial<Pick<Cut, 'isPaid' | 'isHeldToo'>> = {},
): Cut {
  return { resolution, everyRows, isPaid, isHeldToo, rows: new CandleRows(grid, resolution) };
}

/**
 * Where a reader stands who has got all that is due when the next row is `head`: behind the last
 * row after which candles are told, or the last candle that is whole.
 */
export function dueAt({ rows, everyRows }: Cut, head: number): number {
  if (everyRows === 1) return head;
  return Math.max(head - (head % everyRows), rows.at(head).from);
}

/** The same of books. */
export function booksDueAt({ everyRows }: Telling, head: number): number {
  return head - (head % everyRows);
}

/** Candles of columns; their fields are sums beside their prices. */
export interface CandlesWanted extends Wanted {
  readonly what: 'candles';
  readonly fields: readonly CandleField[];
  readonly cut: Cut;
}

/** `fields` of `columns`, in the order that was asked for. */
export function wantedOf(fields: readonly Field[], columns: readonly number[]): Wanted {
  return { what: 'rows', fields, columns, isTraded: fields.some(isTradedField) };
}

/** Candles of `columns`, which say `fields` beside their prices. */
export function candlesWantedOf(
  fields: readonly CandleField[],
  columns: readonly number[],
  cut: Cut,
): CandlesWanted {
  return { what: 'candles', fields, columns, isTraded: fields.length > 0 || cut.isPaid, cut };
}

/** Books of columns. Their fields are the quotes that they are made of. */
export interface DepthWanted extends Wanted {
  readonly what: 'depth';
  readonly levels: number;
}

/** Books of `columns`, of up to `levels` levels a side. */
export function depthWantedOf(
  columns: readonly number[],
  levels: number,
  telling?: Telling,
): DepthWanted {
  return { what: 'depth', fields: ['bid', 'ask'], columns, isTraded: true, levels, telling };
}

export function areBooks(wanted: Wanted): wanted is DepthWanted {
  return wanted.what === 'depth';
}

/** Single trades of columns: of each row all that it has. */
export function tradesWantedOf(columns: readonly number[]): Wanted {
  return { what: 'trades', fields: [], columns, isTraded: true };
}

export function areCandles(wanted: Wanted): wanted is CandlesWanted {
  return wanted.what === 'candles';
}
