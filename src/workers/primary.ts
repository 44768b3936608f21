import cluster from 'node:cluster';
import type { Readings } from '../host/metrics/exposition.ts';
import { controlReadings, failureReadings } from '../server/readings.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Member, newMember, send } from './member.ts';
import type { Start, ToPrimary, ToWorker } from './messages.ts';
import type { PrimaryOptions } from './primary-options.ts';
import { Replacing } from './replacing.ts';
import { Sealing, type Shared } from './sealing.ts';
import { settled } from './settled.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/** After the grace that clients have, a worker that has not ended is killed. */
const SLOW_STOP_MS = 1000;

/** Keeps the workers: starts them, replaces those that end, passes on what they report. */
export class Primary {
  readonly listening: Promise<void>;
  /** Resolves when rows flow in all of them. */
  readonly ready: Promise<void>;
  readonly #options: PrimaryOptions;
  readonly #addresses: readonly string[];
  readonly #port: number;
  readonly #members = new Map<number, Member>();
  readonly #metrics = new WorkerMetrics();
  readonly #replacing: Replacing;
  readonly #sealing: Sealing;
  #url = '';
  /** Whose candles the others are given: those of one, however many make some. */
  #candleMaker: number | undefined;
  /** Whether the rings of all have been full. */
  #isOpen = false;
  #hung = 0;
  /** Our own failures: counted where those of workers are. */
  #failures = 0;
  #isDraining = false;
  #stopping: Promise<void> | undefined;
  readonly #heartbeat: Heartbeat;
  #settle: { listening(): void; ready(): void; failed(error: Error): void };

  constructor(
    options: PrimaryOptions,
    { addresses, port, shared }: { addresses: readonly string[]; port: number; shared: Shared },
  ) {
    this.#options = options;
    this.#sealing = new Sealing(shared, (message) => {
      for (const each of this.#members.values()) send(each, message);
    });
    this.#addresses = addresses;
    this.#port = port;
    // The system would hand most connections to those that have most to do.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    // So that lists of numbers come to others as what they were.
    const serialization = 'advanced';
    const { program: exec, args } = options;
    cluster.setupPrimary({ exec, args: [...args], silent: false, serialization });
    const [listening, ready] = [settled(), settled()];
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
    process.on('exit', this.#kill);
    this.#replacing = new Replacing(
      () => this.#start(true),
      (error) => this.#failed(error),
    );
    void this.#begin();
  }

  /** Starts the workers, once the first rows are sealed. */
  async #begin(): Promise<void> {
    try {
      await this.#sealing.begin();
      if (this.#stopping !== undefined) return;
      for (let n = 0; n < this.#options.workers; n++) this.#start(false);
    } catch (error) {
      this.#settle.failed(error as Error);
    }
  }

  get url(): string {
    return this.#url;
  }

  /** How much of the rings is filled, from 0 to 1. */
  readonly progress = (): number => {
    const each = [...this.#members.values()].map(({ progress }) => progress);
    return Math.min(1, ...each);
  };

  /** Each worker says that it is about to stop, and goes on. */
  drain(): void {
    this.#isDraining = true;
    for (const each of this.#members.values()) send(each, { type: 'drain' });
  }

  /** Each worker says goodbye to its clients and ends. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end((member) => {
      if (member.hasBegun) send(member, { type: 'stop' });
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
    this.#replacing.stop();
    const members = [...this.#members.values()];
    // `once` of node:events would throw what a message to one that is ending comes to.
    const ends = members.map(({ worker }) => new Promise((end) => worker.once('exit', end)));
    for (const member of members) how(member);
    // One that hangs, or is stopped, hears nothing: it must not outlive this process.
    const cut = setTimeout(this.#kill, this.#options.limits.closeGraceMs + SLOW_STOP_MS);
    await Promise.all(ends);
    clearTimeout(cut);
    await this.#sealing.stop();
    process.off('exit', this.#kill);
  }

  /** However this process ends: a worker that hangs would not notice. */
  readonly #kill = () => {
    for (const { worker } of this.#members.values()) worker.process.kill('SIGKILL');
  };

  #start(isReplacement: boolean): Member {
    const hangs = (member: Member, silentMs: number) => this.#hangs(member, silentMs);
    const member = newMember(cluster.fork(), isReplacement, hangs);
    const { worker } = member;
    this.#members.set(worker.id, member);
    worker.on('message', (message: ToPrimary) => void this.#receive(member, message));
    worker.on('error', (error) => {
      this.#failed(error, worker.id);
      // It has not even begun: nothing else will be heard of it.
      if (worker.process.pid === undefined) this.#ended(member, null, null);
    });
    worker.on('exit', (code, signal) => this.#ended(member, code, signal));
    return member;
  }

  #startOf({ isReplacement, worker }: Member): Start {
    const { market, host, limits, protocols, access, faults, logger, workers, drainMs } =
      this.#options;
    // A worker takes whole ones only.
    const cacheMb = Math.floor(this.#options.cacheMb / workers);
    // One is enough. Who comes later has none of what was made before.
    const makesCandles = isReplacement || worker.id === Math.min(...this.#members.keys());
    return {
      ...{ spec: market.spec, market: market.id, host, addresses: this.#addresses },
      ...{ port: this.#port, limits, protocols, access, faults, cacheMb, workers, drainMs },
      ...{ isReplacement, makesCandles, logLevel: logger.level, ...this.#sealing.start },
    };
  }

  async #receive(member: Member, message: ToPrimary): Promise<void> {
    const { id } = member.worker;
    // What is still on its way when a worker has ended says what no longer is.
    if (!this.#members.has(id)) return;
    this.#heartbeat.heard(member);
    switch (message.type) {
      case 'begun':
        member.hasBegun = true;
        send(member, { type: 'start', start: this.#startOf(member) });
        if (this.#isDraining) send(member, { type: 'drain' });
        return;
      case 'joined':
        this.#sendOthers(member, { type: 'joined' });
        return;
      case 'usage':
        this.#sendOthers(member, { type: 'usage', worker: id, reports: message.reports });
        return;
      case 'candles':
        this.#candleMaker ??= id;
        if (this.#candleMaker === id) this.#sendOthers(member, message);
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
        if (this.#isOpen) for (const each of this.#members.values()) send(each, { type: 'open' });
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
      case 'take': {
        const answer = await this.#sealing.take(message.wish);
        send(member, { type: 'answered', ask: message.ask, answer });
        return;
      }
      case 'change': {
        const answer = await this.#sealing.change(message.wish);
        send(member, { type: 'answered', ask: message.ask, answer });
        return;
      }
      case 'list': {
        const answer = await this.#sealing.list();
        send(member, { type: 'answered', ask: message.ask, answer });
        return;
      }
      case 'wanted':
        send(member, { type: 'metrics', ask: message.ask, all: await this.#readMetrics() });
    }
  }

  /** Ends a worker that will not end by itself; another takes its place. */
  #hangs({ worker }: Member, silentMs: number): void {
    this.#hung += 1;
    this.#options.logger.error({ worker: worker.id, silentMs }, 'a worker hangs');
    worker.process.kill('SIGKILL');
  }

  #ended(member: Member, code: number | null, signal: string | null): void {
    const { worker, startedMs, isReady } = member;
    // Of one that could not be begun both may be heard, its error and its exit.
    if (!this.#members.delete(worker.id)) return;
    this.#heartbeat.forget(member);
    if (this.#candleMaker === worker.id) this.#candleMaker = undefined;
    for (const each of this.#members.values()) send(each, { type: 'gone', worker: worker.id });
    this.#metrics.retire(member);
    if (this.#stopping !== undefined) return;
    const { logger } = this.#options;
    if (!this.#isOpen) {
      // As of a single process: what cannot be begun ends, and says why.
      const how = signal ?? `code ${code}`;
      this.#settle.failed(new Error(`a worker ended before all could serve, with ${how}`));
      void this.cut();
      return;
    }
    const waitMs = this.#replacing.ended(performance.now() - startedMs, isReady);
    logger.error({ worker: worker.id, code, signal, waitMs }, 'a worker ended');
  }

  #failed(error: unknown, worker?: number): void {
    this.#failures += 1;
    this.#options.logger.error(
      { err: error, ...(worker === undefined ? {} : { worker }) },
      'failed',
    );
  }

  #areAll(are: (member: Member) => boolean): boolean {
    return this.#members.size === this.#options.workers && [...this.#members.values()].every(are);
  }

  #sendOthers(member: Member, message: ToWorker): void {
    for (const each of this.#members.values()) if (each !== member) send(each, message);
  }

  #readMetrics() {
    const own: Readings = {
      ...failureReadings(() => [['internal', this.#failures]], this.#options.droppedLines),
      ...controlReadings(this.#sealing),
      tickwell_worker_restarts_total: ['Workers replaced.', () => this.#replacing.restarts],
      tickwell_worker_hangs_total: ['Workers killed.', () => this.#hung],
    };
    return this.#metrics.readAll(this.#members.values(), own);
  }
}
