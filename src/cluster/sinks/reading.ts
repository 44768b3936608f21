import { SinkProblem } from './broker.ts';
import { idOf, parseId, type SinkMessage } from './message.ts';
import type { Since, SinkPiece, SinkSource } from './source.ts';

/** Rows that are read past one by one; behind more of them reading begins anew. */
const FAR_ROWS = 4096;

/**
 * The messages that a sink has read and that are not known to be in the stream, in order.
 *
 *     known to be in │ waiting[0] … sent … not yet sent │ to be read
 *               done ┘
 */
export class Reading {
  readonly #source: SinkSource;
  readonly #signal: AbortSignal;
  #waiting: SinkMessage[] = [];
  /** The newest message known to be in the stream; none before the first. */
  #done: SinkMessage | undefined;
  #reader: AsyncIterator<SinkPiece> | undefined;
  #stop: AbortController | undefined;
  #reads: Promise<boolean> | undefined;
  lagRows = 0;

  constructor(source: SinkSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  get waiting(): readonly SinkMessage[] {
    return this.#waiting;
  }

  /** The newest message known to be in the stream. */
  get done(): SinkMessage | undefined {
    return this.#done;
  }

  /** Begins behind `since`, if nothing was begun. */
  begin(since: Since): void {
    if (this.#reader === undefined) this.#open(since, undefined);
  }

  /** Reads more. False if there is no more: somebody has it end. */
  read(): Promise<boolean> {
    if (this.#reads === undefined) {
      this.#reads = this.#readOn();
      // What is thrown stays, for whoever reads next.
      this.#reads.then(
        () => {
          this.#reads = undefined;
        },
        () => {},
      );
    }
    return this.#reads;
  }

  /** The first `count` that wait are in the stream. */
  drop(count: number): void {
    const last = this.#waiting[count - 1];
    if (last === undefined) return;
    this.#done = last;
    this.#waiting = this.#waiting.slice(count);
  }

  /**
   * Goes on behind the message of a stream that `id` names. Throws a `SinkProblem` if that is not
   * the one that it would have published there. False if somebody has it end.
   */
  async goBehind({ id, body }: { id: string; body: Uint8Array }): Promise<boolean> {
    const said = parseId(id);
    if (said === undefined) {
      throw new SinkProblem(
        `stream must hold rows of a sink alone; given: a message of id "${id}"`,
      );
    }
    const intervalMs = await this.#source.intervalMs();
    if (this.#done !== undefined && idOf(this.#done) === id) return true;
    const first = this.#waiting[0] ?? this.#done;
    const aheadMs = first === undefined ? Number.NaN : said.time - first.time;
    const isNear = aheadMs >= 0 && aheadMs <= FAR_ROWS * intervalMs;
    // It is among those that wait, or soon will be; if not, the stream has lost what it had.
    if (isNear && (await this.#dropTo(id, said))) return this.#check(body);
    if (this.#signal.aborted) return false;
    await this.#close();
    this.#open(said.time - intervalMs, said.market);
    if (await this.#dropTo(id, said)) return this.#check(body);
    if (this.#signal.aborted) return false;
    const own = this.#waiting[0] === undefined ? 'nothing' : idOf(this.#waiting[0]);
    throw new SinkProblem(`stream must go on with what this sink has, ${own}; given: ${id}`);
  }

  /** Drops all up to the message of an id. False if that does not come where it should. */
  async #dropTo(id: string, { time }: Pick<SinkMessage, 'time'>): Promise<boolean> {
    for (;;) {
      for (const [n, message] of this.#waiting.entries()) {
        if (message.time > time) return false;
        if (idOf(message) !== id) continue;
        this.drop(n + 1);
        return true;
      }
      this.drop(this.#waiting.length);
      if (!(await this.read())) return false;
    }
  }

  /** Throws unless the message that was dropped last has this body. */
  #check(body: Uint8Array): true {
    if (Buffer.compare(this.#done!.body, body) === 0) return true;
    const rule = 'stream must hold what this sink writes, by the same symbols, fields and format';
    throw new SinkProblem(`${rule}; given: another body of ${idOf(this.#done!)}`);
  }

  /** Ends the reading. */
  async end(): Promise<void> {
    await this.#close();
  }

  #open(since: Since, market: string | undefined): void {
    this.#stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#stop.signal]);
    this.#reader = this.#source.read(since, market, signal);
  }

  async #close(): Promise<void> {
    this.#stop?.abort();
    await this.#reads?.catch(() => {});
    await this.#reader?.return?.().catch(() => {});
    this.#reader = undefined;
    this.#waiting = [];
    this.#done = undefined;
  }

  async #readOn(): Promise<boolean> {
    const { value, done } = await this.#reader!.next();
    if (done === true) return false;
    const piece = value as SinkPiece;
    this.lagRows = piece.lagRows;
    for (const message of piece.messages) this.#waiting.push(message);
    return true;
  }
}
