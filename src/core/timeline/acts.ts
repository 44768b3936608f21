/** What entries do to one instrument, by rows. */

import { type Effect, isFor } from '../market/entries/effects.ts';
import type { Entry } from '../market/entries/entry.ts';
import type { Grid } from '../market/grid.ts';
import type { Instrument } from '../market/instrument.ts';
import { DAY_MS } from '../market/time.ts';

/** Rows `[from, next)`. */
interface Range {
  readonly from: number;
  readonly next: number;
}

/** Something that is added along a line in the rows `[from, next)`, and stays: at once if none. */
export interface Line extends Range {
  /** Percent of the price before row `at`, where it begins, or what it is a part of. */
  readonly at: number;
  readonly percent: number;
  /** As often. */
  readonly times: number;
}

export interface Factor extends Range {
  /** What is added of what the model itself moves. */
  readonly part: number;
}

export interface Halt extends Range {
  readonly isFrozen: boolean;
}

export interface Liquidity extends Range {
  readonly spread: number;
  readonly depth: number;
  readonly volume: number;
}

export interface Acts {
  readonly lines: readonly Line[];
  readonly factors: readonly Factor[];
  readonly halts: readonly Halt[];
  readonly liquidities: readonly Liquidity[];
}

/** What entries do to an instrument; undefined if it is nothing. */
export function actsOf(
  entries: readonly Entry[],
  instrument: Instrument,
  grid: Grid,
): Acts | undefined {
  const acts = { lines: [], factors: [], halts: [], liquidities: [] };
  let isAny = false;
  for (const { index, effects } of entries) {
    for (const effect of effects) {
      if (!isFor(effect.of, instrument)) continue;
      addActs(acts, effect, index + Math.ceil(effect.afterMs / grid.intervalMs), grid);
      isAny = true;
    }
  }
  return isAny ? acts : undefined;
}

/** Parts of a factor that sums of them are exact in. */
const FACTOR_PARTS = 2 ** 20;

interface Lists {
  readonly lines: Line[];
  readonly factors: Factor[];
  readonly halts: Halt[];
  readonly liquidities: Liquidity[];
}

/** Adds what an effect does that begins with row `from`. */
function addActs(
  { lines, factors, halts, liquidities }: Lists,
  effect: Effect,
  from: number,
  { intervalMs }: Grid,
): void {
  const after = (ms: number) => from + Math.max(1, Math.ceil(ms / intervalMs));
  switch (effect.kind) {
    case 'shift':
      lines.push({ from, next: from, at: from, percent: effect.percent, times: 1 });
      break;
    case 'ramp': {
      const { percent, overMs, backPercent, backOverMs } = effect;
      const turn = after(overMs);
      lines.push({ from, next: turn, at: from, percent, times: 1 });
      if (backPercent === 0) break;
      const next = turn + Math.max(1, Math.ceil(backOverMs / intervalMs));
      lines.push({ from: turn, next, at: from, percent, times: -backPercent / 100 });
      break;
    }
    case 'drift': {
      const next = after(effect.forMs);
      const times = ((next - from) * intervalMs) / DAY_MS;
      lines.push({ from, next, at: from, percent: effect.percentPerDay, times });
      break;
    }
    case 'volatility': {
      const part = Math.floor((effect.factor - 1) * FACTOR_PARTS + 0.5) / FACTOR_PARTS;
      factors.push({ from, next: after(effect.forMs), part });
      break;
    }
    case 'halt':
      halts.push({ from, next: after(effect.forMs), isFrozen: effect.resume === 'frozen' });
      break;
    case 'liquidity': {
      const { spread, depth, volume, forMs } = effect;
      liquidities.push({ from, next: after(forMs), spread, depth, volume });
      break;
    }
  }
}
