import type { Logger } from 'pino';
import { MAX_ROWS } from '../../core/market/grid.ts';
import type { ControlLog } from './control-log.ts';

/** How often a line marks how far rows may be given. */
const MARK_MS = 10_000;
/** So long before rows need it: a disk that takes longer makes them wait. */
const EARLY_MS = 2000;

export interface Marking {
  /** None: nothing is marked, and all rows may be given. */
  readonly log: ControlLog | undefined;
  /** The mark of the life before: rows up to there may have been given then. */
  readonly floor: number;
  /** The rows that are due when so much of the host's time has passed. */
  readonly rowsIn: (ms: number) => number;
  /** The first row that nobody was given. */
  readonly next: () => number;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * How far rows may be given, as the log has it: no entry of a later life takes effect before.
 *
 *     given ──── next ──────── mark
 *                └─ 12 s of rows, less those of 10 s at most
 */
export class Marks {
  readonly #marking: Marking;
  #mark: number;
  #isMarking = false;
  #isWarned = false;
  #turn: Promise<void> = Promise.resolve();
  #count = 0;

  constructor(marking: Marking) {
    this.#marking = marking;
    this.#mark = marking.log === undefined ? MAX_ROWS : marking.floor;
  }

  /** Rows before this one may be given. */
  get until(): number {
    return this.#mark;
  }

  /** How many were written in this life. */
  get count(): number {
    return this.#count;
  }

  /** Marks the first rows. */
  async begin(): Promise<void> {
    if (this.#marking.rowsIn(0) > this.#mark) await this.#inTurn(() => this.#raise());
  }

  /** Marks what is due soon, and calls `released` when it may be given. */
  look(released: () => void): void {
    if (this.#isMarking || this.#marking.rowsIn(EARLY_MS) <= this.#mark) return;
    this.#isMarking = true;
    void this.#inTurn(() => this.#raise())
      .then(() => {
        this.#isWarned = false;
        released();
      })
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#isMarking = false;
      });
  }

  /**
   * Takes back what was marked too far, now that time goes slower: else nothing would take effect
   * for long after a crash.
   */
  slower(): Promise<void> {
    return this.#lower(() => this.#marking.rowsIn(MARK_MS + EARLY_MS));
  }

  /** The same where no more rows are given at all: the next life has things done at once. */
  stop(): Promise<void> {
    return this.#lower(() => 0);
  }

  async #raise(): Promise<void> {
    const mark = this.#marking.rowsIn(MARK_MS + EARLY_MS);
    await this.#write(mark);
    this.#mark = mark;
  }

  #lower(wanted: () => number): Promise<void> {
    return this.#inTurn(async () => {
      const { log, floor, next } = this.#marking;
      const mark = Math.max(floor, next(), wanted());
      if (log === undefined || log.isBroken || mark >= this.#mark) return;
      // Before it is written: from then on nobody is given more.
      this.#mark = mark;
      await this.#write(mark);
    }).catch((error: unknown) => this.#warn(error));
  }

  async #write(mark: number): Promise<void> {
    const { log } = this.#marking;
    if (log === undefined) return;
    await log.mark(mark);
    this.#count += 1;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Says once that rows will not go on, or do not: it is tried again. */
  #warn(error: unknown): void {
    const { logger } = this.#marking;
    if (!this.#isWarned) logger.warn({ err: error }, 'the log takes no marks: rows wait');
    this.#isWarned = true;
  }
}
