import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '../helpers/fault-proxy.ts';
import { marketOf } from '../helpers/market.ts';
import { seededRandom } from '../helpers/random.ts';
import { Oracle } from '../helpers/row-log.ts';
import { megabytes, spread, table } from './numbers.ts';
import { headOf, marketArgs, memoryOf, ServerProcess } from './server-process.ts';
import { SoakClient } from './soak-client.ts';
import { Weather } from './weather.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly clients: number;
  readonly kills: number;
  readonly seed: number;
  /** Whether clients come back at once when the weather is good, whatever their back-off says. */
  readonly isShort?: boolean;
}

export interface SoakReport {
  /** What must not be, as sentences: nothing, if all is well. */
  readonly violations: readonly string[];
  readonly rows: number;
  readonly reconnects: number;
  readonly kills: number;
  /** For people. */
  readonly table: string;
}

const INTERVAL = 100;
/** Half a minute: who was away for longer, or begins further back, gets regenerated rows. */
const SPEC = { seed: 3, count: 100, interval: INTERVAL, capacity: 300 };
/** A server that was started lives at least so long. */
const SHORTEST_LIFE_MS = 1000;
/** The longest back-off, and time to connect, backfill and hurry on a busy machine. */
const RECOVERY_MS = 20_000 + 10_000;
const PROGRESS_MS = 5000;
/** While all are connected, each one's wire is treated badly about this often. */
const VISIT_MS = 5000;

/**
 * Clients of the library behind a bad network, and a server that is killed again and again: all of
 * them must be given every row once. `say` is told of the progress.
 */
export async function soak(
  options: SoakOptions,
  say: (line: string) => void = () => {},
): Promise<SoakReport> {
  const run = await Run.start(options);
  const progress = setInterval(() => say(run.progress()), PROGRESS_MS);
  try {
    await run.storm();
    await run.calm();
  } finally {
    clearInterval(progress);
    await run.end();
  }
  return run.report();
}

class Run {
  readonly #options: SoakOptions;
  readonly #random: () => number;
  readonly #proxy: FaultProxy;
  readonly #weather: Weather;
  readonly #clients: readonly SoakClient[];
  readonly #startMs = performance.now();
  readonly #violations: string[] = [];
  #server: ServerProcess;
  #serverPeakBytes: number | undefined;
  #clientPeakBytes: number | undefined;
  #kills = 0;
  #calmMs = 0;

  private constructor(
    options: SoakOptions,
    random: () => number,
    server: ServerProcess,
    proxy: FaultProxy,
    clients: readonly SoakClient[],
  ) {
    this.#options = options;
    this.#random = random;
    this.#server = server;
    this.#proxy = proxy;
    this.#weather = new Weather(proxy, random, VISIT_MS / options.clients);
    this.#clients = clients;
  }

  static async start(options: SoakOptions): Promise<Run> {
    const random = seededRandom(options.seed);
    const server = await ServerProcess.start({ args: marketArgs(SPEC) });
    const proxy = await FaultProxy.before(server.port);
    const oracle = new Oracle(marketOf(SPEC));
    const head = await headOf(server);
    const url = `http://127.0.0.1:${proxy.port}`;
    const clients = Array.from({ length: options.clients }, (_, n) => {
      // Every third begins further back than the ring reaches.
      const isFarBack = n % 3 === 2;
      const rowsBack = isFarBack ? 1000 + Math.floor(random() * 9000) : Math.floor(random() * 50);
      // Every other one has someone before it who clicks on "reconnect" when the server is back.
      const isPatient = n % 4 >= 2;
      const isSlow = n % 25 === 5;
      return new SoakClient({
        url,
        oracle,
        columns: n % 8 < 4 ? undefined : someColumns(random),
        sinceMs: head - rowsBack * INTERVAL,
        format: n % 2 === 0 ? 'bin' : 'json',
        slownessMs: isSlow ? 250 : 0,
        impatienceMs: isPatient ? undefined : 1500 * random(),
        isMeasured: isPatient && !isFarBack && !isSlow,
      });
    });
    return new Run(options, random, server, proxy, clients);
  }

  /** The server dies and comes back, at moments that the seed has chosen, in bad weather. */
  async storm(): Promise<void> {
    const { seconds, kills } = this.#options;
    const slotMs = (seconds * 1000) / kills;
    const startMs = performance.now();
    this.#weather.start();
    for (let n = 0; n < kills; n++) {
      const dueMs = startMs + slotMs * (n + 0.3 + 0.4 * this.#random());
      await sleep(Math.max(SHORTEST_LIFE_MS, dueMs - performance.now()));
      await this.#killAndRestart();
    }
    await sleep(Math.max(0, startMs + seconds * 1000 - performance.now()));
  }

  /** Good weather until everyone has everything. */
  async calm(): Promise<void> {
    this.#weather.end();
    for (const client of this.#clients) client.hurry(this.#options.isShort === true);
    const startMs = performance.now();
    const untilMs = Date.now();
    const late = () => this.#clients.filter(({ log }) => log.cursorMs < untilMs);
    while (late().length > 0 && performance.now() - startMs < RECOVERY_MS) await sleep(50);
    this.#calmMs = performance.now() - startMs;
    for (const client of late()) {
      const state = JSON.stringify(client.state);
      this.#violations.push(`every client must be live ${RECOVERY_MS} ms later; given: ${state}`);
    }
  }

  async end(): Promise<void> {
    this.#weather.end();
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#measure();
    this.#hear();
    await this.#server.kill();
    await this.#proxy.close();
  }

  progress(): string {
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    const live = this.#clients.filter(({ state }) => state.kind === 'live').length;
    const faults = this.#violationsOfAll().length;
    return (
      `  ${String(seconds).padStart(3)} s: ${this.#kills} kills, ${live} of ` +
      `${this.#clients.length} live, ${this.#sum(({ log }) => log.rows)} rows, ${faults} wrong\n`
    );
  }

  report(): SoakReport {
    const { clients, seconds, seed } = this.#options;
    const all = <T>(of: (client: SoakClient) => readonly T[]) => this.#clients.flatMap(of);
    const violations = this.#violationsOfAll();
    const rows = this.#sum(({ log }) => log.rows);
    const reconnects = this.#sum(({ counters }) => counters.reconnects);
    return {
      violations,
      rows,
      reconnects,
      kills: this.#kills,
      table: table([
        ['seed', String(seed)],
        ['clients, seconds', `${clients}, ${seconds}`],
        ['rows delivered', rows],
        ['frames', this.#sum(({ log }) => log.frames)],
        ['kills of the server', this.#kills],
        ['faults of the network', this.#weather.faults],
        ['reconnects', reconnects],
        ['pauses of slow applications', this.#sum(({ counters }) => counters.pauses)],
        ['gaps', this.#sum(({ log }) => log.gaps)],
        ['duplicates', this.#sum(({ log }) => log.duplicates)],
        ['differences', this.#sum(({ log }) => log.differences)],
        ['frames refused by clients', this.#sum(refused)],
        ['restart to first new row', spread(all(({ recoveriesMs }) => recoveriesMs))],
        ['  not before the next kill', this.#sum(({ overtaken }) => overtaken)],
        ['disconnected until subscribed', spread(all(({ outagesMs }) => outagesMs))],
        ['attempts later than said', spread(all(({ latenessMs }) => latenessMs))],
        ['all live after the storm', `${Math.round(this.#calmMs)} ms`],
        ['server memory, most', megabytes(this.#serverPeakBytes)],
        ['clients and proxy, most', megabytes(this.#clientPeakBytes)],
        ['wrong', violations.length],
      ]),
    };
  }

  async #killAndRestart(): Promise<void> {
    this.#measure();
    await this.#server.kill();
    this.#hear();
    this.#kills += 1;
    for (const client of this.#clients) client.serverKilled();
    const { port } = this.#server;
    this.#server = await ServerProcess.start({ args: marketArgs(SPEC), port });
    for (const client of this.#clients) client.serverRestarted(Date.now());
  }

  #measure(): void {
    const most = (a = 0, b = 0) => Math.max(a, b) || undefined;
    this.#serverPeakBytes = most(this.#serverPeakBytes, this.#server.memory()?.peakBytes);
    this.#clientPeakBytes = most(this.#clientPeakBytes, memoryOf('self')?.peakBytes);
  }

  /** What the server logged as its own failures. */
  #hear(): void {
    for (const line of this.#server.log) {
      if (/"level":[56]0/.test(line)) this.#violations.push(`the server failed: ${line}`);
    }
  }

  #sum(of: (client: SoakClient) => number): number {
    return this.#clients.reduce((sum, client) => sum + of(client), 0);
  }

  #violationsOfAll(): string[] {
    const ofClients = this.#clients.flatMap((client, n) => {
      const { log, violations } = client;
      const isWhole = log.isRight && refused(client) === 0;
      const given = `${log}, ${refused(client)} refused frames`;
      const wrong = isWhole ? [] : [`rows must be the market's; given: ${given}`];
      return [...violations, ...wrong].map((sentence) => `client ${n}: ${sentence}`);
    });
    return [...this.#violations, ...ofClients];
  }
}

/** Frames that the library did not take, because they did not begin where the last one ended. */
function refused({ counters }: SoakClient): number {
  return counters.gaps + counters.duplicates;
}

/** Three to twenty of the columns, in any order. */
function someColumns(random: () => number): number[] {
  const columns = Array.from({ length: SPEC.count }, (_, column) => column);
  const count = 3 + Math.floor(random() * 18);
  return Array.from({ length: count }, () => {
    return columns.splice(Math.floor(random() * columns.length), 1)[0];
  });
}
