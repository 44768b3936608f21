import { UNIT_MS } from '../market/resolution.ts';
import type { Rows } from '../market/rows.ts';

/** Rows of the model `market` that far apart take a day each: no more are made than are wanted. */
const WIDE_MS = 15 * UNIT_MS.m;

/** Whether rows are so far apart, and made of days, that no more are made than are wanted. */
export function isWide({ instruments, grid }: Rows): boolean {
  const hasDays = instruments.some(({ model }) => model.kind === 'market');
  return hasDays && grid.intervalMs >= WIDE_MS;
}
