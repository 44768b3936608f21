import type { BarWindow } from './window.ts';

export const TILE_BARS = 512;
/** No chart ever holds more: a million bars took 2 s and 524 MB, 10,000 took 20 ms. */
export const MOST_BARS = 10_000;
const MARGIN_TILES = 6;

/** What is in view, in bar numbers; fractions are parts of a bar. */
export interface View {
  readonly left: number;
  readonly right: number;
}

export const tileOf = (bar: number): number => Math.floor(bar / TILE_BARS);
export const tileFirst = (tile: number): number => tile * TILE_BARS;

/** How many tiles to keep on either side of a view. */
function marginTiles({ left, right }: View): number {
  const spanTiles = Math.ceil((right - left) / TILE_BARS) + 1;
  const mostTiles = Math.floor(MOST_BARS / TILE_BARS) - 2;
  return Math.max(1, Math.min(MARGIN_TILES, Math.floor((mostTiles - spanTiles) / 2)));
}

/** Fewer bars than this beside the view, and more are fetched; never more than are then kept. */
function reserveBars(view: View): number {
  const wanted = 0.6 * (view.right - view.left) + 80;
  return Math.min(wanted, marginTiles(view) * TILE_BARS);
}

/** The tile to fetch next so that the view does not run out of bars on its left. */
export function missingLeft(window: BarWindow, view: View, oldestBar: number): number | undefined {
  if (window.first <= oldestBar) return undefined;
  return view.left - window.first < reserveBars(view) ? tileOf(window.first - 1) : undefined;
}

/** The tile to fetch next so that the view does not run out of bars on its right. */
export function missingRight(window: BarWindow, view: View): number | undefined {
  if (window.reachesHead) return undefined;
  return window.end - view.right < reserveBars(view) ? tileOf(window.end) : undefined;
}

/**
 * The bars worth keeping around the view, in whole tiles; undefined while there is nothing to gain.
 * One tile of tolerance keeps a view that goes to and fro from shedding what it will want again.
 */
export function worthKeeping(window: BarWindow, view: View): View | undefined {
  const margin = marginTiles(view);
  const left = tileFirst(tileOf(view.left) - margin);
  const right = tileFirst(tileOf(view.right) + margin + 1);
  const spare = window.bars.length > MOST_BARS - 2 * TILE_BARS ? 0 : TILE_BARS;
  const isWorthIt = left - window.first > spare || window.end - right > spare;
  return isWorthIt ? { left: Math.max(left, window.first), right } : undefined;
}
