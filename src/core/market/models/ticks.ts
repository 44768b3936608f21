import { exp } from '../../random/kernels.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { LogPrices } from './log-price.ts';

/**
 * Fills the rows `[from, next)` of `out`, all unless said, with the nearest whole ticks of
 * exp(first + i * line + scale * path[i]), the exponent reflected between the bounds. 6 ns each.
 */
export function fillTicks(
  out: Prices,
  path: Float64Array,
  first: number,
  line: number,
  scale: number,
  { low, high }: LogPrices,
  from = 0,
  next = BLOCK_ROWS,
): void {
  for (let i = from; i < next; i++) {
    let x = first + (i * line + scale * path[i]!);
    if (x < low || x > high) x = reflect(x, low, high);
    out[i] = Math.floor(exp(x) + 0.5);
  }
}

/** Rows whose exponents are looked at as one. */
const STRETCH_ROWS = 64;
/** Closer than this, exp(r) is six terms of its series, within 1e-15. */
const NEAR = 1 / 128;

/**
 * The same, where exponents hardly move: of each `STRETCH_ROWS` rows only the first one's `exp` is
 * taken, if the others are near it and all are off the walls. Twice as fast.
 */
export function fillNearTicks(
  out: Prices,
  path: Float64Array,
  first: number,
  line: number,
  scale: number,
  logs: LogPrices,
): void {
  const { low, high } = logs;

  for (let from = 0; from < BLOCK_ROWS; from += STRETCH_ROWS) {
    const start = first + (from * line + scale * path[from]!);
    const isOffWalls = start - low > NEAR && high - start > NEAR;
    if (isOffWalls && fillStretch(out, path, from, first, line, scale, start)) continue;
    fillTicks(out, path, first, line, scale, logs, from, from + STRETCH_ROWS);
  }
}

/** Fills one stretch from exp(start); whether all of it was near enough for that. */
function fillStretch(
  out: Prices,
  path: Float64Array,
  from: number,
  first: number,
  line: number,
  scale: number,
  start: number,
): boolean {
  const price = exp(start);
  let isNear = true;

  for (let i = from; i < from + STRETCH_ROWS; i++) {
    const r = first + (i * line + scale * path[i]!) - start;
    if (r * r > NEAR * NEAR) isNear = false;
    const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
    out[i] = Math.floor(price * series + 0.5);
  }

  return isNear;
}

/** `x` turned back at `low` and `high` as often as it takes. */
export function reflect(x: number, low: number, high: number): number {
  const width = high - low;
  if (width <= 0) return low;
  let y = (x - low) % (2 * width);
  if (y < 0) y += 2 * width;
  return low + (y <= width ? y : 2 * width - y);
}
