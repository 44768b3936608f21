import { pick, seededRandom } from '../helpers/random.ts';
import {
  FAIR,
  GRID,
  keyOf,
  LEAD_MS,
  lineOf,
  type NewLog,
  Replica,
  SimBroker,
  Timers,
} from './world.ts';

/** How replicas' clocks differ from the true time. */
const SKEWS_MS = [0, 0, 250, -250, 500];
const HOUR_MS = 3_600_000;
const STEPS = 60;
/** Until all is as it was, once nothing goes wrong any more. */
const HEALED_MS = 12_000;

export interface Story {
  readonly seed: number;
  /** What a broker does that a good one does not: forget, or take two behind the same message. */
  readonly broker?: 'forgets' | 'careless';
  /** Two of three clocks are an hour ahead. */
  readonly hasHourAhead?: boolean;
}

/** What came of a story. */
export interface Told {
  /** What must not be, in sentences. */
  readonly problems: readonly string[];
  readonly entries: number;
  /** Replicas that stopped, because the log was another one. */
  readonly stopped: number;
  readonly counts: {
    readonly seals: number;
    readonly refusedSeals: number;
    readonly refused: number;
  };
}

/** Has replicas live through what may happen to them and to their broker. */
export async function tell(newLog: NewLog, story: Story): Promise<Told> {
  const world = new World(newLog, story);
  for (let step = 0; step < STEPS; step++) await world.step();
  await world.heal();
  return world.told();
}

class World {
  readonly #newLog: NewLog;
  readonly #story: Story;
  readonly #random: () => number;
  readonly #timers = new Timers();
  readonly #broker: SimBroker;
  readonly #replicas: Replica[] = [];
  readonly #dead: Replica[] = [];
  #keys = 0;

  constructor(newLog: NewLog, story: Story) {
    this.#newLog = newLog;
    this.#story = story;
    this.#random = seededRandom(story.seed);
    this.#broker = new SimBroker(this.#timers, this.#random);
    for (let n = 0; n < 3; n++) this.#start(n);
  }

  #start(n: number): void {
    const isAhead = this.#story.hasHourAhead === true && n > 0;
    const aheadMs = isAhead ? HOUR_MS : pick(this.#random, SKEWS_MS);
    this.#replicas[n] = new Replica(this.#newLog, this.#broker, `r${n}-${this.#keys++}`, aheadMs);
  }

  async step(): Promise<void> {
    const random = this.#random;
    const n = Math.floor(random() * this.#replicas.length);
    const replica = this.#replicas[n]!;
    const act = random();
    if (act < 0.45) this.#take(replica);
    else if (act < 0.53) {
      replica.kill();
      this.#dead.push(replica);
      this.#start(n);
    } else if (act < 0.6) {
      replica.stop(true);
      this.#timers.after(random() * 8000, () => replica.stop(false));
    } else if (act < 0.67) {
      replica.transport.isFrozen = true;
      this.#timers.after(random() * 5000, () => {
        replica.transport.isFrozen = replica.isStopped;
      });
    } else if (act < 0.74) {
      this.#broker.isUp = false;
      this.#broker.cut();
      this.#timers.after(random() * 5000, () => {
        this.#broker.isUp = true;
      });
    } else if (act < 0.78) this.#broker.aheadMs = (random() - 0.5) * 3000;
    else if (act < 0.82) this.#broker.hang(replica.transport);
    else if (act < 0.95) this.#storm();
    else if (this.#story.broker === 'forgets') this.#broker.lose(1 + Math.floor(random() * 3));
    else if (this.#story.broker === 'careless') this.#broker.isCareless = true;
    await this.#timers.pass(random() * 600);
    if (random() < 0.7) await this.#timers.pass(20);
  }

  /** Wants something done, now and then by two at the same time. */
  #take(replica: Replica): void {
    const key = `k${this.#keys++}`;
    replica.take(key);
    if (this.#random() < 0.5) pick(this.#random, this.#replicas).take(key);
    if (this.#random() < 0.5) pick(this.#random, this.#replicas).take(`k${this.#keys++}`);
  }

  #storm(): void {
    const random = this.#random;
    const some = () => (random() < 0.5 ? 0 : random() * 0.4);
    this.#broker.weather = {
      ...{ lostAppends: some(), lostAnswers: some(), twice: some(), brokenSessions: some() / 4 },
      delayMs: 5 + random() * random() * 900,
    };
  }

  async heal(): Promise<void> {
    this.#broker.weather = FAIR;
    this.#broker.isCareless = false;
    this.#broker.aheadMs = 0;
    // What was to be later has been by then.
    await this.#timers.pass(9000);
    await this.#timers.pass(HEALED_MS);
  }

  told(): Told {
    const all = [...this.#replicas, ...this.#dead];
    const counts = { seals: 0, refusedSeals: 0, refused: 0 };
    for (const { log } of all) {
      counts.seals += log.counts.seals;
      counts.refusedSeals += log.counts.refusedSeals;
      counts.refused += log.appends.counts.refused;
    }
    return {
      problems: this.#problems(all),
      entries: this.#broker.entries.length,
      stopped: all.filter(({ error }) => error !== undefined).length,
      counts,
    };
  }

  #problems(all: readonly Replica[]): string[] {
    const problems = all.flatMap((replica) => replica.problems);
    const keys = this.#broker.entries.map((message) => keyOf(lineOf(message)));
    for (const replica of all) problems.push(...this.#readProblems(replica, keys));
    if (this.#story.broker === undefined) problems.push(...twice(keys, 'done'));
    problems.push(...this.#sealProblems(all), ...this.#lateProblems());
    if (this.#story.broker !== undefined) return problems;
    for (const key of all.flatMap(({ taken }) => taken)) {
      if (!keys.includes(key)) problems.push(`${key} was acknowledged, and is not there`);
    }
    for (const { lines, log, head } of this.#replicas) {
      if (lines.length < keys.length) problems.push(`${lines.length} of ${keys.length} were read`);
      const dueMs = head * GRID.intervalMs;
      // The slowest clock of all may be the one that seals.
      if (dueMs < this.#timers.nowMs - 1500) {
        const { index } = log.state.seal;
        problems.push(`the head stands at ${dueMs}, sealed ${index}, at ${this.#timers.nowMs}`);
      }
    }
    return problems;
  }

  /** Whoever goes on has read what the log has, as far as he is, and nothing else. */
  #readProblems(replica: Replica, keys: readonly string[]): string[] {
    const { lines, error } = replica;
    const read = lines.map(keyOf);
    if (error !== undefined) return this.#story.broker === undefined ? [`${error}`] : [];
    // Of a broker that loses things, who goes on agrees with all others who do.
    const isRight = this.#story.broker === undefined;
    const others = this.#replicas.filter(({ error, log }) => !error && log.isCaughtUp);
    const lists = isRight ? [keys] : others.map((other) => other.lines.map(keyOf));
    const isBound = isRight || others.includes(replica);
    const wrong = lists.filter(
      (list) => isBound && !read.every((key, n) => n >= list.length || key === list[n]),
    );
    return [...wrong.map((list) => `${read} were read, and ${list}`), ...twice(read, 'read')];
  }

  /** Whoever reads a seal knows the same rows by it. */
  #sealProblems(all: readonly Replica[]): string[] {
    if (this.#story.broker !== undefined) return [];
    const known = new Map<number, number>();
    const problems: string[] = [];
    for (const { seals } of all) {
      for (const [seq, index] of seals) {
        const other = known.get(seq) ?? index;
        known.set(seq, other);
        if (other !== index) problems.push(`message ${seq} seals ${index} rows and ${other}`);
      }
    }
    return problems;
  }

  /** Whatever a clock says, what is done takes effect soon. */
  #lateProblems(): string[] {
    return this.#broker.entries.flatMap((message) => {
      const { at, index } = lineOf(message).entry as {
        readonly at: number;
        readonly index: number;
      };
      const lateMs = index * GRID.intervalMs - at;
      return lateMs < 2 * LEAD_MS + 2000
        ? []
        : [`${keyOf(lineOf(message))} came ${lateMs} ms later`];
    });
  }
}

function twice(keys: readonly string[], what: string): string[] {
  return keys.filter((key, n) => keys.indexOf(key) !== n).map((key) => `${key} was ${what} twice`);
}
