import type { ClusterLog, ClusterLogOptions, LogListener } from '../../src/cluster/cluster-log.ts';
import type { LogMessage } from '../../src/cluster/log-state.ts';
import type {
  AppendFailed,
  LogSession,
  LogTransport,
  Outgoing,
  Resumed,
  SessionHandler,
} from '../../src/cluster/log-transport.ts';
import type { Grid } from '../../src/core/market/grid.ts';
import type { Clock } from '../../src/host/clock.ts';
import type { LogLine } from '../../src/host/control/log-lines.ts';

export const GRID: Grid = { originMs: 0, intervalMs: 100 };
export const LEAD_MS = 2000;
const TICK_MS = 25;
/** When the story begins: the market is older. */
const BEGIN_MS = 1_000_000;

/** What makes a log, of the sources or of sources with a rule less. */
export type NewLog = new (options: ClusterLogOptions, listener: LogListener) => ClusterLog;

interface Due {
  readonly atMs: number;
  readonly nth: number;
  readonly act: () => void;
}

/** Time that passes when it is told to, and what happens in it. */
export class Timers {
  nowMs = BEGIN_MS;
  readonly #events: Due[] = [];
  #count = 0;

  after(ms: number, act: () => void): void {
    this.#events.push({ atMs: this.nowMs + ms, nth: this.#count++, act });
  }

  /** Has so much time pass, with a turn of the event loop's small jobs after each thing. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      let first: Due | undefined;
      for (const each of this.#events) {
        if (first === undefined || each.atMs < first.atMs) first = each;
        else if (each.atMs === first.atMs && each.nth < first.nth) first = each;
      }
      if (first === undefined || first.atMs > untilMs) break;
      this.#events.splice(this.#events.indexOf(first), 1);
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.act();
    }
    this.nowMs = untilMs;
    await Promise.resolve();
  }
}

/** What goes wrong on the way to the broker and back, each with this probability. */
export interface Weather {
  readonly lostAppends: number;
  readonly lostAnswers: number;
  /** An append that comes twice. */
  readonly twice: number;
  readonly brokenSessions: number;
  /** At most, of each way. */
  readonly delayMs: number;
}

export const FAIR: Weather = {
  ...{ lostAppends: 0, lostAnswers: 0, twice: 0, brokenSessions: 0, delayMs: 5 },
};

/** A stream, as JetStream has it: of seals only the newest. */
export class SimBroker {
  readonly messages: (LogMessage & { readonly place: number | undefined })[] = [];
  lastSeq = 0;
  /** By how much its clock is ahead. */
  aheadMs = 0;
  isUp = true;
  /** Whether it takes what is to come behind another message, too. */
  isCareless = false;
  readonly sessions = new Set<SimSession>();
  readonly timers: Timers;
  readonly random: () => number;
  weather: Weather = FAIR;

  constructor(timers: Timers, random: () => number) {
    this.timers = timers;
    this.random = random;
  }

  /** All that were taken, of those that are kept. */
  get entries(): readonly LogMessage[] {
    return this.messages.filter(({ place }) => place !== undefined);
  }

  append({ bytes, place, behind }: Outgoing): AppendFailed | undefined {
    if (behind !== this.lastSeq && !this.isCareless) {
      return { isRefused: true, message: `wrong last sequence: ${this.lastSeq}` };
    }
    const same = this.messages.findIndex((message) => message.place === place);
    if (same >= 0) this.messages.splice(same, 1);
    this.lastSeq += 1;
    const timeMs = this.timers.nowMs + this.aheadMs;
    this.messages.push({ seq: this.lastSeq, timeMs, bytes, place });
    for (const session of this.sessions) session.look();
    return undefined;
  }

  /** Forgets its newest messages, as one does that split from the others; connections may stay. */
  lose(count: number): void {
    this.messages.splice(Math.max(0, this.messages.length - count));
    this.lastSeq = this.messages.at(-1)?.seq ?? 0;
    if (this.random() < 0.5) this.cut();
  }

  /** Connections of one replica are dead, and nobody is told. */
  hang(transport: SimTransport): void {
    for (const session of this.sessions) if (session.transport === transport) session.hang();
  }

  cut(): void {
    for (const session of [...this.sessions]) session.end(new Error('it was cut'));
  }
}

/** A way to a broker that may be cut. */
export class SimTransport implements LogTransport {
  readonly name = 'sim';
  readonly broker: SimBroker;
  /** Nothing goes through, and nobody says so. */
  isFrozen = false;

  constructor(broker: SimBroker) {
    this.broker = broker;
  }

  open(resumed: Resumed, handler: SessionHandler): LogSession {
    return new SimSession(this, resumed, handler);
  }
}

class SimSession implements LogSession {
  readonly transport: SimTransport;
  readonly #handler: SessionHandler;
  #isClosed = false;
  #isHung = false;
  /** The last message that was sent on its way; none before it is followed. */
  #seq: number | undefined;
  /** Messages come in the order in which they were sent. */
  #arrivesMs = 0;
  readonly #way: { readonly act: () => void; readonly atMs: number }[] = [];

  constructor(transport: SimTransport, { count }: Resumed, handler: SessionHandler) {
    this.transport = transport;
    this.#handler = handler;
    const { broker } = transport;
    broker.sessions.add(this);
    this.#later(() => {
      if (!broker.isUp) return this.end(new Error('it is down'));
      const entry = broker.messages.find(({ place }) => place === count - 1)?.bytes;
      handler.opened({ lastSeq: broker.lastSeq, entry });
    });
  }

  /** Does something a while later, behind all that came before, if this is not closed by then. */
  #later(act: () => void): void {
    const { broker } = this.transport;
    const { timers, random, weather } = broker;
    this.#arrivesMs = Math.max(this.#arrivesMs, timers.nowMs + random() * weather.delayMs);
    this.#way.push({ act, atMs: this.#arrivesMs });
    timers.after(this.#arrivesMs - timers.nowMs, () => this.#arrive());
  }

  #arrive(): void {
    const { isFrozen, broker } = this.transport;
    if (this.#isClosed || this.#isHung) return;
    if (isFrozen) {
      broker.timers.after(TICK_MS, () => this.#arrive());
      return;
    }
    while (!this.#isClosed && (this.#way[0]?.atMs ?? Infinity) <= broker.timers.nowMs) {
      this.#way.shift()!.act();
    }
  }

  follow(seq: number): void {
    this.#seq = seq;
    this.look();
  }

  look(): void {
    const { broker } = this.transport;
    if (this.#seq === undefined || !broker.isUp) return;
    for (const message of broker.messages) {
      if (message.seq <= this.#seq) continue;
      this.#seq = message.seq;
      if (broker.random() < broker.weather.brokenSessions) {
        this.#later(() => this.end(new Error('it broke')));
        return;
      }
      this.#later(() => this.#handler.read(message));
      if (broker.random() < broker.weather.twice) this.#later(() => this.#handler.read(message));
    }
  }

  append(message: Outgoing, failed: (error: AppendFailed) => void): void {
    const { broker } = this.transport;
    const { random, weather, timers } = broker;
    if (random() < weather.lostAppends || this.#isHung) return;
    const arrive = () => {
      if (!broker.isUp || this.transport.isFrozen) return;
      const problem = broker.append(message);
      if (problem === undefined || random() < weather.lostAnswers) return;
      this.#later(() => failed(problem));
    };
    // It is on its way, whatever becomes of the connection.
    timers.after(random() * weather.delayMs, arrive);
    if (random() < weather.twice) timers.after(random() * weather.delayMs * 3, arrive);
  }

  hang(): void {
    this.#isHung = true;
  }

  end(error: Error): void {
    if (this.#isClosed || this.#isHung) return;
    this.close();
    this.#handler.ended(error);
  }

  close(): void {
    this.#isClosed = true;
    this.transport.broker.sessions.delete(this);
  }
}

/** A server of a market, as far as its log goes: rows are numbers that it has got to. */
export class Replica implements LogListener {
  readonly log: ClusterLog;
  readonly transport: SimTransport;
  readonly clock: Clock;
  readonly lines: LogLine[] = [];
  /** For each key that was acknowledged here. */
  readonly taken: string[] = [];
  readonly problems: string[] = [];
  /** Which row was sealed by which message. */
  readonly seals = new Map<number, number>();
  head = 0;
  error: Error | undefined;
  /** A process that is stopped: it does nothing, and what it was sent waits. */
  isStopped = false;
  #isGone = false;
  readonly #timers: Timers;

  constructor(newLog: NewLog, broker: SimBroker, name: string, aheadMs: number) {
    const { timers, random } = broker;
    this.#timers = timers;
    this.transport = new SimTransport(broker);
    this.clock = { nowMs: () => timers.nowMs + aheadMs, steadyMs: () => timers.nowMs };
    this.log = new newLog(
      {
        ...{ grid: GRID, market: 'market', transport: this.transport, clock: this.clock },
        ...{ leadMs: LEAD_MS, random, by: name, logger: { warn: () => {} } },
      },
      this,
    );
    this.log.seals = true;
    this.#tick();
  }

  #tick(): void {
    if (this.#isGone) return;
    this.#timers.after(TICK_MS, () => this.#tick());
    if (this.isStopped) return;
    this.log.tick();
    this.#advance();
  }

  /** Makes the rows that are due, as far as they are sealed. */
  #advance(): void {
    if (this.error !== undefined) return;
    const { state } = this.log;
    const due = state.dueAt(this.clock.nowMs());
    this.head = Math.max(this.head, Math.min(due, state.seal.index));
  }

  done(line: LogLine): void {
    const { index } = line.entry as { readonly index: number };
    if (index < this.head) this.problems.push(`an entry at row ${index}, the head at ${this.head}`);
    this.lines.push(line);
  }

  sealed(): void {
    const { state } = this.log;
    this.seals.set(state.ahead.behind, state.seal.index);
    this.#advance();
  }

  broke(error: Error): void {
    this.error = error;
  }

  lost(): void {}

  /** Has something done; it is done once for its key. */
  take(key: string): void {
    const has = () => this.lines.some((line) => keyOf(line) === key);
    this.log
      .append(() => {
        if (has()) return undefined;
        return { entry: { key, index: this.log.state.seal.index, at: this.#timers.nowMs } };
      })
      .then(
        () => {
          this.taken.push(key);
          if (!has()) this.problems.push(`${key} was taken, and is not there`);
        },
        () => {},
      );
  }

  /** SIGSTOP, and SIGCONT. */
  stop(isStopped: boolean): void {
    this.isStopped = isStopped;
    this.transport.isFrozen = isStopped;
  }

  kill(): void {
    this.#isGone = true;
    this.log.stop();
  }
}

export function keyOf(line: LogLine): string {
  return (line.entry as { readonly key: string }).key;
}

/** What a message of the broker says was done. */
export function lineOf({ bytes }: LogMessage): LogLine {
  return (JSON.parse(Buffer.from(bytes).toString()) as { readonly line: LogLine }).line;
}
