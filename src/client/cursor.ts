import type { Field, HelloMessage, SkippedMessage, SubscribedMessage } from '../wire/messages.ts';
import type { RowsFrame } from './decode.ts';
import { type AnyRows, Rows, type Skipped } from './rows.ts';
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
  #symbols: readonly string[] = [];
  #fields: readonly Field[] = ['last'];
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

  /** The server's answer to a subscription: what its rows will be. */
  begin({ since, symbols, fields = ['last'] }: SubscribedMessage): CursorMismatch | undefined {
    this.startMs ??= since;
    if (typeof this.since === 'string') this.since = since;
    this.#symbols = symbols;
    this.#fields = fields;
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

  /** The rows of a frame, for the application, with the cursor moved behind them; or a mismatch. */
  take({ since, until, lag, values }: RowsFrame): AnyRows | CursorMismatch {
    const mismatch = this.mismatchAt(since);
    if (mismatch !== undefined) return mismatch;
    const [symbols, interval] = [this.#symbols, this.intervalMs];
    const rows = (until - since) / interval;
    const isWhole = this.#fields.every((field) => {
      const columns = values[field];
      return columns?.length === symbols.length && columns.every((c) => c.length === rows);
    });
    if (!isWhole) return 'misshapen';
    const skipped = this.#skipped;
    // What holds no row is not handed over, and so announces nothing.
    if (rows > 0) this.#skipped = undefined;
    this.since = until;
    this.counters.rows += rows;
    this.counters.rowsRestored += this.#rowsIn(since, Math.min(until, this.#missedUntilMs));
    this.headMs = Math.max(this.headMs, until + lag * interval);
    const taken = { since, until, lag, symbols, interval, values };
    return new Rows(skipped === undefined ? taken : { ...taken, skipped });
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
