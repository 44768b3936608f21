import type { Entry } from '../core/market/entries/entry.ts';
import { changedAt, clockProblem } from '../core/timeline/clock-change.ts';
import type {
  ClockWish,
  ControlFigures,
  Director,
  Taken,
  Turned,
  Wish,
} from '../host/control/director.ts';
import { Keys, keyConflict } from '../host/control/keys.ts';
import { entryOf, type Life, turnOf } from '../host/control/life.ts';
import type { LogLine } from '../host/control/log-lines.ts';
import type { Directed } from '../host/control/own-director.ts';
import { Room, rowFor } from '../host/control/room.ts';
import { describeEntry, takenOf } from '../host/control/taken.ts';
import { TickwellError } from '../wire/errors.ts';
import type { ClusterLog } from './cluster-log.ts';

/** A start waits so long for what is due to be sealed; then it begins with the rows that are. */
const SEAL_WAIT_MS = 15_000;

/** What came of a key. */
interface Known {
  readonly digest: string;
  readonly answer: Taken | Turned;
}

/**
 * Has things done to a market by a log that other processes read too. Rows are made up to the
 * newest seal that was read, and never further; what is done takes effect behind it, everywhere.
 */
export class ClusterDirector implements Director {
  released = () => {};
  readonly #log: ClusterLog;
  readonly #directed: Directed;
  readonly #room: Room;
  readonly #keys = new Keys();
  readonly #known = new Map<string, Known>();
  #lastMs = 0;
  #isBroken = false;
  readonly #end: () => void;
  /** Those who wait for the next seal. */
  #sealed: (() => void)[] = [];

  /** `end` ends what goes with the log. */
  constructor(log: ClusterLog, directed: Directed, life: Life, end: () => void) {
    this.#log = log;
    this.#directed = directed;
    this.#end = end;
    this.#room = new Room(directed.ahead.timeline, directed.limits);
    for (const { digest, taken } of life.done) {
      this.#room.take(taken.effects);
      this.#know(digest, taken);
    }
    for (const { digest, taken } of life.turned) this.#know(digest, taken);
  }

  get figures(): ControlFigures {
    const { state, appends, counts } = this.#log;
    return {
      ...this.#room.figures,
      lastMs: this.#lastMs,
      isWaiting: false,
      marks: 0,
      log: undefined,
      cluster: {
        isReached: this.#log.isCaughtUp,
        sealedAheadMs: state.seal.hostMs - this.#directed.clock.nowMs(),
        sent: { entries: appends.counts.sent, seals: counts.seals },
        refused: { entries: appends.counts.refused, seals: counts.refusedSeals },
        connections: counts.connections,
      },
    };
  }

  get mayMakeUntil(): number {
    // Of a log that is broken nobody knows what it says: no row is made any more.
    return this.#isBroken ? 0 : this.#log.state.seal.index;
  }

  /** Comes back when what is due by now is sealed, or after a while. */
  async begin(): Promise<void> {
    const { clock } = this.#directed;
    const untilMs = clock.steadyMs() + SEAL_WAIT_MS;
    const { state } = this.#log;
    while (state.seal.index < state.dueAt(clock.nowMs()) && clock.steadyMs() < untilMs) {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, untilMs - clock.steadyMs()).unref();
      });
      await Promise.race([late, new Promise<void>((resolve) => this.#sealed.push(resolve))]);
    }
  }

  look(): void {
    this.#log.tick();
  }

  take(wish: Wish): Promise<Taken> {
    return this.#once(wish, (key) => this.#entry(key, wish));
  }

  async turn(wish: ClockWish): Promise<Turned> {
    const turned = await this.#once<Turned>(wish, (key) => this.#turn(key, wish));
    // Of a step nobody else knows that rows are due by it.
    this.#log.hurry();
    return turned;
  }

  async list(): Promise<readonly Taken[]> {
    const { timeline } = this.#directed.ahead;
    return timeline.entries.map((entry) => takenOf(timeline, entry, false));
  }

  async stop(): Promise<void> {
    this.#end();
  }

  /** Takes what was read in the log. */
  readonly done = (line: LogLine): void => {
    const { ahead, clock } = this.#directed;
    const { timeline } = ahead;
    this.#lastMs = clock.nowMs();
    if (line.clock !== undefined) {
      const { key, index, anchor, digest } = turnOf(line);
      clock.add(anchor);
      ahead.turn?.(anchor);
      this.#know(digest, { key, index, anchor, id: timeline.id });
    } else {
      const { entry, digest, isProvisional } = entryOf(line, timeline);
      ahead.add(entry);
      this.#room.take(entry.effects);
      this.#know(digest, takenOf(timeline, entry, isProvisional));
    }
    this.released();
  };

  readonly sealed = (): void => {
    for (const each of this.#sealed.splice(0)) each();
    this.released();
  };

  /** Nothing more is known of the log. */
  broke(): void {
    this.#isBroken = true;
    this.sealed();
  }

  #know(digest: string, answer: Taken | Turned): void {
    this.#known.set(answer.key, { digest, answer });
    this.#keys.known(answer.key, digest, answer);
  }

  /** Does something once for its key, whoever else may be about to do it. */
  #once<T extends Taken | Turned>(
    wish: Wish | ClockWish,
    make: (key: string) => LogLine,
  ): Promise<T> {
    return this.#keys.once(wish, async (key) => {
      await this.#log.append(() => {
        const known = this.#known.get(key);
        if (known === undefined) return make(key);
        if (known.digest === wish.digest) return undefined;
        throw keyConflict(key);
      });
      return this.#known.get(key)!.answer as T;
    });
  }

  #entry(key: string, { effects, name, digest, atMs }: Wish): LogLine {
    this.#room.check({ effects });
    const index = rowFor(this.#directed.ahead.timeline, this.#log.state.seal.index, atMs);
    const entry: Entry = { key, index, ...(name === undefined ? {} : { name }), effects };
    const line = { entry: describeEntry(entry), digest };
    return atMs === undefined ? line : { ...line, isProvisional: true };
  }

  #turn(key: string, { change, digest }: ClockWish): LogLine {
    const { state } = this.#log;
    const problem = clockProblem(state.time, change);
    if (problem !== undefined) throw new TickwellError('bad_request', problem);
    const { grid } = this.#directed.ahead.timeline;
    const hostMs = this.#directed.clock.nowMs();
    const index = Math.max(state.seal.index, state.dueAt(hostMs));
    const anchor = changedAt(state.time, grid, change, { hostMs, index });
    return { clock: { key, index, ...anchor }, digest };
  }
}
