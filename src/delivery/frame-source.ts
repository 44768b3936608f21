import type { History } from '../core/history/history.ts';
import { readRows } from '../core/history/read-rows.ts';
import { areDefault } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import type { Frame } from './encoder.ts';
import type { BodyOf, FrameOf, Frames } from './frames.ts';
import type { Subscription } from './subscription.ts';

/**
 * Old prices that are read for one reader at once: as text, less than half of what `Frames` keeps.
 * Of 10,000 instruments they are 26 rows, which a full bucket pays for in any market. It fills in
 * 20 seconds: who is behind a head of seconds gets nearer.
 */
const READ_AHEAD_PRICES = 2 ** 18;

/** Values beside prices that are made into a frame in one go: a millisecond or two of work. */
const MOST_AT_ONCE = 2 ** 12;

/** What a body holds of each row, and how. */
export type BodyWanted = Pick<BodyOf, 'encoder' | 'fields' | 'columns' | 'wantedKey'>;

/** The frames of subscriptions: of what the ring holds at once, of older rows a slice at a time. */
export class FrameSource {
  readonly #history: History;
  readonly #frames: Frames;

  constructor(history: History, frames: Frames) {
    this.#history = history;
    this.#frames = frames;
  }

  /** That of the rows `[from, next)`, if it is at hand. */
  ready(subscription: Subscription, from: number, next: number): Frame | undefined {
    return this.#frames.get(this.#frameOf(subscription, from, next));
  }

  /**
   * The body of the rows `[from, next)`, which the ring holds; undefined if fields must be made, or
   * are so many that they are read a slice at a time, and paid for, as old rows are.
   */
  fromRing(wanted: BodyWanted, from: number, next: number): Uint8Array | undefined {
    const { encoder, fields, columns, wantedKey } = wanted;
    const of = { encoder, fields, columns, wantedKey, cursor: from, next };
    const kept = this.#frames.bodyOf(of);
    if (kept !== undefined) return kept;
    const isMany = fields.length * columns.length * (next - from) > MOST_AT_ONCE;
    if (!areDefault(fields)) {
      if (isMany || !this.#history.trades.has(columns, from)) return undefined;
    }
    return finish(this.#frames.encode(of, finish(readRows(this.#history, wanted, from, next))));
  }

  /**
   * How far to read at once: several frames of rows whose blocks are not kept, because there are
   * too many columns. They would be made again for each frame.
   */
  readTo({ fields, columns, rowsPerFrame }: Subscription, from: number, next: number): number {
    const { head } = this.#history;
    if (this.#history.keepsFor(fields, columns.length, from)) return next;
    const prices = rowsPerFrame * columns.length * fields.length;
    const frames = Math.floor(READ_AHEAD_PRICES / prices);
    const most = Math.floor((head - from) / rowsPerFrame);
    return Math.max(next, from + rowsPerFrame * Math.min(frames, most));
  }

  /** That of the rows `[from, next)`; the bodies of those behind it, up to `end`, are kept. */
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
    const { id, fields, columns, wantedKey, connection } = subscription;
    const { head } = this.#history;
    return { encoder: connection.encoder, id, fields, columns, wantedKey, cursor, next, head };
  }
}
