import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Logger } from 'pino';
import type { Market } from '../core/market/market.ts';
import type { AccessOptions } from '../host/access/access-policy.ts';
import type { Limits } from '../host/limits.ts';
import { addressesOf } from '../host/listen.ts';
import { type Metric, type Readings, readAll, together } from '../host/metrics/exposition.ts';
import { PROCESS_READINGS } from '../host/metrics/process.ts';
import { faultReadings } from '../server/readings.ts';
import { Heartbeat, type HeartbeatTimes, type Watched } from './heartbeat.ts';
import type { Start, ToPrimary, ToWorker } from './messages.ts';

/** A worker that does not say its metrics within this time is taken to have those of last time. */
const READ_MS = 1000;
/** A worker that lived for less is not replaced at once: what ended it may still be there. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 100;
const MOST_WAIT_MS = 10_000;

export interface PrimaryOptions {
  readonly market: Market;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly limits: Limits;
  readonly access: AccessOptions;
  /** Of all workers together. */
  readonly cacheMb: number;
  readonly logger: Logger;
  /** Lines that it could not write. */
  readonly droppedLines: () => number;
  /** How many; at least one. */
  readonly workers: number;
  /** What a worker runs, which is to call `runWorker`, and with which arguments. */
  readonly program: string;
  readonly args: readonly string[];
  /** When a worker is taken to hang; only tests set it. */
  readonly heartbeat?: HeartbeatTimes;
}

/** After the grace that clients have, a worker that has not ended is killed. */
const SLOW_STOP_MS = 1000;

/** A worker, as the primary knows it. */
interface Member extends Watched {
  readonly worker: Worker;
  readonly startedMs: number;
  readonly isReplacement: boolean;
  /** Whether it hears what it is told. */
  hasBegun: boolean;
  /** How much of its ring is filled, from 0 to 1. */
  progress: number;
  isFilled: boolean;
  isListening: boolean;
  isReady: boolean;
  /** Its metrics, as it said them last. */
  metrics: readonly Metric[];
  readonly asked: Map<number, (metrics: readonly Metric[]) => void>;
}

/**
 * Serves a market by several processes at one port: each computes the same prices, so all that goes
 * between them is who holds how much of what is limited.
 *
 *     client - primary - worker: takes it in, and has it until its end
 *                 \
 *                  told, gone: what the other workers hold
 *
 * Resolves when all listen. Throws what the first to fail says.
 */
export async function startWorkers(options: PrimaryOptions): Promise<Primary> {
  const addresses = await addressesOf(options.host);
  const port = options.port === 0 ? await freePortAt(addresses[0]!) : options.port;
  const primary = new Primary(options, addresses, port);
  try {
    await primary.listening;
  } catch (error) {
    await primary.cut();
    throw error;
  }
  return primary;
}

/** Keeps the workers: starts them, replaces those that end, passes on what they tell. */
export class Primary {
  readonly listening: Promise<void>;
  /** Resolves when rows flow in all of them. */
  readonly ready: Promise<void>;
  readonly #options: PrimaryOptions;
  readonly #addresses: readonly string[];
  readonly #port: number;
  readonly #members = new Map<number, Member>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #url = '';
  /** Whether the rings of all have been full. */
  #isOpen = false;
  #asks = 0;
  #restarts = 0;
  #hung = 0;
  #earlyEnds = 0;
  /** Our own faults: counted where those of workers are. */
  #failures = 0;
  #stopping: Promise<void> | undefined;
  /** What workers counted that are no more: counters must not fall. */
  #retired: readonly Metric[] = [];
  readonly #heartbeat: Heartbeat;
  #settle: { listening(): void; ready(): void; failed(error: Error): void };

  constructor(options: PrimaryOptions, addresses: readonly string[], port: number) {
    this.#options = options;
    this.#addresses = addresses;
    this.#port = port;
    // The system would hand most connections to those that have most to do.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: options.program, args: [...options.args], silent: false });
    const listening = settled();
    const ready = settled();
    this.listening = listening.promise;
    this.ready = ready.promise;
    this.#settle = {
      listening: listening.resolve,
      ready: ready.resolve,
      failed(error) {
        listening.reject(error);
        ready.reject(error);
      },
    };
    this.#heartbeat = new Heartbeat(options.heartbeat);
    for (let n = 0; n < options.workers; n++) this.#start(false);
  }

  get url(): string {
    return this.#url;
  }

  /** How much of the rings is filled, from 0 to 1. */
  readonly progress = (): number => {
    const each = [...this.#members.values()].map(({ progress }) => progress);
    return Math.min(1, ...each);
  };

  /** Each worker says goodbye to its clients and ends. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end((member) => {
      if (member.hasBegun) tell(member, { type: 'stop' });
      else member.worker.process.kill('SIGKILL');
    });
    return this.#stopping;
  }

  /** Ends them at once, because they cannot all serve. */
  cut(): Promise<void> {
    this.#stopping ??= this.#end(({ worker }) => void worker.process.kill('SIGKILL'));
    return this.#stopping;
  }

  async #end(how: (member: Member) => void): Promise<void> {
    this.#heartbeat.stop();
    for (const timer of this.#waiting) clearTimeout(timer);
    const members = [...this.#members.values()];
    // `once` of node:events would throw what a message to one that is ending comes to.
    const ends = members.map(({ worker }) => new Promise((end) => worker.once('exit', end)));
    for (const member of members) how(member);
    // One that hangs, or is stopped, hears nothing: it must not outlive this process.
    const cut = setTimeout(() => {
      for (const { worker } of members) worker.process.kill('SIGKILL');
    }, this.#options.limits.closeGraceMs + SLOW_STOP_MS);
    await Promise.all(ends);
    clearTimeout(cut);
  }

  #start(isReplacement: boolean): Member {
    const { logger } = this.#options;
    const member: Member = {
      worker: cluster.fork(),
      startedMs: performance.now(),
      isReplacement,
      hasBegun: false,
      progress: 0,
      isFilled: false,
      isListening: false,
      isReady: false,
      metrics: [],
      asked: new Map(),
      ask: () => tell(member, { type: 'ping' }),
      hangs: (silentMs) => this.#hangs(member, silentMs),
    };
    const { worker } = member;
    this.#members.set(worker.id, member);
    worker.on('message', (message: ToPrimary) => void this.#heard(member, message));
    worker.on('error', (error) => {
      this.#failures += 1;
      logger.error({ err: error, worker: worker.id }, 'failed');
      // It has not even begun: nothing else will be heard of it.
      if (worker.process.pid === undefined) this.#ended(member, null, null);
    });
    worker.on('exit', (code, signal) => this.#ended(member, code, signal));
    return member;
  }

  #startOf({ isReplacement }: Member): Start {
    const { market, host, limits, access, logger, workers } = this.#options;
    // A worker takes whole ones only.
    const cacheMb = Math.floor(this.#options.cacheMb / workers);
    return {
      ...{ spec: market.spec, market: market.id, host, addresses: this.#addresses },
      ...{ port: this.#port, limits, access, cacheMb, workers, isReplacement },
      logLevel: logger.level,
    };
  }

  async #heard(member: Member, message: ToPrimary): Promise<void> {
    const { id } = member.worker;
    // What is still on its way when a worker has ended says what no longer is.
    if (!this.#members.has(id)) return;
    this.#heartbeat.heard(member);
    switch (message.type) {
      case 'begun':
        member.hasBegun = true;
        tell(member, { type: 'start', start: this.#startOf(member) });
        return;
      case 'joined':
        this.#tellOthers(member, { type: 'joined' });
        return;
      case 'told':
        this.#tellOthers(member, { type: 'told', worker: id, told: message.told });
        return;
      case 'listening':
        this.#url = message.url;
        member.isListening = true;
        if (this.#areAll(({ isListening }) => isListening)) this.#settle.listening();
        return;
      case 'progress':
        member.progress = message.progress;
        return;
      case 'filled':
        member.isFilled = true;
        this.#isOpen ||= this.#areAll(({ isFilled }) => isFilled);
        if (this.#isOpen) for (const each of this.#members.values()) tell(each, { type: 'open' });
        return;
      case 'ready':
        member.progress = 1;
        member.isReady = true;
        // Not before: what fills a ring may take long, and reads no messages meanwhile.
        this.#heartbeat.watch(member);
        if (this.#areAll(({ isReady }) => isReady)) this.#settle.ready();
        return;
      case 'failed': {
        const { message: reason, code } = message;
        if (member.isReplacement) {
          this.#options.logger.error({ worker: id, reason }, 'a worker cannot start');
        }
        this.#settle.failed(Object.assign(new Error(reason), { code }));
        return;
      }
      case 'read':
        member.asked.get(message.ask)?.(message.metrics);
        return;
      case 'wanted':
        tell(member, { type: 'metrics', ask: message.ask, all: await this.#readAll() });
    }
  }

  /** Ends a worker that will not end by itself; another takes its place. */
  #hangs({ worker }: Member, silentMs: number): void {
    this.#hung += 1;
    this.#options.logger.error({ worker: worker.id, silentMs }, 'a worker hangs');
    worker.process.kill('SIGKILL');
  }

  #ended(member: Member, code: number | null, signal: string | null): void {
    const { worker, startedMs, isReady, metrics } = member;
    // Of one that could not be begun both may be heard, its error and its exit.
    if (!this.#members.delete(worker.id)) return;
    this.#heartbeat.forget(member);
    for (const each of this.#members.values()) tell(each, { type: 'gone', worker: worker.id });
    this.#retire(metrics);
    if (this.#stopping !== undefined) return;
    const { logger } = this.#options;
    if (!this.#isOpen) {
      // As of a single process: what cannot be begun ends, and says why.
      const how = signal ?? `code ${code}`;
      this.#settle.failed(new Error(`a worker ended before all could serve, with ${how}`));
      void this.cut();
      return;
    }
    const isEarly = !isReady || performance.now() - startedMs < SETTLED_MS;
    this.#earlyEnds = isEarly ? this.#earlyEnds + 1 : 0;
    const doubled = FIRST_WAIT_MS * 2 ** (this.#earlyEnds - 1);
    const waitMs = isEarly ? Math.min(MOST_WAIT_MS, doubled) : 0;
    logger.error({ worker: worker.id, code, signal, waitMs }, 'a worker ended');
    this.#replaceIn(waitMs);
  }

  #replaceIn(waitMs: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#restarts += 1;
      try {
        this.#start(true);
      } catch (error) {
        // Too little memory for a process, as a rule: there may be more later.
        this.#failures += 1;
        this.#options.logger.error({ err: error }, 'failed');
        this.#replaceIn(MOST_WAIT_MS);
      }
    }, waitMs);
    this.#waiting.add(timer);
  }

  #areAll(are: (member: Member) => boolean): boolean {
    return this.#members.size === this.#options.workers && [...this.#members.values()].every(are);
  }

  #tellOthers(member: Member, message: ToWorker): void {
    for (const each of this.#members.values()) if (each !== member) tell(each, message);
  }

  /** The metrics of every worker, of those that were, and of this process. */
  async #readAll(): Promise<(readonly Metric[])[]> {
    const serving = [...this.#members.values()].filter(({ isListening }) => isListening);
    const own: Readings = {
      ...PROCESS_READINGS,
      ...faultReadings(() => [['internal', this.#failures]], this.#options.droppedLines),
      tickwell_worker_restarts_total: ['Workers replaced.', () => this.#restarts],
      tickwell_worker_hangs_total: ['Workers killed.', () => this.#hung],
    };
    const each = serving.map((member) => this.#read(member));
    return [...(await Promise.all([...each, readAll(own)])), this.#retired];
  }

  #read(member: Member): Promise<readonly Metric[]> {
    const ask = ++this.#asks;
    return new Promise((resolve) => {
      const done = (metrics: readonly Metric[]) => {
        clearTimeout(timer);
        member.asked.delete(ask);
        member.metrics = metrics;
        resolve(metrics);
      };
      const timer = setTimeout(() => done(member.metrics), READ_MS);
      member.asked.set(ask, done);
      tell(member, { type: 'read', ask });
    });
  }

  #retire(metrics: readonly Metric[]): void {
    const counted = metrics.filter(({ type }) => type !== 'gauge');
    this.#retired = together([this.#retired, counted]);
  }
}

/** Nobody hears it when the worker is gone: its `exit` is on the way. */
function tell({ worker, hasBegun }: Member, message: ToWorker): void {
  if (hasBegun && worker.isConnected()) worker.send(message, () => {});
}

/** A port that is free at `address`, and at others most probably. */
async function freePortAt(address: string): Promise<number> {
  const server = createServer().listen({ host: address, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function settled() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  // Whoever waits for one of several need not wait for the others.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
