import { parseRows } from '../../src/wire/binary.ts';
import type { Ending } from '../helpers/frames.ts';
import { PacedReader } from '../helpers/paced-reader.ts';
import { type LoggedRows, type Oracle, RowLog } from '../helpers/row-log.ts';

export interface ReaderOptions {
  readonly port: number;
  readonly oracle: Oracle;
  /** All of the market, if not given. */
  readonly columns?: readonly number[];
  readonly sinceMs: number;
  readonly bytesPerSecond?: number;
  readonly isBinary?: boolean;
}

/** One subscription on one connection, each of its rows held against the oracle. */
export class Reader {
  readonly log: RowLog;
  /** Milliseconds from the time of the newest row of each frame to its arrival. */
  readonly latenciesMs: number[] = [];
  /** Types of the messages that were not rows, in order. */
  readonly words: string[] = [];
  readonly ended: Promise<Ending>;
  readonly #socket: PacedReader;
  #ending: Ending | undefined;
  #lastWord: string | undefined;

  constructor(options: ReaderOptions) {
    const { port, oracle, sinceMs, isBinary = false } = options;
    const { instruments } = oracle.market;
    const columns = options.columns ?? [...instruments.keys()];
    const symbols = options.columns?.map((column) => instruments[column].symbol) ?? '*';
    this.log = new RowLog(oracle, columns, sinceMs);
    this.#socket = new PacedReader({
      port,
      bytesPerSecond: options.bytesPerSecond ?? Number.POSITIVE_INFINITY,
      request: { type: 'subscribe', id: 1, symbols, since: sinceMs, market: oracle.market.id },
      subprotocol: isBinary ? 'tickwell.v1.bin' : 'tickwell.v1.json',
      onMessage: (message) => this.#take(message),
    });
    this.ended = this.#socket.ended.then((ending) => {
      this.#ending = ending;
      return ending;
    });
  }

  /** How it ended; undefined while it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get readBytes(): number {
    return this.#socket.readBytes;
  }

  readAt(bytesPerSecond: number): void {
    this.#socket.readAt(bytesPerSecond);
  }

  /** It stops to read at a message of this type, or soon after. */
  stopAfter(word: string): void {
    this.#lastWord = word;
  }

  /** Reads what was sent to it, however it ended, and answers nothing. */
  readRest(): void {
    this.#socket.mute();
    this.#socket.readAt(Number.POSITIVE_INFINITY);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(message: string | Buffer): void {
    const arrivedMs = performance.timeOrigin + performance.now();
    const rows = rowsIn(message);
    if (typeof rows === 'string') {
      this.words.push(rows);
      if (rows === this.#lastWord) this.readAt(0);
      return;
    }
    this.latenciesMs.push(arrivedMs - rows.until);
    this.log.take(rows);
  }
}

/** The rows in a message; the type of one that is not of rows. */
function rowsIn(message: string | Buffer): LoggedRows | string {
  if (typeof message !== 'string') {
    // In a buffer of its own: prices are views where they can be.
    const rows = parseRows(Uint8Array.from(message));
    if (rows === undefined) throw new Error('a binary message must be rows; given: another');
    return rows;
  }
  const fields = JSON.parse(message);
  if (fields.type === 'rows') return fields;
  return fields.type === 'error' || fields.type === 'bye'
    ? `${fields.type} ${fields.code}`
    : fields.type;
}
