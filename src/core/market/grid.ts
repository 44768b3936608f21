/** The time raster of a market: row `index` stands at `originMs + index * intervalMs`. */
export interface Grid {
  readonly originMs: number;
  readonly intervalMs: number;
}

/** Rows that are generated together. */
export const BLOCK_ROWS = 2 ** 14;
/** Blocks whose totals are settled together: an era, 2^24 rows. */
export const ERA_BLOCKS = 2 ** 10;
export const ERA_ROWS = ERA_BLOCKS * BLOCK_ROWS;
/** The most rows a market can have: 2,231 years of milliseconds. Blocks are then 32-bit numbers. */
export const MAX_ROWS = 2 ** 46;

/** How many rows are due at `nowMs`; also the index of the next row. Never negative. */
export function headAt(grid: Grid, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - grid.originMs) / grid.intervalMs) + 1);
}

/** The time of row `index`, in milliseconds since the Unix epoch. */
export function timeOf(grid: Grid, index: number): number {
  return grid.originMs + index * grid.intervalMs;
}

/**
 * What is passed as `since` to go on with row `cursor`: the time of the row before it. For the
 * cursor behind some rows, it is also their `until`.
 */
export function sinceOf(grid: Grid, cursor: number): number {
  return timeOf(grid, cursor - 1);
}

/** The index of the first row at or after `timeMs`; negative before the origin. */
export function indexFrom(grid: Grid, timeMs: number): number {
  return Math.ceil((timeMs - grid.originMs) / grid.intervalMs);
}

/** Whether a row stands at `timeMs`, on the grid continued in both directions. */
export function isOnGrid(grid: Grid, timeMs: number): boolean {
  return (timeMs - grid.originMs) % grid.intervalMs === 0;
}
