import { setTimeout as sleep } from 'node:timers/promises';
import { marketOf } from '../helpers/market.ts';
import { Oracle, RowLog } from '../helpers/row-log.ts';
import { spread, table } from './numbers.ts';
import { headOf, limitArgs, marketArgs, ServerProcess } from './server-process.ts';
import { SoakClient } from './soak-client.ts';

/** A proxy before the replicas. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

export interface RollingOptions {
  readonly clients: number;
  /** How often each replica is restarted. */
  readonly rounds: number;
  readonly drainMs: number;
  /** Puts a proxy before servers on these ports. */
  readonly front: (ports: readonly number[]) => Promise<Front>;
  /** Further options of the replicas. */
  readonly args?: readonly string[];
}

export interface RollingReport {
  /** What must not be, as sentences: nothing, if all is well. */
  readonly violations: readonly string[];
  readonly restarts: number;
  readonly rows: number;
  readonly requests: number;
  readonly goodbyes: number;
  /** For people. */
  readonly table: string;
}

const INTERVAL = 200;
const SPEC = { seed: 5, count: 20, interval: INTERVAL, capacity: 600 };
const REPLICAS = 3;
/** All readers come from one address. */
const LIMITS = {
  maxConnectionsPerAddress: 10_000,
  maxAnswersPerAddress: 10_000,
  workPerSecond: 1e12,
  workBurst: 1e12,
};
/** Between two restarts: what a proxy takes to see that a server is back, and readers to come. */
const BETWEEN_MS = 3000;
const RECOVERY_MS = 60_000;
const POLL_MS = 250;
/** One in so many asks over HTTP; the others read streams. */
const KINDS = 4;

/**
 * Readers of every transport behind a proxy, while its servers are restarted one after the other:
 * all of them must be given every row once, and no request may fail. `say` is told of the progress.
 */
export async function rolling(
  options: RollingOptions,
  say: (line: string) => void = () => {},
): Promise<RollingReport> {
  const run = await Run.start(options);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (let n = 0; n < REPLICAS; n++) {
        await run.restart(n);
        say(`  round ${round}, replica ${n + 1}: ${run.progress()}\n`);
      }
    }
    await run.calm();
  } finally {
    await run.end();
  }
  return run.report();
}

class Run {
  readonly #options: RollingOptions;
  readonly #replicas: ServerProcess[];
  readonly #front: Front;
  readonly #clients: readonly SoakClient[];
  readonly #pollers: readonly Poller[];
  readonly #violations: string[] = [];
  readonly #stopsMs: number[] = [];

  private constructor(
    options: RollingOptions,
    replicas: ServerProcess[],
    front: Front,
    clients: readonly SoakClient[],
    pollers: readonly Poller[],
  ) {
    this.#options = options;
    this.#replicas = replicas;
    this.#front = front;
    this.#clients = clients;
    this.#pollers = pollers;
  }

  static async start(options: RollingOptions): Promise<Run> {
    const replicas: ServerProcess[] = [];
    for (let n = 0; n < REPLICAS; n++) replicas.push(await startReplica(options));
    const front = await options.front(replicas.map(({ port }) => port));
    const oracle = new Oracle(marketOf(SPEC));
    const sinceMs = await headOf(replicas[0]!);
    const clients: SoakClient[] = [];
    const pollers: Poller[] = [];
    for (let n = 0; n < options.clients; n++) {
      if (n % KINDS === 3) {
        pollers.push(new Poller(front.url, new RowLog(oracle, columnsOf(oracle), sinceMs)));
        continue;
      }
      const of = { url: front.url, oracle, columns: undefined, sinceMs, slownessMs: 0 };
      const format = n % KINDS === 0 ? 'bin' : 'json';
      const transport = n % KINDS === 2 ? 'events' : 'websocket';
      clients.push(
        new SoakClient({ ...of, format, transport, impatienceMs: undefined, isMeasured: true }),
      );
    }
    const run = new Run(options, replicas, front, clients, pollers);
    await run.calm();
    return run;
  }

  /** One replica is told to stop, and is started again at its port once it has. */
  async restart(n: number): Promise<void> {
    await sleep(BETWEEN_MS);
    const replica = this.#replicas[n]!;
    const startMs = performance.now();
    replica.signal('SIGTERM');
    const code = await replica.ended;
    this.#stopsMs.push(performance.now() - startMs);
    if (code !== 0) this.#violations.push(`a replica must end with 0; given: ${code}`);
    this.#hear(replica);
    this.#replicas[n] = await startReplica(this.#options, replica.port);
    await this.calm();
  }

  /** Until everyone has what is there by now. */
  async calm(): Promise<void> {
    const startMs = performance.now();
    const untilMs = Date.now();
    const late = () => this.#logs.filter(({ cursorMs }) => cursorMs < untilMs).length;
    while (late() > 0 && performance.now() - startMs < RECOVERY_MS) await sleep(50);
    if (late() === 0) return;
    this.#violations.push(`all must be live ${RECOVERY_MS} ms later; given: ${late()} are not`);
  }

  async end(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.close()));
    await Promise.all(this.#clients.map((client) => client.close()));
    for (const replica of this.#replicas) {
      this.#hear(replica);
      await replica.kill();
    }
    await this.#front.close();
  }

  progress(): string {
    const { requests, rows, violations } = this.report();
    return `${rows} rows, ${requests} requests, ${violations.length} wrong`;
  }

  report(): RollingReport {
    const sum = (of: (log: RowLog) => number) => this.#logs.reduce((n, log) => n + of(log), 0);
    const goodbyes = this.#clients.reduce((n, { counters }) => n + counters.reconnects, 0);
    const requests = this.#pollers.reduce((n, poller) => n + poller.requests, 0);
    const failures = this.#pollers.flatMap((poller) => poller.failures);
    const rows = sum((log) => log.rows);
    const violations = [...this.#violations, ...failures, ...this.#wrongStreams()];
    return {
      ...{ violations, rows, requests, goodbyes, restarts: this.#stopsMs.length },
      table: table([
        ['readers: streams, pollers', `${this.#clients.length}, ${this.#pollers.length}`],
        ['restarts', this.#stopsMs.length],
        ['rows delivered', rows],
        ['gaps, of all readers', sum((log) => log.gaps)],
        ['duplicates', sum((log) => log.duplicates)],
        ['differences', sum((log) => log.differences)],
        ['requests', requests],
        ['  failed', failures.length],
        ['goodbyes to streams', goodbyes],
        ['goodbye until subscribed', spread(this.#clients.flatMap((one) => one.outagesMs))],
        ['a stop takes', spread(this.#stopsMs)],
        ['wrong', violations.length],
      ]),
    };
  }

  get #logs(): readonly RowLog[] {
    return [...this.#clients, ...this.#pollers].map(({ log }) => log);
  }

  #wrongStreams(): string[] {
    const logs = this.#logs.filter(({ isRight }) => !isRight).map(String);
    const lost = this.#clients.flatMap(({ violations, reasons }) => {
      const others = [...reasons].filter((code) => code !== 'shutting_down');
      return [...violations, ...others.map((code) => `a stream was not connected: ${code}`)];
    });
    return [...logs, ...lost];
  }

  /** What a replica logged as its own failures. */
  #hear({ log }: ServerProcess): void {
    for (const line of log) {
      if (/"level":[56]0/.test(line)) this.#violations.push(`a replica failed: ${line}`);
    }
  }
}

function columnsOf({ market }: Oracle): number[] {
  return [...market.instruments.keys()];
}

function startReplica({ drainMs, args = [] }: RollingOptions, port = 0): Promise<ServerProcess> {
  const of = [...marketArgs(SPEC), '--drain', `${drainMs}ms`, ...args];
  return ServerProcess.start({ args: [...of, ...limitArgs(LIMITS)], port });
}

/** Asks for the rows that it does not have yet, again and again. */
class Poller {
  readonly log: RowLog;
  requests = 0;
  /** Requests that were not answered by rows, as sentences. */
  readonly failures: string[] = [];
  readonly #url: string;
  readonly #over: Promise<void>;
  #isClosed = false;

  constructor(url: string, log: RowLog) {
    this.#url = url;
    this.log = log;
    this.#over = this.#read();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#over;
  }

  async #read(): Promise<void> {
    await sleep(POLL_MS * Math.random());
    while (!this.#isClosed) {
      try {
        await this.#ask();
      } catch (error) {
        this.failures.push(`a request failed: ${error}, ${(error as Error).cause ?? 'no cause'}`);
      }
      await sleep(POLL_MS);
    }
  }

  async #ask(): Promise<void> {
    this.requests += 1;
    const answer = await fetch(`${this.#url}/v1/rows?since=${this.log.cursorMs}`);
    const body = await answer.json();
    if (answer.ok) this.log.take(body);
    else this.failures.push(`a request was answered ${answer.status}: ${JSON.stringify(body)}`);
  }
}
