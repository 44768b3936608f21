import { setTimeout as sleep } from 'node:timers/promises';
import { marketOf } from '../helpers/market.ts';
import { Oracle } from '../helpers/row-log.ts';
import { megabytes, quantile, spread, table, whole } from './numbers.ts';
import { Reader } from './reader.ts';
import { headOf, limitArgs, marketArgs, ServerProcess } from './server-process.ts';

export interface SlowOptions {
  readonly healthy: number;
  readonly stuck: number;
  readonly slow: number;
  /** How often the healthy ones are measured, first alone and then beside the others. */
  readonly rounds: number;
  readonly aloneMs: number;
  readonly besideMs: number;
  readonly limits: Readonly<Record<string, number>>;
}

export interface SlowReport {
  /** What must not be, as sentences: nothing, if all is well. */
  readonly violations: readonly string[];
  /** p99 beside the others in proportion to p99 alone, in the round that was disturbed least. */
  readonly ratio: number;
  /** When stuck clients were closed, after their start; to the second. */
  readonly closedMs: readonly number[];
  /** By how much the server's memory grew for the stuck and slow ones, at most. */
  readonly grownBytes: number | undefined;
  /** For people. */
  readonly table: string;
}

const INTERVAL = 500;
const SPEC = { seed: 9, count: 100, interval: INTERVAL, capacity: 30_000 };
/** 12 MB of JSON before they are live: more than they will read. */
const ROWS_BACK = 20_000;
const SLOW_BYTES_PER_SECOND = 1000;
const SAMPLE_MS = 500;
/** How much longer it may take until the stuck are closed, on any machine. */
const LATEST_MS = 20_000;

/**
 * Readers that never read and readers at 1 kB/s, beside healthy ones, which must not notice. `say`
 * is told of the progress.
 */
export async function slow(
  options: SlowOptions,
  say: (line: string) => void = () => {},
): Promise<SlowReport> {
  const run = await Run.start(options);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const alone = await run.alone();
      say(`  round ${round}, alone: ${spread(alone)}\n`);
      const beside = await run.beside();
      say(`  round ${round}, beside: ${spread(beside)}\n`);
      run.compare(alone, beside);
    }
  } finally {
    await run.end();
  }
  return run.report();
}

class Run {
  readonly #aloneMs: number[] = [];
  readonly #besideMs: number[] = [];
  readonly #ratios: number[] = [];
  readonly #options: SlowOptions;
  readonly #server: ServerProcess;
  readonly #oracle: Oracle;
  readonly #healthy: readonly Reader[];
  readonly #violations: string[] = [];
  readonly #closedMs: number[] = [];
  readonly #endings = new Map<string, number>();
  #stuckRows = 0;
  #slowBytes = 0;
  #aloneBytes: number | undefined;
  #besideBytes: number | undefined;

  private constructor(
    options: SlowOptions,
    server: ServerProcess,
    oracle: Oracle,
    healthy: readonly Reader[],
  ) {
    this.#options = options;
    this.#server = server;
    this.#oracle = oracle;
    this.#healthy = healthy;
  }

  static async start(options: SlowOptions): Promise<Run> {
    const args = [...marketArgs(SPEC), ...limitArgs(options.limits)];
    const server = await ServerProcess.start({ args });
    const oracle = new Oracle(marketOf(SPEC));
    const sinceMs = await headOf(server);
    const healthy = Array.from({ length: options.healthy }, (_, n) => {
      return new Reader({ port: server.port, oracle, sinceMs, isBinary: n % 2 === 1 });
    });
    const run = new Run(options, server, oracle, healthy);
    await until(() => healthy.every(({ log }) => log.rows >= 3));
    run.#latenciesMs();
    return run;
  }

  /** The healthy ones alone. */
  async alone(): Promise<number[]> {
    const untilMs = performance.now() + this.#options.aloneMs;
    while (performance.now() < untilMs) {
      await sleep(SAMPLE_MS);
      this.#aloneBytes = most(this.#aloneBytes, this.#server.memory()?.nowBytes);
    }
    return this.#latenciesMs();
  }

  /** The healthy ones beside the others, until the stuck have been closed. */
  async beside(): Promise<number[]> {
    const startMs = performance.now();
    const head = await headOf(this.#server);
    const open = (count: number, bytesPerSecond: number) =>
      Array.from({ length: count }, (_, n) => {
        // Each from another row, so that no two of them share their frames.
        const sinceMs = head - (ROWS_BACK - n) * INTERVAL;
        const { port } = this.#server;
        return new Reader({ port, oracle: this.#oracle, sinceMs, bytesPerSecond });
      });
    // They read the greeting, and send their request; then nothing more.
    const stuck = open(this.#options.stuck, Number.POSITIVE_INFINITY);
    for (const reader of stuck) reader.stopAfter('subscribed');
    const slow = open(this.#options.slow, SLOW_BYTES_PER_SECOND);
    let closes = await this.#countCloses();
    const { besideMs } = this.#options;
    // On a busy machine the stuck are found later: that is seen by when they are closed.
    const isGoingOn = (afterMs: number) =>
      afterMs < besideMs || (closes < stuck.length && afterMs < besideMs + LATEST_MS);
    while (isGoingOn(performance.now() - startMs)) {
      await sleep(SAMPLE_MS);
      this.#besideBytes = most(this.#besideBytes, this.#server.memory()?.nowBytes);
      const afterMs = performance.now() - startMs;
      for (const count = await this.#countCloses(); closes < count; closes++) {
        this.#closedMs.push(afterMs);
      }
    }
    const latenciesMs = this.#latenciesMs();
    this.#checkSlow(slow, performance.now() - startMs);
    await this.#checkStuck(stuck);
    for (const reader of slow) reader.destroy();
    return latenciesMs;
  }

  compare(aloneMs: readonly number[], besideMs: readonly number[]): void {
    this.#ratios.push(quantile(besideMs, 0.99) / quantile(aloneMs, 0.99));
    this.#aloneMs.push(...aloneMs);
    this.#besideMs.push(...besideMs);
  }

  async end(): Promise<void> {
    for (const [n, { ending, log }] of this.#healthy.entries()) {
      this.#expect(
        ending === undefined,
        `healthy ${n} must stay; given: ${JSON.stringify(ending)}`,
      );
      this.#expect(log.isRight, `the rows of healthy ${n} must be the market's; given: ${log}`);
    }
    for (const reader of this.#healthy) reader.destroy();
    await this.#server.kill();
  }

  report(): SlowReport {
    const { healthy, stuck, slow, rounds, besideMs } = this.#options;
    const grownBytes =
      this.#aloneBytes === undefined || this.#besideBytes === undefined
        ? undefined
        : this.#besideBytes - this.#aloneBytes;
    const p999 = [this.#aloneMs, this.#besideMs].map((ms) => Math.round(quantile(ms, 0.999)));
    const seconds = this.#closedMs.map((ms) => Math.round(ms / 1000));
    const perSecond = this.#slowBytes / (slow * rounds) / (besideMs / 1000);
    return {
      violations: this.#violations,
      ratio: Math.min(...this.#ratios),
      closedMs: this.#closedMs,
      grownBytes,
      table: table([
        ['healthy, stuck, slow', `${healthy}, ${stuck}, ${slow}`],
        ['row to arrival, alone', `${spread(this.#aloneMs)}, p99.9 ${p999[0]} ms`],
        ['row to arrival, beside', `${spread(this.#besideMs)}, p99.9 ${p999[1]} ms`],
        ['p99 beside / alone, by round', this.#ratios.map((ratio) => ratio.toFixed(2)).join(', ')],
        ['server memory alone', megabytes(this.#aloneBytes)],
        ['server memory beside, most', megabytes(this.#besideBytes)],
        ['stuck ones closed', `${seconds.length} of ${stuck * rounds}`],
        ['  seconds after their start', spreadOf(seconds)],
        ...[...this.#endings].map(([how, count]) => [`  then read: ${how}`, count] as const),
        ['rows the stuck read then', this.#stuckRows],
        ['slow ones read', `${whole(perSecond)} bytes/s each`],
        ['wrong', this.#violations.length],
      ]),
    };
  }

  /** Those of the healthy ones since the last time. */
  #latenciesMs(): number[] {
    return this.#healthy.flatMap(({ latenciesMs }) => latenciesMs.splice(0));
  }

  /** How many the server has closed; the clients themselves do not notice, they do not read. */
  async #countCloses(): Promise<number> {
    const text = await (await fetch(`${this.#server.url}/metrics`)).text();
    // 1006 too: they do not answer the close.
    const closes = text.matchAll(
      /^tickwell_connections_closed_total\{code="(?:4001|1006)"\} (\d+)$/gm,
    );
    return [...closes].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  #checkSlow(readers: readonly Reader[], afterMs: number): void {
    for (const [n, { ending, log, readBytes }] of readers.entries()) {
      this.#slowBytes += readBytes;
      const least = (0.5 * SLOW_BYTES_PER_SECOND * afterMs) / 1000;
      this.#expect(ending === undefined, `slow ${n} must stay; given: ${JSON.stringify(ending)}`);
      this.#expect(log.isRight, `the rows of slow ${n} must be the market's; given: ${log}`);
      this.#expect(readBytes >= least, `slow ${n} must read ${least} bytes; given: ${readBytes}`);
    }
  }

  /** Lets them read: what was sent before they were closed, and how they were. */
  async #checkStuck(readers: readonly Reader[]): Promise<void> {
    for (const reader of readers) reader.readRest();
    await until(() => readers.every(({ ending }) => ending !== undefined));
    for (const [n, { ending, log, words }] of readers.entries()) {
      const last = words.at(-1) ?? '';
      const how = ending === undefined ? 'open' : `${ending.code}`;
      const said = last.startsWith('bye') ? `${how} after ${last}` : how;
      this.#endings.set(said, (this.#endings.get(said) ?? 0) + 1);
      this.#stuckRows += log.rows;
      this.#expect(log.isRight, `the rows of stuck ${n} must be the market's; given: ${log}`);
      // 1006: the rest of what it was sent was lost with its connection.
      const isClosed = ['4001 after bye 4001', '1006 after bye 4001', '1006'].includes(said);
      this.#expect(isClosed, `stuck ${n} must be closed; given: ${said} ${ending?.reason}`);
    }
  }

  #expect(isTrue: boolean, sentence: string): void {
    if (!isTrue) this.#violations.push(sentence);
  }
}

async function until(isTrue: () => boolean, atMostMs = 20_000): Promise<void> {
  const untilMs = performance.now() + atMostMs;
  while (!isTrue() && performance.now() < untilMs) await sleep(20);
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function spreadOf(seconds: readonly number[]): string {
  return seconds.length === 0 ? 'none' : `${Math.min(...seconds)} to ${Math.max(...seconds)}`;
}
