import { setTimeout as sleep } from 'node:timers/promises';
import { marketArgs, ServerProcess } from '../../faults/server-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FaultProxy } from '../../helpers/fault-proxy.ts';
import { marketOf } from '../../helpers/market.ts';
import { type Broker, type Brokers, startBrokers } from '../../helpers/nats.ts';
import { pick } from '../../helpers/random.ts';

const SPEC = { count: 4, interval: '100ms', capacity: 2000, seed: 7 };
const STREAM = `TICKWELL_default_${marketOf(SPEC).id}`;
/** How often rows are asked for, and something is done. */
const WATCH_MS = 200;
const WISH_MS = 300;
/** Of an answer: whoever is stopped gives none. */
const ANSWER_MS = 3000;

/** What somebody wanted done, and what came of it. */
interface Wished {
  readonly key: string;
  readonly index: number;
  /** The newest row that anybody had when it was asked for. */
  readonly newestMs: number;
}

/** A server of the market, whose way to NATS goes through proxies of its own. */
export class Member {
  readonly name: string;
  readonly aheadMs: number;
  readonly proxies: readonly FaultProxy[];
  server: ServerProcess | undefined;
  /** The newest row that it gave. */
  newestMs: number | undefined;
  isStopped = false;

  constructor(name: string, aheadMs: number, proxies: readonly FaultProxy[]) {
    this.name = name;
    this.aheadMs = aheadMs;
    this.proxies = proxies;
  }

  get isUp(): boolean {
    return this.server !== undefined && !this.isStopped;
  }

  async start(args: readonly string[] = []): Promise<void> {
    const nats = this.proxies.map(({ port }) => `nats://127.0.0.1:${port}`).join();
    const { aheadMs } = this;
    this.server = await ServerProcess.start({
      args: [...marketArgs(SPEC), `--nats=${nats}`, ...args],
      aheadMs,
      isUnready: true,
    });
  }

  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await server?.kill();
  }

  /** SIGSTOP for so long. */
  async pause(ms: number): Promise<void> {
    const { server } = this;
    this.isStopped = true;
    server?.signal('SIGSTOP');
    await sleep(ms);
    server?.signal('SIGCONT');
    this.isStopped = false;
  }

  /** Cut off from NATS for so long: what it sends is lost, and nobody tells it. */
  async cutOff(ms: number): Promise<void> {
    for (const proxy of this.proxies) proxy.set({ stalled: 'both' });
    await sleep(ms);
    for (const proxy of this.proxies) proxy.set({});
  }

  async ask(path: string, body?: object): Promise<Response | undefined> {
    const { server } = this;
    if (server === undefined) return undefined;
    try {
      return await fetch(`${server.url}${path}`, {
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(body === undefined
          ? {}
          : {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
      });
    } catch {
      return undefined;
    }
  }
}

/** Servers of a market on three brokers, what is done to them, and what all of them gave. */
export class Fleet {
  readonly brokers: Brokers;
  readonly members: Member[] = [];
  readonly problems: string[] = [];
  /** What was acknowledged. */
  readonly wished: Wished[] = [];
  refused = 0;
  /** Each row that anybody gave, by its time. */
  readonly rows = new Map<string, string>();
  /** Rows that were held against one another. */
  compared = 0;
  readonly #random: () => number;
  #isWatching = true;
  #works: Promise<unknown>[] = [];
  #keys = 0;

  private constructor(brokers: Brokers, random: () => number) {
    this.brokers = brokers;
    this.#random = random;
  }

  static async start(random: () => number): Promise<Fleet> {
    return new Fleet(await startBrokers({ count: 3 }), random);
  }

  /** A new member, whose clock is ahead by so much. */
  async join(aheadMs = 0, args: readonly string[] = []): Promise<Member> {
    const proxies = await Promise.all(this.brokers.each.map(({ port }) => FaultProxy.before(port)));
    const member = new Member(`member ${this.members.length}`, aheadMs, proxies);
    await member.start(args);
    this.members.push(member);
    this.#works.push(this.#repeat(WATCH_MS, () => this.#watch(member)));
    return member;
  }

  /** Has things done all the time, at any of them. */
  wish(): void {
    this.#works.push(this.#repeat(WISH_MS, () => this.#wish()));
  }

  leader(): Promise<Broker> {
    return this.brokers.leader(STREAM);
  }

  async #repeat(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (this.#isWatching) {
      await act();
      await sleep(everyMs);
    }
  }

  async #wish(): Promise<void> {
    const member = pick(this.#random, this.members);
    if (!member.isUp) return;
    const newestMs = Math.max(0, ...this.members.map((each) => each.newestMs ?? 0));
    const key = `k${this.#keys++}`;
    const percent = Math.round((this.#random() - 0.5) * 100) / 100 || 0.1;
    // Not waited for: the next one is asked for whatever becomes of this.
    const asked = member.ask('/v1/control/events', { kind: 'shift', percent, key });
    this.#works.push(
      asked.then(async (answer) => {
        if (answer?.status !== 200) {
          this.refused += 1;
          return;
        }
        const { index, time } = (await answer.json()) as { index: number; time: number };
        this.wished.push({ key, index, newestMs });
        if (time > newestMs) return;
        this.problems.push(`${key} was done at ${time}, and ${newestMs} had been given`);
      }),
    );
  }

  /** Reads what a member has made since it was last asked, and holds it against the others'. */
  async #watch(member: Member): Promise<void> {
    if (!member.isUp) return;
    if (member.newestMs === undefined) {
      const answer = await member.ask('/v1/market');
      if (answer?.status !== 200) return;
      member.newestMs = ((await answer.json()) as { head: number }).head;
      return;
    }
    const answer = await member.ask(`/v1/rows?since=${member.newestMs}&format=csv`);
    if (answer?.status !== 200) return;
    const text = await answer.text().catch(() => '');
    for (const line of text.trimEnd().split('\n').slice(1)) {
      const [time = '', ...prices] = line.split(',');
      this.#row(member, time, prices.join());
    }
  }

  #row(member: Member, time: string, row: string): void {
    const known = this.rows.get(time);
    if (known === undefined) this.rows.set(time, row);
    else {
      this.compared += 1;
      if (known !== row) this.problems.push(`${member.name} gave ${row} at ${time}, not ${known}`);
    }
    member.newestMs = Math.max(member.newestMs ?? 0, Number(time) || Date.parse(time));
  }

  /** When the newest row of all that are up was due. */
  get newestMs(): number {
    return Math.max(0, ...this.members.map((member) => member.newestMs ?? 0));
  }

  /** Waits until all of them have rows of the last two seconds again. */
  async healed(): Promise<void> {
    await eventually(() => {
      for (const { name, newestMs = 0 } of this.members) {
        const lateMs = Date.now() - newestMs;
        if (lateMs > 2000) throw new Error(`${name} is ${lateMs} ms behind`);
      }
    }, 90_000);
  }

  /**
   * What all have done must be the same, each once, and all that was acknowledged; gives how many
   * entries that is. To be called when nothing more is wanted.
   */
  async compare(): Promise<number> {
    const entries = await eventually(async () => {
      const [first, ...others] = await Promise.all(this.members.map(entriesOf));
      for (const [n, other] of others.entries()) {
        if (JSON.stringify(other) === JSON.stringify(first)) continue;
        throw new Error(`${this.members[n + 1]!.name} has another log than the first`);
      }
      return first!;
    });
    const keys = entries.map(({ key }) => key);
    if (new Set(keys).size < keys.length) this.problems.push(`some were done twice: ${keys}`);
    for (const { key, index } of this.wished) {
      const entry = entries.find((each) => each.key === key);
      if (entry?.index !== index) this.problems.push(`${key} was acknowledged at row ${index}`);
    }
    return entries.length;
  }

  /** Ends what goes on beside the tests, but not the servers. */
  async rest(): Promise<void> {
    this.#isWatching = false;
    await Promise.all(this.#works);
  }

  async stop(): Promise<void> {
    this.#isWatching = false;
    await Promise.all(this.members.map((member) => member.kill()));
    await Promise.all(this.#works);
    await Promise.all(this.members.flatMap(({ proxies }) => proxies.map((each) => each.close())));
    await this.brokers.stop();
  }
}

async function entriesOf(member: Member) {
  const answer = await member.ask('/v1/control/log');
  if (answer?.status !== 200) throw new Error(`${member.name} does not answer`);
  const { entries } = (await answer.json()) as {
    readonly entries: readonly { readonly key: string; readonly index: number }[];
  };
  return entries;
}
