import { type Anchor, MarketTime } from '../core/timeline/market-time.ts';
import type { Clock } from './clock.ts';

/**
 * The host's clock, and the market's time by it. Heads, `now` and what forms go by the market's;
 * deadlines, heartbeats and budgets go by the host's.
 */
export class MarketClock implements Clock {
  readonly time: MarketTime;
  readonly #host: Clock;
  readonly #changed = new Set<() => void>();
  readonly #added = new Set<() => void>();
  /** Beyond this time nobody is told it yet. */
  #heldMs = Number.POSITIVE_INFINITY;
  /** The one in force when it was last looked at. */
  #anchor: Anchor;

  constructor(host: Clock, anchors?: readonly Anchor[]) {
    this.#host = host;
    this.time = new MarketTime(anchors);
    this.#anchor = this.time.anchorAt(host.nowMs());
  }

  nowMs(): number {
    return this.#host.nowMs();
  }

  steadyMs(): number {
    return this.#host.steadyMs();
  }

  /** The market's time. */
  marketMs(): number {
    return Math.min(this.#heldMs, this.time.marketMs(this.#host.nowMs()));
  }

  /** How fast the market's time goes; 0 while it stands still. */
  get speed(): number {
    return this.time.anchorAt(this.#host.nowMs()).speed;
  }

  /** What clients are told of it, so that they know what is late and what is only slow. */
  get told(): { readonly now: number; readonly speed: number } {
    return { now: this.marketMs(), speed: this.speed };
  }

  /** How long the host has to wait for a time of the market; Infinity if it stands still. */
  untilMs(marketMs: number): number {
    return this.time.hostMs(marketMs) - this.#host.nowMs();
  }

  /** How long the host has to wait for the next change of speed; Infinity if none is known. */
  untilChangeMs(): number {
    const nowMs = this.#host.nowMs();
    const next = this.time.nextAfter(nowMs);
    return next === undefined ? Number.POSITIVE_INFINITY : next.hostMs - nowMs;
  }

  /** What so much of the market's time takes of the host's, at this speed; of a pause, as much. */
  asHostMs(marketMs: number): number {
    return marketMs / (this.speed || 1);
  }

  /** Has the market's time changed from an anchor on, which is not before the newest one. */
  add(anchor: Anchor): void {
    this.time.add(anchor);
    this.#heldMs = Number.POSITIVE_INFINITY;
    for (const added of this.#added) added();
  }

  /** Has the market's time wait at `marketMs`, while a change from there on is written down. */
  hold(marketMs: number): void {
    this.#heldMs = marketMs;
  }

  /** Has `added` called whenever an anchor is added, in force or not yet; gives the end of it. */
  onAdded(added: () => void): () => void {
    this.#added.add(added);
    return () => void this.#added.delete(added);
  }

  /** Has `changed` called whenever another anchor has come into force; gives the end of it. */
  onChange(changed: () => void): () => void {
    this.#changed.add(changed);
    return () => void this.#changed.delete(changed);
  }

  /** Tells of a change that has come into force; to be called whenever the feed is looked at. */
  look(): void {
    const anchor = this.time.anchorAt(this.#host.nowMs());
    if (anchor === this.#anchor) return;
    this.#anchor = anchor;
    for (const changed of this.#changed) changed();
  }
}
