import type { HelloMessage, SkippedMessage, SubscribedMessage } from '../wire/messages.ts';
import type { Around, Batch, Frame } from './kind.ts';
import type { Skipped } from './rows.ts';
import { noCounters } from './state.ts';

/** What is wrong with a message: it begins too late, too early, or is not what it says. */
export type CursorMismatch = 'gap' | 'duplicate' | 'misshapen';

/**
 * How far a reader is: complete up to `since`, whatever connections came and went.
 *
 * It takes only what begins exactly there, so it never skips a row and never takes one twice.
 */
export class Cursor {
  /** A time, or the text of one (also `now`) until the server has said which time that is. */
  since: number | string;
  /** The time that it began with; undefined until known. */
  startMs: number | undefined;
  /** Time of the newest row that the server is known to have. */
  headMs = 0;
  readonly counters = noCounters();
  intervalMs = 1;
  #connections = 0;
  #skipped: Skipped | undefined;
  #missedUntilMs = 0;

  constructor(since: number | string) {
    this.since = since;
    if (typeof since === 'number') this.startMs = since;
  }

  /** There is a connection: what was missed meanwhile ends at the server's head. */
  connected({ head, interval }: HelloMessage): void {
    this.headMs = head;
    this.intervalMs = interval;
    this.counters.reconnects = this.#connections++;
    if (this.#connections > 1) this.#missedUntilMs = head;
  }

  /** The server's answer to a subscription. */
  begin({ since }: SubscribedMessage): CursorMismatch | undefined {
    this.startMs ??= since;
    if (typeof this.since === 'string') this.since = since;
    return this.mismatchAt(since);
  }

  /** Rows between `since` and the head. */
  get lagRows(): number {
    return typeof this.since === 'string' ? 0 : this.#rowsIn(this.since, this.headMs);
  }

  /** How many rows are in `(since, until]`; never negative. */
  #rowsIn(since: number, until: number): number {
    return Math.max(0, Math.round((until - since) / this.intervalMs));
  }

  /** What is wrong with a message that begins at `since`; it is counted. */
  mismatchAt(since: number): CursorMismatch | undefined {
    if (since === this.since) return undefined;
    const isGap = since > Number(this.since);
    this.counters[isGap ? 'gaps' : 'duplicates'] += 1;
    return isGap ? 'gap' : 'duplicate';
  }

  /** What `read` makes of a frame, with the cursor moved behind it; or a mismatch. */
  take<Made extends Batch>(
    frame: Frame,
    read: (frame: Frame, around: Around) => Made | undefined,
  ): Made | CursorMismatch {
    const { since, until, lag } = frame;
    const mismatch = this.mismatchAt(since);
    if (mismatch !== undefined) return mismatch;
    const interval = this.intervalMs;
    const rows = (until - since) / interval;
    // Not every kind of frame says how many rows it tells of: at least it ends at one. Whoever
    // reads it may keep what it says, so this comes first.
    const isOne = Number.isInteger(rows) && rows >= 0 && lag >= 0;
    const made = isOne ? read(frame, { interval, skipped: this.#skipped }) : undefined;
    if (made === undefined) return 'misshapen';
    // What holds no row is not handed over, and so announces nothing.
    if (rows > 0) this.#skipped = undefined;
    this.since = until;
    this.counters.rows += rows;
    this.counters.rowsRestored += this.#rowsIn(since, Math.min(until, this.#missedUntilMs));
    this.headMs = Math.max(this.headMs, until + lag * interval);
    return made;
  }

  /** Move behind rows that will not be sent; the next rows taken announce them. */
  skip({ since, until, rows }: SkippedMessage): CursorMismatch | undefined {
    const mismatch = this.mismatchAt(since);
    if (mismatch !== undefined) return mismatch;
    if (rows !== (until - since) / this.intervalMs) return 'misshapen';
    const { since: from, rows: before } = this.#skipped ?? { since, rows: 0 };
    this.#skipped = { since: from, until, rows: before + rows };
    this.since = until;
    this.counters.rowsSkipped += rows;
    return undefined;
  }
}
