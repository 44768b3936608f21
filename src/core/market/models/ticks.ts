import { exp } from '../../random/kernels.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { LogPrices } from './log-price.ts';
import { liftAt, type Spell } from './overlay.ts';

/** The logarithm of row `i` of a block is `first + (i * line + scale * path[i])`. */
export interface LogLine {
  readonly first: number;
  readonly line: number;
  readonly scale: number;
}

/**
 * Fills the rows `[from, next)` of `out`, all unless said, with the nearest whole ticks of exp(x),
 * the logarithm x turned back between the bounds. `lift` is added to it before. 6 ns each.
 */
export function fillTicks(
  out: Prices,
  path: Float64Array,
  { first, line, scale }: LogLine,
  { low, high }: LogPrices,
  from = 0,
  next = BLOCK_ROWS,
  lift = 0,
): void {
  for (let i = from; i < next; i++) {
    let x = first + (i * line + scale * path[i]!) + lift;
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
 * taken, if the others are near it and it is off the walls. Twice as fast. What is near is decided
 * before `lift`, of all rows of a stretch: what is added from some row on changes none before it.
 */
export function fillNearTicks(
  out: Prices,
  path: Float64Array,
  log: LogLine,
  logs: LogPrices,
  from = 0,
  next = BLOCK_ROWS,
  lift = 0,
): void {
  for (let i = from; i < next; ) {
    const first = i - (i % STRETCH_ROWS);
    const stop = Math.min(next, first + STRETCH_ROWS);
    const isWhole = i === first && stop === first + STRETCH_ROWS;
    const start = startOf(path, log, first);
    const isNear = isOffWalls(start + lift, logs) && (isWhole || areNear(path, log, first));
    if (!isNear || !fillStretch(out, path, log, first, i, stop, lift)) {
      fillTicks(out, path, log, logs, i, stop, lift);
    }
    i = stop;
  }
}

/**
 * As `fillNearTicks`, where what is added differs from row to row, as `spell` says; or as
 * `fillTicks`, unless `mayBeNear`. The block begins with row `start` of the market.
 */
export function fillMovedTicks(
  out: Prices,
  path: Float64Array,
  log: LogLine,
  logs: LogPrices,
  from: number,
  next: number,
  spell: Spell,
  start: number,
  mayBeNear: boolean,
): void {
  const { first, line, scale } = log;
  const { low, high } = logs;
  for (let i = from; i < next; ) {
    const at = i - (i % STRETCH_ROWS);
    const stop = Math.min(next, at + STRETCH_ROWS);
    const isNear = mayBeNear && areNear(path, log, at);
    const middle = startOf(path, log, at);
    for (; i < stop; i++) {
      let x = first + (i * line + scale * path[i]!);
      const lift = liftAt(spell, start + i, x);
      if (isNear && isOffWalls(middle + lift, logs)) {
        out[i] = Math.floor(exp(middle + lift) * seriesOf(x - middle) + 0.5);
        continue;
      }
      x += lift;
      if (x < low || x > high) x = reflect(x, low, high);
      out[i] = Math.floor(exp(x) + 0.5);
    }
  }
}

function startOf(path: Float64Array, { first, line, scale }: LogLine, from: number): number {
  return first + (from * line + scale * path[from]!);
}

function isOffWalls(start: number, { low, high }: LogPrices): boolean {
  return start - low > NEAR && high - start > NEAR;
}

/** Whether all rows of the stretch that begins at `first` are near its first one. */
function areNear(path: Float64Array, log: LogLine, first: number): boolean {
  const start = startOf(path, log, first);
  let isNear = true;
  for (let i = first; i < first + STRETCH_ROWS; i++) {
    const r = startOf(path, log, i) - start;
    if (r * r > NEAR * NEAR) isNear = false;
  }
  return isNear;
}

/** exp(r) of what is near. */
function seriesOf(r: number): number {
  return 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
}

/**
 * Fills rows of the stretch that begins at `at` from its first `exp`; whether they were near enough
 * for that.
 */
function fillStretch(
  out: Prices,
  path: Float64Array,
  { first, line, scale }: LogLine,
  at: number,
  from: number,
  next: number,
  lift: number,
): boolean {
  const start = first + (at * line + scale * path[at]!);
  const price = exp(start + lift);
  let isNear = true;

  for (let i = from; i < next; i++) {
    const r = first + (i * line + scale * path[i]!) - start;
    if (r * r > NEAR * NEAR) isNear = false;
    out[i] = Math.floor(price * seriesOf(r) + 0.5);
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
