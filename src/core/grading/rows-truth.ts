import { isWide } from '../history/wide-rows.ts';
import { newPrices, type Prices } from '../market/dtype.ts';
import {
  dtypeOfField,
  type Field,
  isPrice,
  isTradedField,
  newTrades,
  type Trades,
} from '../market/fields.ts';
import { BLOCK_ROWS, indexFrom, isOnGrid, timeOf } from '../market/grid.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Truth, TruthSource } from './truth.ts';

/** Values that are held at a time, of all columns: 4 to 16 MB. */
const MOST_VALUES = 2 ** 21;
/** Of wide grids each row may take a day of the model's: no more are made than are soon wanted. */
const LEAST_ROWS = 64;

/** Consecutive rows of a column: those of `[from, next)`, one list for each field. */
interface Stretch {
  from: number;
  next: number;
  readonly values: readonly Prices[];
}

/** The rows of a market, as many at a time as may be held. */
export class RowsTruth implements Truth {
  readonly what = 'rows';
  readonly timeline: Timeline;
  readonly fields: readonly Field[];
  readonly arePrices: readonly boolean[];
  readonly isShared = true;
  readonly #source: TruthSource;
  readonly #stretches: (Stretch | undefined)[] = [];
  readonly #stretchRows: number;
  /** Where blocks are made. */
  readonly #block: Prices;
  readonly #trades: Trades | undefined;

  /** `mostRows` at a time; a power of two. */
  constructor(source: TruthSource, fields: readonly Field[], mostRows = BLOCK_ROWS) {
    const { timeline, columns } = source;
    const { spec } = timeline;
    this.timeline = timeline;
    this.fields = fields;
    this.arePrices = fields.map(isPrice);
    this.#source = source;
    let rows = isWide(timeline) ? LEAST_ROWS : mostRows;
    while (rows > LEAST_ROWS && rows * columns * fields.length > MOST_VALUES) rows /= 2;
    this.#stretchRows = rows;
    this.#block = timeline.newPrices(fields.includes('last') ? BLOCK_ROWS : 0);
    this.#trades = fields.some(isTradedField) ? newTrades(spec.dtype, BLOCK_ROWS) : undefined;
  }

  placeOf(_column: number, timeMs: number): number {
    const { grid } = this.timeline;
    if (!isOnGrid(grid, timeMs)) return -1;
    const index = (timeMs - grid.originMs) / grid.intervalMs;
    return index >= 0 && index < this.#source.head() ? index : -1;
  }

  keyOf(_column: number, index: number): number {
    return timeOf(this.timeline.grid, index);
  }

  rowOf(_column: number, index: number): number {
    return index;
  }

  placesIn(_column: number, sinceMs: number, untilMs: number): readonly [number, number] {
    const { grid } = this.timeline;
    const from = Math.max(0, indexFrom(grid, sinceMs + 1));
    const next = Math.min(this.#source.head(), indexFrom(grid, untilMs + 1));
    return [from, Math.max(from, next)];
  }

  has(column: number, index: number): boolean {
    const stretch = this.#stretches[column];
    return stretch !== undefined && index >= stretch.from && index < stretch.next;
  }

  valueAt(column: number, index: number, field: number): number {
    const stretch = this.#stretches[column]!;
    return stretch.values[field][index - stretch.from];
  }

  *make(column: number, index: number): Generator<void, void, void> {
    const { timeline, fields } = this;
    const { head, made } = this.#source;
    const rows = this.#stretchRows;
    const block = Math.floor(index / BLOCK_ROWS);
    const first = block * BLOCK_ROWS;
    const at = Math.floor((index - first) / rows) * rows;
    // What is ahead of the head may still be made otherwise.
    const stop = Math.min(at + rows, head() - first);
    const stretch = this.#stretchOf(column);
    stretch.next = stretch.from;
    if (fields.includes('last')) timeline.fillBlock(this.#block, column, block, at, stop);
    if (this.#trades !== undefined) timeline.fillTrades(this.#trades, column, block, at, stop);
    for (const [f, field] of fields.entries()) {
      const out = stretch.values[f];
      if (field === 'status') timeline.fillStatus(out, 0, column, first + at, first + stop);
      else out.set((field === 'last' ? this.#block : this.#trades![field]).subarray(at, stop));
    }
    stretch.from = first + at;
    stretch.next = first + stop;
    made?.(column, stop - at);
    yield;
  }

  #stretchOf(column: number): Stretch {
    const known = this.#stretches[column];
    if (known !== undefined) return known;
    const { dtype } = this.timeline.spec;
    const values = this.fields.map((f) => newPrices(dtypeOfField(f, dtype), this.#stretchRows));
    const stretch = { from: 0, next: 0, values };
    this.#stretches[column] = stretch;
    return stretch;
  }
}
