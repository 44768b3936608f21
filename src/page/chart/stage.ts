import type { MarketInfo } from '../../client/index.ts';
import { barEndMs, type Cut } from '../time/resolution.ts';
import { Gesture } from './gesture.ts';
import type { Pane } from './pane.ts';
import { MOST_BARS, TILE_BARS, worthKeeping } from './plan.ts';
import type { Tile } from './tiles.ts';
import { type Bar, BarWindow } from './window.ts';

/** Bars that arrive one by one are drawn one by one; a longer row of them is drawn afresh. */
const MOST_DRAWN_SINGLY = 16;

/**
 * The window of bars and the picture of it, kept together.
 *
 * The window is always up to date. The picture may lag behind it on the right while a gesture
 * lasts, and catches up when the hand has left.
 */
export class Stage {
  readonly pane: Pane;
  readonly gesture: Gesture;
  window: BarWindow;
  readonly #intervalMs: number;
  /** Before the market's first row: up to then, everything holds every row. */
  readonly #startMs: number;
  #isDirty = false;

  constructor(
    element: HTMLElement,
    pane: Pane,
    resolution: Cut,
    { interval, origin }: Pick<MarketInfo, 'interval' | 'origin'>,
    settle: () => void,
  ) {
    this.pane = pane;
    this.#intervalMs = interval;
    this.#startMs = origin - interval;
    this.window = new BarWindow(resolution, 0, [], false, this.#startMs);
    this.gesture = new Gesture(element, settle);
    pane.onMove(() => {
      if (!pane.isPlaced) this.gesture.coast();
      // The library is in the middle of a frame: change its bars after that.
      queueMicrotask(settle);
    });
  }

  get hasBars(): boolean {
    return this.window.bars.length > 0;
  }

  /** Whether the newest bar is in view: then the picture moves on with it. */
  get isLive(): boolean {
    return this.window.reachesHead && this.pane.view.right >= this.pane.end - 1.5;
  }

  /** Show these tiles, which follow one another, and nothing else. */
  show(resolution: Cut, tiles: readonly Tile[], reachesHead: boolean, hasVolume: boolean): void {
    const [first] = tiles;
    const bars = tiles.flatMap((tile) => tile.bars);
    const firstBar = tiles.find((tile) => tile.bars.length > 0)?.first ?? first?.first ?? 0;
    const until = tiles.findLast((tile) => tile.until !== undefined)?.until ?? this.#startMs;
    this.window = new BarWindow(resolution, firstBar, bars, reachesHead, until, hasVolume);
    this.#isDirty = false;
  }

  /** Draw the whole window, with its right edge at bar `right`. */
  draw(right: number, span?: number): void {
    this.pane.replace(this.window.first, this.window.bars, right, span);
  }

  /** Put an older tile in front. The view counts from the right, so a gesture does not notice. */
  addLeft(tile: Tile): boolean {
    if (!this.window.prepend(tile.first, tile.bars)) return false;
    const drawn = this.window.bars.slice(0, this.pane.end - this.window.first);
    this.pane.replace(this.window.first, drawn);
    return true;
  }

  /** Put a newer tile behind; the view stays where it is. */
  addRight(tile: Tile, reachesHead: boolean): boolean {
    const { right } = this.pane.view;
    const first = tile.bars.length === 0 ? this.window.end : tile.first;
    if (!this.window.append(first, tile.bars, reachesHead, tile.until)) return false;
    this.draw(right);
    return true;
  }

  /**
   * Take bars of the stream, as they are with all rows up to `until`. False if rows are missing in
   * between: they must be asked for.
   */
  take(since: number, until: number, bars: readonly Bar[]): boolean {
    const isWhole = this.window.take(since, until, bars);
    this.#isDirty = true;
    if (this.window.bars.length > MOST_BARS) this.#bound();
    return isWhole;
  }

  /** Whether bar number `bar` of the window is final. */
  isClosed(bar: number): boolean {
    const { reachesHead, resolution, until } = this.window;
    return !reachesHead || until + this.#intervalMs >= barEndMs(resolution, bar);
  }

  /** Nobody looks, as in a hidden tab: rows go on, and nothing is painted that would shed bars. */
  #bound(): void {
    const { window, pane } = this;
    if (this.isLive) window.keep(window.end - MOST_BARS + 2 * TILE_BARS, window.end);
    else window.keep(window.first, pane.end);
  }

  /** Draw what the rows have changed; new bars wait for the end of a gesture. True if drawn. */
  paint(): boolean {
    if (!this.#isDirty) return false;
    const { pane, window } = this;
    const added = window.end - pane.end;
    if (added > 0 && this.gesture.isActive) return false;
    this.#isDirty = false;
    const { right } = pane.view;
    const moved = this.isLive ? right + added : right;
    if (pane.isEmpty) {
      this.draw(window.end - 1 + pane.roomBars(pane.span));
      return true;
    }
    if (added < 0 || added > MOST_DRAWN_SINGLY || pane.end <= window.first) {
      this.draw(moved);
      return true;
    }
    for (let bar = pane.end - 1; bar < window.end; bar++) {
      pane.update(window.at(bar)!, bar >= pane.end);
    }
    if (added > 0) pane.place(moved);
    return true;
  }

  /** Room for another tile, made if need be. False while a gesture forbids it. */
  makeRoom(): boolean {
    if (this.window.bars.length + TILE_BARS <= MOST_BARS) return true;
    if (this.gesture.isActive) return false;
    this.shed();
    return this.window.bars.length + TILE_BARS <= MOST_BARS;
  }

  /** Let go of the bars far from the view. */
  shed(): void {
    const { right, left } = this.pane.view;
    const kept = worthKeeping(this.window, { left, right });
    if (kept === undefined) return;
    this.window.keep(kept.left, kept.right);
    this.draw(right);
  }

  destroy(): void {
    this.gesture.destroy();
    this.pane.destroy();
  }
}
