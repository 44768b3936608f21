import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { SubscriptionState } from '../../src/client/index.ts';
import { type Subscription, subscribe } from '../../src/client/index.ts';
import { type Oracle, RowLog } from '../helpers/row-log.ts';

/** Bytes that wait for a slow application before the library asks the server to pause. */
const SLOW_QUEUE_BYTES = 65_536;
const MOST_BACKOFF_MS = 20_000;
/** The most that a server's `bye` asks to wait. */
const MOST_RETRY_AFTER_MS = 2000;

export interface SoakClientOptions {
  readonly url: string;
  readonly oracle: Oracle;
  /** `undefined` for `*`. */
  readonly columns: readonly number[] | undefined;
  readonly sinceMs: number;
  readonly format: 'bin' | 'json';
  /** Default: WebSockets, or what gets through. */
  readonly transport?: 'websocket' | 'events';
  /** How long its application takes over each frame. */
  readonly slownessMs: number;
  /** How long after a restart it tries again, whatever the back-off says; undefined for never. */
  readonly impatienceMs: number | undefined;
  /** Whether the back-off alone decides when it has new rows again. */
  readonly isMeasured: boolean;
}

/** The library at work, and an application that holds every row it is given against the oracle. */
export class SoakClient {
  readonly log: RowLog;
  /** From the loss of a connection until being subscribed again, of measured ones. */
  readonly outagesMs: number[] = [];
  /** From a restart of the server to the first row that became due after it, likewise. */
  readonly recoveriesMs: number[] = [];
  /** How much later than announced the attempts came. */
  readonly latenessMs: number[] = [];
  /** Restarts after which it was not back before the next kill, likewise. */
  overtaken = 0;
  /** What must not be, as sentences. */
  readonly violations: string[] = [];
  /** Why it was not connected, by the codes of its states. */
  readonly reasons = new Set<string>();
  readonly #isMeasured: boolean;
  readonly #impatienceMs: number | undefined;
  readonly #subscription: Subscription;
  readonly #over: Promise<void>;
  #slownessMs: number;
  #impatient: NodeJS.Timeout | undefined;
  #lostMs: number | undefined;
  #restartedMs: number | undefined;
  #attemptDueMs: number | undefined;

  constructor(options: SoakClientOptions) {
    const { url, oracle, columns, sinceMs, format } = options;
    const { instruments, id } = oracle.market;
    this.log = new RowLog(oracle, columns ?? [...instruments.keys()], sinceMs);
    this.#slownessMs = options.slownessMs;
    this.#impatienceMs = options.impatienceMs;
    this.#isMeasured = options.isMeasured;
    this.#subscription = subscribe({
      url,
      symbols: columns?.map((column) => instruments[column].symbol) ?? '*',
      since: sinceMs,
      market: id,
      format,
      ...(options.transport === undefined ? {} : { transport: options.transport }),
      WebSocket,
      onState: (state) => this.#enter(state),
      ...(options.slownessMs > 0 ? { maxQueuedBytes: SLOW_QUEUE_BYTES } : {}),
    });
    this.#over = this.#read();
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  get counters(): Subscription['counters'] {
    return this.#subscription.counters;
  }

  /** The server is ready again, at `nowMs` since 1970. */
  serverRestarted(nowMs: number): void {
    if (this.#isMeasured) this.#restartedMs = nowMs;
    if (this.#impatienceMs === undefined) return;
    this.#impatient = setTimeout(() => {
      if (this.state.kind === 'reconnecting') this.#subscription.retry();
    }, this.#impatienceMs);
  }

  /** The server is gone. */
  serverKilled(): void {
    clearTimeout(this.#impatient);
    if (this.#restartedMs !== undefined) this.overtaken += 1;
    this.#restartedMs = undefined;
  }

  /** Its application is slow no more; if `isAtOnce`, it does not wait for an attempt either. */
  hurry(isAtOnce: boolean): void {
    this.#slownessMs = 0;
    if (isAtOnce && this.state.kind === 'reconnecting') this.#subscription.retry();
  }

  async close(): Promise<void> {
    clearTimeout(this.#impatient);
    this.#subscription.close();
    await this.#over;
  }

  async #read(): Promise<void> {
    try {
      for await (const rows of this.#subscription) {
        this.log.take(rows);
        if (this.#restartedMs !== undefined && rows.until >= this.#restartedMs) {
          this.recoveriesMs.push(Date.now() - this.#restartedMs);
          this.#restartedMs = undefined;
        }
        if (this.#slownessMs > 0) await sleep(this.#slownessMs);
      }
    } catch (error) {
      this.violations.push(`the subscription must not end; given: ${error}`);
    }
  }

  #enter(state: SubscriptionState): void {
    const nowMs = performance.now();
    if (state.kind === 'reconnecting') {
      this.reasons.add(state.reason.code);
      this.#reconnecting(state, nowMs);
    }
    if (state.kind !== 'live' && state.kind !== 'catching up') return;
    if (this.#lostMs !== undefined && this.#isMeasured) this.outagesMs.push(nowMs - this.#lostMs);
    this.#lostMs = undefined;
  }

  #reconnecting({ attempt, inMs }: { attempt: number; inMs: number }, nowMs: number): void {
    this.#lostMs ??= nowMs;
    // While it waits, more may come to be known of why.
    const isExpected = this.#attemptDueMs !== undefined && this.#isMeasured && inMs === 0;
    if (isExpected) this.latenessMs.push(nowMs - this.#attemptDueMs!);
    this.#attemptDueMs = inMs > 0 ? nowMs + inMs : undefined;
    const boundMs = Math.min(MOST_BACKOFF_MS, 500 * 2 ** (attempt - 1));
    if (inMs <= Math.max(boundMs, MOST_RETRY_AFTER_MS)) return;
    this.violations.push(`attempt ${attempt} must wait at most ${boundMs} ms; given: ${inMs}`);
  }
}
