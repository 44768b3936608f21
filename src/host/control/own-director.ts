import type { Logger } from 'pino';
import type { Feed } from '../../core/feed/feed.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import { headAt, MAX_ROWS } from '../../core/market/grid.ts';
import { changedAt, clockProblem } from '../../core/timeline/clock-change.ts';
import type { Anchor } from '../../core/timeline/market-time.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { MarketClock } from '../market-clock.ts';
import { type ControlLog, UnwrittenLine } from './control-log.ts';
import type { ClockWish, ControlFigures, Director, Taken, Turned, Wish } from './director.ts';
import { Keys } from './keys.ts';
import type { Life } from './life.ts';
import type { ControlLimits } from './limits.ts';
import { Marks } from './marks.ts';
import { Room, rowFor } from './room.ts';
import { describeEntry, takenOf } from './taken.ts';

/** The rows that entries are put before. */
export interface Ahead {
  readonly timeline: Timeline;
  /** The first row that nobody was given, or may be before this is asked again. */
  readonly next: number;
  /** Has an entry take effect. */
  add(entry: Entry): void;
  /** Has the market's time go otherwise. */
  turn?(anchor: Anchor): void;
}

/** What whoever directs works with. */
export interface Directed {
  readonly ahead: Ahead;
  readonly clock: MarketClock;
  readonly limits: ControlLimits;
  readonly logger: Pick<Logger, 'warn'>;
}

interface Directing extends Directed {
  /** What was done before, which `ahead` has. */
  readonly life: Pick<Life, 'mark' | 'done' | 'turned'>;
  /** Default: what is done ends with this process. */
  readonly log?: ControlLog | undefined;
}

/**
 * Writes down what is done to a market, one after the other, at the first row that nobody has.
 *
 *     given ───── head = index of the entry ───── mark
 *                 └─ waits here until the entry is on the disk
 *
 * After a start that row is behind the last mark of the life before, which may have given all rows
 * up to there: the clock may have been set back between.
 */
export class OwnDirector implements Director {
  released = () => {};
  readonly #ahead: Ahead;
  readonly #clock: MarketClock;
  readonly #log: ControlLog | undefined;
  /** No entry takes effect before this row. */
  readonly #floor: number;
  readonly #marks: Marks;
  /** The row of an entry that is being written. */
  #waitsAt = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #room: Room;
  #lastMs = 0;
  readonly #keys = new Keys();

  constructor({ ahead, clock, limits, logger, life, log }: Directing) {
    this.#ahead = ahead;
    this.#clock = clock;
    this.#room = new Room(ahead.timeline, limits);
    this.#log = log;
    this.#floor = life.mark;
    this.#marks = new Marks({
      ...{ log, floor: life.mark, logger },
      rowsIn: (ms) => this.#rowsIn(ms),
      next: () => ahead.next,
    });
    for (const { digest, taken } of life.done) {
      this.#room.take(taken.effects);
      this.#keys.known(taken.key, digest, taken);
    }
    for (const { digest, taken } of life.turned) this.#keys.known(taken.key, digest, taken);
  }

  get figures(): ControlFigures {
    return {
      ...this.#room.figures,
      lastMs: this.#lastMs,
      isWaiting: this.#waitsAt !== Number.POSITIVE_INFINITY,
      marks: this.#marks.count,
      log: this.#log,
    };
  }

  get mayMakeUntil(): number {
    // Of a log that is broken nobody knows what it says: no row is made any more.
    if (this.#log?.isBroken === true) return 0;
    return Math.min(this.#marks.until, this.#waitsAt);
  }

  begin(): Promise<void> {
    return this.#marks.begin();
  }

  look(): void {
    if (!this.#isStopped) this.#marks.look(() => this.released());
  }

  take(wish: Wish): Promise<Taken> {
    return this.#keys.once(wish, (key) => this.#inTurn(() => this.#take(key, wish)));
  }

  turn(wish: ClockWish): Promise<Turned> {
    return this.#keys.once(wish, (key) => this.#inTurn(() => this.#turnClock(key, wish)));
  }

  async list(): Promise<readonly Taken[]> {
    const { timeline } = this.#ahead;
    return timeline.entries.map((entry) => takenOf(timeline, entry, false));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#turn;
    await this.#marks.stop();
    await this.#log?.close();
  }

  /** One at a time. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const answer = this.#turn.then(act);
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #turnClock(key: string, { change, digest }: ClockWish): Promise<Turned> {
    this.#checkGoing();
    const problem = clockProblem(this.#clock.time, change);
    if (problem !== undefined) throw new TickwellError('bad_request', problem);
    const { timeline, next } = this.#ahead;
    const { grid } = timeline;
    const index = Math.max(next, headAt(grid, this.#clock.marketMs()));
    const anchor = changedAt(this.#clock.time, grid, change, {
      hostMs: this.#clock.nowMs(),
      index,
    });
    if (this.#log !== undefined) {
      // Until it is sure, time does not pass it.
      this.#waitsAt = index;
      this.#clock.hold(anchor.marketMs);
      await this.#write(this.#log, { clock: { key, index, ...anchor }, digest });
    }
    this.#clock.add(anchor);
    this.#ahead.turn?.(anchor);
    void this.#marks.slower();
    this.#release();
    return { key, index, anchor, id: timeline.id };
  }

  async #take(key: string, wish: Wish): Promise<Taken> {
    this.#checkGoing();
    this.#room.check(wish);
    const { effects, name, digest, atMs } = wish;
    const { timeline, next } = this.#ahead;
    const index = rowFor(timeline, Math.max(this.#floor, next), atMs);
    const entry: Entry = { key, index, ...(name === undefined ? {} : { name }), effects };
    const isProvisional = atMs !== undefined;
    if (this.#log !== undefined) {
      // Rows that are given meanwhile would lack it.
      this.#waitsAt = index;
      const line = { entry: describeEntry(entry), digest };
      await this.#write(this.#log, isProvisional ? { ...line, isProvisional } : line);
    }
    this.#ahead.add(entry);
    this.#room.take(effects);
    this.#lastMs = this.#clock.nowMs();
    this.#release();
    return takenOf(timeline, entry, isProvisional);
  }

  #checkGoing(): void {
    if (this.#isStopped) throw new TickwellError('not_ready', 'the server is shutting down');
  }

  async #write(log: ControlLog, line: Parameters<ControlLog['append']>[0]): Promise<void> {
    try {
      await log.append(line);
    } catch (error) {
      if (!(error instanceof UnwrittenLine)) throw error;
      this.#release();
      throw new TickwellError('not_ready', `${error.message}: nothing was done`);
    }
  }

  #release(): void {
    this.#waitsAt = Number.POSITIVE_INFINITY;
    this.#clock.hold(Number.POSITIVE_INFINITY);
    this.released();
  }

  /** The rows that are due when so much of the host's time has passed. */
  #rowsIn(ms: number): number {
    const marketMs = this.#clock.time.marketMs(this.#clock.nowMs() + ms);
    return Math.min(MAX_ROWS, headAt(this.#ahead.timeline.grid, marketMs));
  }
}

/** The rows of a feed that this process makes. */
export function aheadOf(feed: Feed): Ahead {
  const { timeline } = feed;
  return {
    timeline,
    get next() {
      return feed.next;
    },
    add: (entry) => feed.add(entry),
  };
}
