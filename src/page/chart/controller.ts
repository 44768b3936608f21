import { type Signal, signal } from '@preact/signals';
import type { MarketInfo } from '../../client/index.ts';
import { barAt, barStartMs, type Cut } from '../time/resolution.ts';
import { aim, type Place } from './aim.ts';
import { Edges, endsOpen } from './edges.ts';
import type { Palette } from './palette.ts';
import { Pane } from './pane.ts';

import type { View } from './plan.ts';
import { Stage } from './stage.ts';
import { CutOtherwise, type FetchCandles, type Tile, Tiles, type TilesOf } from './tiles.ts';
import type { Bar, BarWindow, LiveWindow } from './window.ts';

/** Painted frames that are remembered, for tests that look for jumps. */
const KEPT_FRAMES = 4_000;

export type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string };

export interface ControllerOptions {
  readonly element: HTMLElement;
  readonly market: MarketInfo;
  readonly fetchCandles: FetchCandles;
  readonly resolution: Cut;
  readonly palette: Palette;
  readonly hasVolume: boolean;
  /** Set to what the stream should bring bars for; undefined while none are wanted. */
  readonly live: Signal<LiveWindow | undefined>;
  /** The server cuts bars otherwise by the clock of the zone that is shown. */
  readonly onCutOtherwise: () => void;
}

/**
 * Where the chart looks, and the loading of what that takes: history in tiles from the server, the
 * newest bar from the stream.
 */
export class ChartController {
  readonly phase = signal<Phase>({ kind: 'loading' });
  readonly edges: Edges;
  /** As it was last painted. */
  readonly view = signal<View>({ left: 0, right: 0 });
  /** The number of the newest bar there is. */
  readonly newest = signal(0);
  readonly hovered = signal<number | undefined>(undefined);
  /** What the price axis takes of the chart. */
  readonly axisWidthPx = signal(0);
  /** Which part of bars that take long is there, from 0 to 1; undefined while none do. */
  readonly progress = signal<number | undefined>(undefined);
  /** Goes up with every change of a bar. */
  readonly changes = signal(0);
  /** The left edge in every frame that was painted, newest last. */
  readonly paintedLeft: number[] = [];
  readonly pane: Pane;

  readonly #market: MarketInfo;
  readonly #tiles: Tiles;
  readonly #onCutOtherwise: () => void;
  readonly #live: Signal<LiveWindow | undefined>;
  readonly #stage: Stage;
  #place: Place;
  #hasVolume: boolean;
  /** Whose bars the stage has; another one's while `#place` is being opened. */
  #shownColumn = -1;
  #headMs: number;
  #abort = new AbortController();
  #isOpening = false;

  constructor(options: ControllerOptions) {
    const { element, market, fetchCandles, resolution, palette } = options;
    this.#market = market;
    this.#hasVolume = options.hasVolume;
    this.#headMs = market.head;
    this.#onCutOtherwise = options.onCutOtherwise;
    this.#live = options.live;
    this.#place = { column: 0, resolution };
    this.#tiles = new Tiles(market, fetchCandles);
    this.pane = new Pane(element, resolution, palette, () => this.#painted());
    this.pane.showVolume(this.#hasVolume);
    this.#stage = new Stage(element, this.pane, resolution, market, () => this.settle());
    this.edges = new Edges(this.#stage, () => {
      this.changes.value += 1;
      queueMicrotask(() => this.settle());
    });
    this.pane.onHover((bar) => {
      this.hovered.value = bar;
    });
  }

  get window(): BarWindow {
    return this.#stage.window;
  }

  get resolution(): Cut {
    return this.#place.resolution;
  }

  get isReady(): boolean {
    return this.phase.peek().kind === 'ready';
  }

  get isLive(): boolean {
    return this.#stage.isLive;
  }

  /** Whether a hand is on the chart. */
  get isHeldByHand(): boolean {
    return this.#stage.gesture.isActive;
  }

  /** How many bars wide the view is, or will be; undefined if the chart decides. */
  get span(): number | undefined {
    return this.isReady ? this.pane.span : this.#place.span;
  }

  get oldestBar(): number {
    return barAt(this.resolution, this.#market.earliest);
  }

  get newestBar(): number {
    return barAt(this.resolution, this.#headMs);
  }

  /** The time at the right edge; undefined while the view is live. */
  get atMs(): number | undefined {
    if (!this.isReady) return this.#place.atMs;
    return this.isLive ? undefined : barStartMs(this.resolution, this.pane.view.right);
  }

  /** Show a place. What was there stays until the bars have come, unless it was something else. */
  open(place: Place): Promise<void> {
    return this.#open(place, false);
  }

  /** `isAgain` if it is what is shown already: then the view is left where it is by then. */
  async #open(place: Place, isAgain: boolean): Promise<void> {
    const { column, resolution } = place;
    const wasReady = this.isReady && this.#isSame(place);
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.edges.reset();
    const wantedSpan = place.span ?? this.span;
    this.#place = { ...place, span: wantedSpan };
    this.#isOpening = true;
    if (!wasReady) this.phase.value = { kind: 'loading' };
    this.#noteLive();

    const { symbol } = this.#market.instruments[column]!;
    this.progress.value = undefined;
    const hasVolume = this.#hasVolume;
    const load = (tiles: readonly number[]) =>
      this.#load({ symbol, resolution, hasVolume, headMs: this.#headMs, signal }, tiles);
    const edged = { oldestBar: this.oldestBar, load, signal };
    const span = this.pane.limitSpan(wantedSpan ?? this.pane.span);
    const { right, isLive, tiles: wanted } = aim(place, span, this);
    try {
      const tiles = await load(wanted);
      if (isAgain) await this.#stage.gesture.over();
      if (signal.aborted) return;
      const before = this.pane.view;
      const isAtHead = isAgain ? this.isLive : isLive;
      // A fast market has filled the last tile by now: the stream goes on from its end.
      const reachesHead = isAtHead || endsOpen(tiles.at(-1));
      this.#stage.show(resolution, tiles, reachesHead, hasVolume);
      this.#shownColumn = column;
      this.pane.setInstrument(resolution, this.#market.instruments[column]!);
      const { first, end } = this.window;
      const isThere = isAgain && before.left >= first && before.right < end - 1;
      // Bars may have been made in the meantime, and the view may have been moved.
      if (isAtHead) {
        this.#stage.draw(end - 1 + this.pane.roomBars(span), span);
      } else if (isThere) this.#stage.draw(before.right, this.pane.span);
      else this.#stage.draw(right, span);
      this.phase.value = { kind: 'ready' };
      this.changes.value += 1;
      this.edges.reset(edged);
      this.settle();
    } catch (error) {
      if (signal.aborted) return;
      if (wasReady) {
        // What is there goes on being of use.
        this.edges.reset(edged);
        this.edges.fail(() => (isAgain ? this.reload() : void this.open(place)));
      } else {
        const message = error instanceof Error ? error.message : String(error);
        this.phase.value = { kind: 'failed', message };
      }
    } finally {
      if (!signal.aborted) this.#isOpening = false;
    }
  }

  async #load(of: TilesOf, tiles: readonly number[]): Promise<readonly Tile[]> {
    try {
      return await this.#tiles.load(of, tiles, (part) => {
        if (!of.signal.aborted) this.progress.value = part;
      });
    } catch (error) {
      if (error instanceof CutOtherwise && !of.signal.aborted) this.#onCutOtherwise();
      throw error;
    } finally {
      if (!of.signal.aborted) this.progress.value = undefined;
    }
  }

  /** Try again after bars could not be loaded; nothing to do otherwise. */
  retry(): void {
    if (this.phase.peek().kind === 'failed') void this.open(this.#place);
    else this.edges.retry();
  }

  /** Show the same at another time; without one, live. */
  reopen(atMs?: number, isAgain = false): void {
    void this.#open({ ...this.#place, atMs, span: this.pane.span }, isAgain);
  }

  /** The market has rows up to `headMs`. */
  advance(headMs: number): void {
    this.#headMs = Math.max(this.#headMs, headMs);
  }

  /** Take bars of the stream, made of the rows in `(since, until]`; `paint` will show them. */
  takeBars(window: BarWindow, since: number, until: number, bars: readonly Bar[]): void {
    this.advance(until);
    if (window !== this.window || this.#stage.take(since, until, bars)) return;
    // While bars are fetched they will bring what is missing.
    if (this.isReady && !this.#isOpening && !this.edges.isResting) this.reload();
  }

  /** Says for which bars the stream is wanted. */
  #noteLive(): void {
    const { window } = this;
    const live = this.#live.peek();
    const isWanted = this.isReady && window.reachesHead;
    if (isWanted ? live?.window === window : live === undefined) return;
    this.#live.value = isWanted ? { window, column: this.#shownColumn } : undefined;
  }

  /** Show what was traded in each bar, or no longer. */
  showVolume(isShown: boolean): void {
    if (isShown === this.#hasVolume) return;
    this.#hasVolume = isShown;
    this.pane.showVolume(isShown);
    // Also without: what comes later need not bring volumes.
    if (this.isReady) this.reload();
    else void this.open(this.#place);
  }

  /** Fetch what is in view again; `isAnew` if what is remembered of it was wrong. */
  reload(isAnew = false): void {
    if (isAnew) this.#tiles.forget();
    this.reopen(this.atMs, this.isReady);
  }

  /** After anything that moved the view. */
  settle(): void {
    if (!this.isReady) return;
    this.edges.settle();
    this.#noteLive();
    if (!this.#stage.gesture.isActive) this.paint();
  }

  /** Show what the rows have changed; once per painted frame. */
  paint(): void {
    this.newest.value = this.newestBar;
    if (!this.isReady || !this.#stage.paint()) return;
    this.changes.value += 1;
  }

  /** Whether bar number `bar` is final, as far as the rows that have come tell. */
  isClosed(bar: number): boolean {
    return this.#stage.isClosed(bar);
  }

  destroy(): void {
    this.#abort.abort();
    this.#stage.destroy();
  }

  #isSame({ column, resolution }: Place): boolean {
    return column === this.#place.column && resolution.key === this.#place.resolution.key;
  }

  #painted(): void {
    const { view } = this.pane;
    if (!this.isReady || !this.#stage.hasBars) return;
    this.paintedLeft.push(view.left);
    if (this.paintedLeft.length > KEPT_FRAMES) this.paintedLeft.splice(0, KEPT_FRAMES / 2);
    const { left, right } = this.view.peek();
    const hasMoved = left !== view.left || right !== view.right;
    // Not now: the library is in the middle of drawing.
    queueMicrotask(() => {
      this.pane.showPriceLine(this.isLive);
      this.axisWidthPx.value = this.pane.axisWidthPx;
      if (hasMoved) this.view.value = view;
    });
  }
}
