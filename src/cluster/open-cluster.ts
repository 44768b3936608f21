import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { Timeline } from '../core/timeline/timeline.ts';
import type { Clock } from '../host/clock.ts';
import { Life } from '../host/control/life.ts';
import { type Control, missingIn } from '../host/control/open-control.ts';
import { ClusterDirector } from './cluster-director.ts';
import { ClusterLog, type LogListener } from './cluster-log.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { JetStreamLog } from './jetstream-log.ts';
import type { LogTransport } from './log-transport.ts';
import { RefusedByNats, UnusableLog } from './nats-errors.ts';

/** How often the log is looked at: seals and what is sent again wait for it. */
const TICK_MS = 25;
/** A start waits so long for NATS, which may be starting too. */
const START_MS = 30_000;

export interface OpenClusterOptions {
  readonly cluster: ClusterOptions;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** How the market's time begins, if it is said; one that has begun goes on, if it began so. */
  readonly anchors: readonly Anchor[];
  /** Called when the log cannot be gone on with: rows stand still from then on. */
  readonly broke: (error: Error) => void;
}

/**
 * Reads the log of a market in NATS to its end, and goes on reading; what was done is added to
 * `timeline`. Throws one sentence if that cannot be: a `WrongLog`, a `LogDiverged`, an
 * `UnusableLog` or a `RefusedByNats` if it is no use to try again.
 */
export function openCluster(timeline: Timeline, options: OpenClusterOptions): Promise<Control> {
  const { cluster, logger } = options;
  const { nats, logName, replicas, anyVersion } = cluster;
  const transport = new JetStreamLog({
    ...{ nats, anyVersion, replicas },
    log: logName,
    market: timeline.market.id,
    found: (what) => logger.info(what, 'the log is reached'),
  });
  return new OpenedCluster(timeline, options, transport).open();
}

/** A log from when it is looked for until somebody directs by it. */
class OpenedCluster implements LogListener, Control {
  readonly #options: OpenClusterOptions;
  readonly #log: ClusterLog;
  readonly #life: Life;
  readonly #timer: NodeJS.Timeout;
  #director: ClusterDirector | undefined;
  /** Why it cannot be had, as it seems. */
  #lost: Error | undefined;
  #broke: Error | undefined;

  constructor(timeline: Timeline, options: OpenClusterOptions, transport: LogTransport) {
    this.#options = options;
    this.#life = new Life(timeline);
    const { clock, logger, cluster } = options;
    const { market } = timeline;
    this.#log = new ClusterLog(
      {
        ...{ grid: market.grid, market: market.id, transport, clock, logger },
        leadMs: cluster.leadMs,
        random: Math.random,
        by: randomUUID(),
      },
      this,
    );
    this.#timer = setInterval(() => this.#log.tick(), TICK_MS);
  }

  async open(): Promise<Control> {
    try {
      await this.#caughtUp();
      await this.#begin();
      this.#log.seals = true;
      return this;
    } catch (error) {
      await this.close();
      throw this.#broke ?? error;
    }
  }

  get anchors(): readonly Anchor[] {
    return this.#life.time?.anchors ?? [];
  }

  direct(directed: Parameters<Control['direct']>[0]): ClusterDirector {
    this.#director = new ClusterDirector(this.#log, directed, this.#life, () => this.close());
    // What was read broken before anybody directed by it.
    if (this.#broke !== undefined) this.#director.broke();
    return this.#director;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#log.stop();
  }

  done(line: Parameters<LogListener['done']>[0]): void {
    if (this.#director === undefined) this.#life.take(line);
    else this.#director.done(line);
  }

  sealed(): void {
    this.#life.mark = this.#log.state.seal.index;
    this.#director?.sealed();
  }

  lost(error: Error): void {
    this.#lost = error;
  }

  broke(error: Error): void {
    this.#broke = error;
    this.#director?.broke();
    if (this.#log.seals) this.#options.broke(error);
  }

  /** Waits until all is read that there is. */
  async #caughtUp(): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.steadyMs() + START_MS;
    while (!this.#log.isCaughtUp) {
      if (this.#broke !== undefined) throw this.#broke;
      const error = this.#lost;
      const isUseless = error instanceof UnusableLog || error instanceof RefusedByNats;
      if (isUseless || clock.steadyMs() > untilMs) throw error ?? new Error('NATS says nothing');
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** Writes how the market's time begins, as far as the log does not say it. */
  async #begin(): Promise<void> {
    const { anchors, cluster } = this.#options;
    for (;;) {
      let isWhole = false;
      await this.#log.append(() => {
        const [anchor] = missingIn(this.#life, anchors, cluster.logName);
        isWhole = anchor === undefined;
        if (anchor === undefined) return undefined;
        return { clock: { key: randomUUID(), index: 0, ...anchor }, digest: '' };
      });
      if (isWhole) return;
    }
  }
}
