import type { History } from '../core/history/history.ts';
import { readRows } from '../core/history/read-rows.ts';
import type { Wanted } from '../core/history/wanted.ts';
import { areJustPrices } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import type { Frame } from './encoder.ts';
import type { BodyOf, FrameOf, Frames } from './frames.ts';
import type { Subscription } from './subscription.ts';

/**
 * The most old prices that are read for one reader at once: as text, less than half of what
 * `Frames` keeps. Of 10,000 instruments they are 26 rows. A full bucket of work pays for these in
 * any market, and fills again in 20 seconds. So a late reader of a row a second catches up.
 */
const READ_AHEAD_PRICES = 2 ** 18;

/** The most values beside prices that become a frame in one go: one or two ms of work. */
const MOST_AT_ONCE = 2 ** 12;

/** What a body holds of each row, and how. */
export type BodyWanted = Wanted & Pick<BodyOf, 'encoder' | 'wantedKey'>;

/** Frames for subscriptions: at once of what the ring holds, a slice at a time of older rows. */
export class FrameSource {
  readonly #history: History;
  readonly #frames: Frames;

  constructor(history: History, frames: Frames) {
    this.#history = history;
    this.#frames = frames;
  }

  /** The frame of the rows `[from, next)`, if it is at hand. */
  ready(subscription: Subscription, from: number, next: number): Frame | undefined {
    return this.#frames.get(this.#frameOf(subscription, from, next));
  }

  /**
   * The body of the rows `[from, next)`, which the ring holds. Undefined if fields must be made, or
   * are too many: then the rows are paid for and read a slice at a time, as old rows are.
   */
  fromRing(wanted: BodyWanted, from: number, next: number): Uint8Array | undefined {
    const { encoder, fields, columns, isTraded, wantedKey } = wanted;
    const of = { encoder, fields, columns, wantedKey, cursor: from, next };
    const kept = this.#frames.bodyOf(of);
    if (kept !== undefined) return kept;
    // What needs no making is no more than a frame, if not of one row.
    if (isMany(wanted, isTraded ? next - from : 1)) return undefined;
    if (isTraded && !this.#history.trades.has(columns, from)) return undefined;
    return finish(this.#frames.encode(of, finish(readRows(this.#history, wanted, from, next))));
  }

  /** Whether the next row will be at hand when the head moves: nothing of it must be made. */
  isPrompt(wanted: Wanted): boolean {
    return !wanted.isTraded && !isMany(wanted, 1);
  }

  /**
   * How far to read at once. Blocks of too many columns are not kept, and would be made again for
   * each frame: so several frames of them are read at once.
   */
  readTo(subscription: Subscription, from: number, next: number): number {
    const { fields, columns, rowsPerFrame } = subscription;
    const head = Math.min(this.#history.head, this.#history.timeline.nextChange(from));
    if (this.#history.keepsFor(subscription, from)) return next;
    const prices = rowsPerFrame * columns.length * fields.length;
    const frames = Math.floor(READ_AHEAD_PRICES / prices);
    const most = Math.floor((head - from) / rowsPerFrame);
    return Math.max(next, from + rowsPerFrame * Math.min(frames, most));
  }

  /** The frame of the rows `[from, next)`; bodies of the rows `[next, end)` are kept for later. */
  *read(
    subscription: Subscription,
    from: number,
    next: number,
    end: number,
  ): Generator<void, Frame, void> {
    const { rowsPerFrame } = subscription;
    const values = yield* readRows(this.#history, subscription, from, end);
    const rowsOf = (index: number, to: number) => values.sliceRows(index - from, to - from);
    for (let index = next; index < end; index += rowsPerFrame) {
      const to = Math.min(end, index + rowsPerFrame);
      yield* this.#frames.encode(this.#frameOf(subscription, index, to), rowsOf(index, to));
      yield;
    }
    const body = yield* this.#frames.encode(
      this.#frameOf(subscription, from, next),
      rowsOf(from, next),
    );
    return this.#frames.frameOf(this.#frameOf(subscription, from, next), body);
  }

  #frameOf(subscription: Subscription, cursor: number, next: number): FrameOf {
    const { id, fields, columns, wantedKey, group } = subscription;
    const { head } = this.#history;
    return { encoder: group.encoder, id, fields, columns, wantedKey, cursor, next, head };
  }
}

/** Whether so many rows are more than becomes a frame in one go; prices alone never are. */
function isMany({ fields, columns }: Wanted, rows: number): boolean {
  return !areJustPrices(fields) && fields.length * columns.length * rows > MOST_AT_ONCE;
}
