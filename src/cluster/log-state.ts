import { type Grid, headAt, MAX_ROWS } from '../core/market/grid.ts';
import { MarketTime } from '../core/timeline/market-time.ts';
import { turnOf, unknownLine, withAnchor } from '../host/control/life.ts';
import { type LogLine, WrongLog } from '../host/control/log-lines.ts';
import { MOST_LEAD_MS } from './lead.ts';
import {
  type Ahead,
  firstHash,
  hashOf,
  readMessage,
  type Sealed,
  type SealSaid,
} from './log-message.ts';

/** A message, as the log has it: the same for all who read it. */
export interface LogMessage {
  /** Its number, from 1 on; each is one more, and of seals only the newest is kept. */
  readonly seq: number;
  /** When the broker took it, by its clock. */
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

/** What was read. */
export type Read =
  /** Something that was read before. */
  | { readonly kind: 'known' }
  /** What was done. */
  | { readonly kind: 'line'; readonly line: LogLine }
  /** How far rows may be made; `isCut` if whoever wrote it wanted more. */
  | { readonly kind: 'seal'; readonly by: string; readonly isCut: boolean };

/**
 * The log is not the one that was read before: something of it was lost or replaced, or was written
 * by who did not know it. Rows that were made by it may be others elsewhere.
 */
export class LogDiverged extends Error {
  override readonly name = 'LogDiverged';
  readonly code = 'log_diverged';
}

/**
 * What a log says, message by message; the same to all who read the same.
 *
 *     seal 90 ── entry at 95 ── entry at 90 ── seal 120 ── …
 *                └─ no entry behind a seal is for a row before it
 *
 * Every message says which one it came behind, and the hash of all entries before it. So whoever
 * reads one knows that he has read what its author had, whatever happened to the log between.
 */
export class LogState {
  readonly #grid: Grid;
  #seq = 0;
  #count = 0;
  #hash: string;
  #seal: Sealed = { hostMs: 0, index: 0 };
  #newest: Uint8Array | undefined;
  #time: MarketTime | undefined;

  /** Of a market by its id. */
  constructor(grid: Grid, market: string) {
    this.#grid = grid;
    this.#hash = firstHash(market);
  }

  /** What the next message has ahead of it. */
  get ahead(): Ahead {
    return { behind: this.#seq, hash: this.#hash };
  }

  /** Entries that were read: the place of the next one. */
  get count(): number {
    return this.#count;
  }

  get seal(): Sealed {
    return this.#seal;
  }

  /** How the market's time goes. */
  get time(): MarketTime {
    return this.#time ?? new MarketTime();
  }

  /** The row of the market that is due first after a time of the host. */
  dueAt(hostMs: number): number {
    return Math.min(MAX_ROWS, headAt(this.#grid, this.time.marketMs(hostMs)));
  }

  /**
   * Reads the next message. Throws `LogDiverged` on one of another log, and `WrongLog` on one that
   * this version does not know.
   */
  read({ seq, timeMs, bytes }: LogMessage): Read {
    if (seq <= this.#seq) return { kind: 'known' };
    const said = readMessage(bytes);
    if (said === undefined) throw unknownMessage(seq, bytes);
    if (said.behind !== seq - 1) {
      const place = `it was to be behind message ${said.behind}`;
      throw new LogDiverged(`message ${seq} of the log is not where it was written: ${place}`);
    }
    if (said.hash !== this.#hash) {
      const rule = `hash ${said.hash} of all entries before it`;
      throw new LogDiverged(`message ${seq} of the log has ${rule}, and ${this.#hash} was read`);
    }
    this.#seq = seq;
    if ('seal' in said) return this.#readSeal(said.seal, timeMs);
    this.#readLine(said.line, seq);
    this.#count += 1;
    this.#hash = hashOf(this.#hash, bytes);
    this.#newest = bytes;
    return { kind: 'line', line: said.line };
  }

  /**
   * Whether a log that is come back to is the same, by its newest entry that was read, as it has it
   * now. Throws `LogDiverged` if that is another one.
   */
  knows(entry: Uint8Array | undefined, lastSeq: number): boolean {
    if (lastSeq < this.#seq) return false;
    if (this.#newest === undefined) return true;
    if (entry === undefined) return false;
    if (Buffer.compare(entry, this.#newest) === 0) return true;
    throw new LogDiverged(`entry ${this.#count} of the log is another one than was read`);
  }

  #readSeal({ hostMs, leadMs, after, by }: SealSaid, timeMs: number): Read {
    // Who reads it first has not seen what was sealed before; all others have, and know the same.
    if (after.index < this.#seal.index) {
      const problem = `its author knew of ${after.index} sealed rows`;
      throw new LogDiverged(`of the log ${this.#seal.index} rows were sealed, and ${problem}`);
    }
    // One clock an hour ahead would seal that hour for everybody.
    const mostMs = timeMs + 2 * Math.min(leadMs, MOST_LEAD_MS);
    const sealedMs = Math.max(after.hostMs, Math.min(hostMs, mostMs));
    const index = Math.max(after.index, this.dueAt(sealedMs));
    this.#seal = { hostMs: sealedMs, index };
    return { kind: 'seal', by, isCut: hostMs > mostMs };
  }

  #readLine(line: LogLine, seq: number): void {
    const { entry, clock } = line as Record<string, { readonly index?: unknown } | undefined>;
    const { index } = entry ?? clock ?? {};
    if (!Number.isSafeInteger(index)) throw unknownLine(line);
    if ((index as number) < this.#seal.index) {
      const sealed = `rows before ${this.#seal.index} were sealed`;
      throw new LogDiverged(`message ${seq} of the log is for row ${index}, and ${sealed}`);
    }
    if (clock !== undefined) this.#time = withAnchor(this.#time, turnOf(line).anchor, line);
  }
}

function unknownMessage(seq: number, bytes: Uint8Array): WrongLog {
  const { message } = unknownLine(Buffer.from(bytes).toString());
  return new WrongLog(`message ${seq}: ${message}`);
}
