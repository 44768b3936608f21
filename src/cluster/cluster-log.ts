import type { Logger } from 'pino';
import type { Grid } from '../core/market/grid.ts';
import type { Clock } from '../host/clock.ts';
import type { LogLine } from '../host/control/log-lines.ts';
import { Appends, stopped } from './appends.ts';
import { writeMessage } from './log-message.ts';
import { type LogMessage, LogState } from './log-state.ts';
import type { AppendFailed, LogSession, LogTransport, Outgoing } from './log-transport.ts';
import { Sealer } from './sealer.ts';

/** A server that shows nothing of the log for so long is left for another. */
const OPENING_MS = 5000;
/** Between two tries: at once after a connection that was of use. */
const LEAST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 1000;
/** A log of which nothing is to be read is taken for reached after this. */
const REACHED_MS = 5000;

/** Who hears what the log says. */
export interface LogListener {
  /** Something that was done, in the order of the log. Throws `WrongLog` on what it cannot do. */
  done(line: LogLine): void;
  /** More rows may be made. */
  sealed(): void;
  /** Once, when no row may be made by this log any more. */
  broke(error: Error): void;
  /** A connection ended, or could not be had. */
  lost(error: Error): void;
}

/** What a log is kept by. */
export interface ClusterLogOptions {
  readonly grid: Grid;
  /** The id of the market. */
  readonly market: string;
  readonly transport: LogTransport;
  readonly clock: Clock;
  readonly leadMs: number;
  readonly logger: Pick<Logger, 'warn'>;
  /** From 0 on, less than 1. */
  readonly random: () => number;
  /** Of this one, unlike all others. */
  readonly by: string;
}

/**
 * What was done to a market, in a log that many write to at the same time, as one of them has it.
 * It reads all that is written, through one connection after the other, and writes what is wanted
 * here and seals, where the others have not.
 */
export class ClusterLog {
  readonly state: LogState;
  /** Whether this one seals too: not before it has said how the market's time begins. */
  seals = false;
  readonly counts = { seals: 0, refusedSeals: 0, connections: 0 };
  readonly appends: Appends;
  readonly #options: ClusterLogOptions;
  readonly #sealer: Sealer;
  readonly #listener: LogListener;
  #session: LogSession | undefined;
  /** When that was begun, and since when it has been followed. */
  #openedMs = 0;
  #followedMs: number | undefined;
  /** When something was read last. */
  #readMs = 0;
  /** The last message that there was when it was come to. */
  #lastSeq = 0;
  #pauseMs = 0;
  #nextTryMs = Number.NEGATIVE_INFINITY;
  #isEnded = false;
  /** Whether it was said that the log is not reached, and that this clock is ahead. */
  #isLostSaid = false;
  #isCutSaid = false;

  constructor(options: ClusterLogOptions, listener: LogListener) {
    this.#options = options;
    this.#listener = listener;
    const { grid, market, leadMs, random } = options;
    this.state = new LogState(grid, market);
    this.appends = new Appends(this.state);
    this.#sealer = new Sealer(grid, leadMs, random);
  }

  /** Whether all was read that there was when it was come to, and more is read as it comes. */
  get isCaughtUp(): boolean {
    const isFollowed = this.#followedMs !== undefined;
    return isFollowed && this.state.ahead.behind >= this.#lastSeq;
  }

  /** Goes by the clock; to be called some forty times a second. */
  tick(): void {
    if (this.#isEnded) return;
    const steadyMs = this.#options.clock.steadyMs();
    this.appends.look(steadyMs);
    if (this.#session === undefined) {
      if (steadyMs >= this.#nextTryMs) this.#open(steadyMs);
      return;
    }
    if (this.#followedMs === undefined) {
      if (steadyMs - this.#openedMs > OPENING_MS) this.#drop('it does not show the log');
      return;
    }
    if (!this.isCaughtUp) {
      if (steadyMs - this.#readMs > OPENING_MS) this.#drop('it does not show the log');
      return;
    }
    this.#write(steadyMs);
    // Of two that are to come behind the same message one is refused.
    if (this.appends.isEmpty) this.#seal(steadyMs);
    if (this.#sealer.isOverdue(steadyMs, this.#followedMs)) this.#drop('a seal is overdue');
    else if (steadyMs - this.#followedMs > REACHED_MS) this.#sayReached();
  }

  /** As `Appends.add`. */
  async append(make: () => LogLine | undefined): Promise<void> {
    if (this.#isEnded) throw stopped();
    const appended = this.appends.add(make, this.#options.clock.steadyMs());
    this.tick();
    await appended;
  }

  /** Has rows sealed at once, as soon as that may be. */
  hurry(): void {
    this.#sealer.hurry();
    this.tick();
  }

  stop(): void {
    this.#isEnded = true;
    this.#session?.close();
    this.#session = undefined;
    this.#followedMs = undefined;
    this.appends.stop();
  }

  #open(steadyMs: number): void {
    const { count, ahead } = this.state;
    this.#openedMs = steadyMs;
    this.counts.connections += 1;
    let session: LogSession | undefined;
    // What comes of one that was left for another is nothing to this one.
    const ifCurrent = (act: () => void) => {
      if (session !== undefined && session === this.#session) this.#guard(act);
    };
    session = this.#options.transport.open(
      { count, mayMake: ahead.behind === 0 },
      {
        opened: ({ lastSeq, entry }) => ifCurrent(() => this.#opened(entry, lastSeq)),
        read: (message) => ifCurrent(() => this.#read(message)),
        ended: (error) => ifCurrent(() => this.#lose(error)),
      },
    );
    this.#session = session;
  }

  #opened(entry: Uint8Array | undefined, lastSeq: number): void {
    if (!this.state.knows(entry, lastSeq)) {
      // What it says of the rows that were made by what it lacks nobody knows.
      this.#drop('it lacks what was read of it: it was made anew, or lost its end');
      return;
    }
    this.#lastSeq = lastSeq;
    this.#readMs = this.#options.clock.steadyMs();
    this.#followedMs = this.#readMs;
    this.#session!.follow(this.state.ahead.behind);
    this.tick();
  }

  #read(message: LogMessage): void {
    const read = this.state.read(message);
    if (read.kind === 'known') return;
    this.#readMs = this.#options.clock.steadyMs();
    this.#pauseMs = 0;
    this.#sayReached();
    if (read.kind === 'line') {
      this.#listener.done(read.line);
    } else {
      this.#sealer.read();
      if (read.isCut && read.by === this.#options.by) this.#wasCut(message);
      this.#listener.sealed();
    }
    this.appends.read(message);
    if (this.isCaughtUp) this.#write(this.#readMs);
  }

  /** Sends what is wanted first, or sends it again. */
  #write(steadyMs: number): void {
    const next = this.appends.next(steadyMs);
    if (next !== undefined) this.#send({ ...next, place: this.state.count });
  }

  /** Seals rows, if that is to be done now. */
  #seal(steadyMs: number): void {
    if (!this.seals) return;
    const { clock, leadMs, by } = this.#options;
    const { ahead, seal: after } = this.state;
    const hostMs = this.#sealer.look(this.state, clock.nowMs(), steadyMs);
    if (hostMs === undefined) return;
    this.counts.seals += 1;
    const bytes = writeMessage({ ...ahead, seal: { hostMs, leadMs, after, by } });
    this.#send({ bytes, behind: ahead.behind, place: undefined });
  }

  #send(message: Outgoing): void {
    const failed = ({ isRefused, message: why }: AppendFailed) => {
      if (!isRefused) this.#sayLost(`it takes nothing: ${why}`);
      else if (message.place === undefined) this.counts.refusedSeals += 1;
    };
    this.#session?.append(message, failed);
  }

  #wasCut({ timeMs }: LogMessage): void {
    const { clock, logger } = this.#options;
    this.#sealer.wasCut(clock.steadyMs());
    if (this.#isCutSaid) return;
    this.#isCutSaid = true;
    const aheadMs = Math.round(clock.nowMs() - timeMs);
    logger.warn({ aheadMs }, 'the clock is ahead of that of NATS: its seals are left to others');
  }

  /** What is wrong of a log ends it. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (this.#isEnded) return;
      this.stop();
      this.#listener.broke(error as Error);
    }
  }

  #drop(why: string): void {
    this.#session?.close();
    this.#lose(new Error(why));
  }

  #lose(error: Error): void {
    this.#session = undefined;
    this.#followedMs = undefined;
    this.#nextTryMs = this.#options.clock.steadyMs() + this.#pauseMs;
    this.#pauseMs = Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, 2 * this.#pauseMs));
    this.#sayLost(error.message);
    this.#listener.lost(error);
  }

  /** Says once that it is not reached; it is tried again until it is. */
  #sayLost(reason: string): void {
    if (this.#isEnded || this.#isLostSaid) return;
    this.#isLostSaid = true;
    const { logger, transport } = this.#options;
    logger.warn({ log: transport.name, reason }, 'the log is not reached: rows wait at its seal');
  }

  #sayReached(): void {
    if (!this.#isLostSaid) return;
    this.#isLostSaid = false;
    const { logger, transport } = this.#options;
    logger.warn({ log: transport.name }, 'the log is reached again');
  }
}
