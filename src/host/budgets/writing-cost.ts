import type { Notation } from '../../wire/notation.ts';

/** What it costs to write an answer, in the units of `cost.ts`. */

/** How rows can be written into an answer. */
export type Format = keyof typeof WRITING_COSTS;

/** Writing one price, what stands before each row of them, and what describes a column. */
const WRITING_COSTS = {
  json: { price: 60, row: 0, column: 0 },
  csv: { price: 70, row: 160, column: 0 },
  ndjson: { price: 90, row: 260, column: 0 },
  arrow: { price: 50, row: 30, column: 8000 },
  parquet: { price: 40, row: 300, column: 16_000 },
  bin: { price: 10, row: 0, column: 0 },
} as const;

/** What it adds to write a price as a decimal, and a time as text of its own. */
const DECIMAL_COST = 50;
const ISO_COST = 60;

/** Of `values` values in `rows` rows that are written otherwise than as whole numbers. */
export function notationCost({ prices, time }: Notation, rows: number, values: number): number {
  return (
    (prices === 'decimal' ? DECIMAL_COST * values : 0) + (time === 'iso' ? ISO_COST * rows : 0)
  );
}

/** Writing `rows` rows of so many columns. */
export function writingCost(format: Format, rows: number, columns: number): number {
  const { price, row, column } = WRITING_COSTS[format];
  return rows * (row + columns * price) + columns * column;
}
