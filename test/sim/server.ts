import type { Logger } from 'pino';
import { Feed } from '../../src/core/feed/feed.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { Timeline } from '../../src/core/timeline/timeline.ts';
import { Hub } from '../../src/delivery/hub.ts';
import { AwaitedRows } from '../../src/host/awaited-rows.ts';
import { Addresses } from '../../src/host/budgets/addresses.ts';
import { ClientLog } from '../../src/host/client-log.ts';
import type { Clock } from '../../src/host/clock.ts';
import { aheadOf, OwnDirector } from '../../src/host/control/own-director.ts';
import { Failures } from '../../src/host/failures.ts';
import { Fates } from '../../src/host/faults/fates.ts';
import { FaultSettings } from '../../src/host/faults/fault-settings.ts';
import { FeedLoop } from '../../src/host/feed-loop.ts';
import { FeedWait } from '../../src/host/feed-wait.ts';
import { AnswerCache } from '../../src/host/http/answer-cache.ts';
import { MarketClock } from '../../src/host/market-clock.ts';
import { Metrics } from '../../src/host/metrics/metrics.ts';
import { Slicer } from '../../src/host/slicer.ts';
import type { TickwellHub, TickwellService } from '../../src/protocols/tickwell/limits.ts';
import { Chunks } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { LIMIT_RULES, type Limits } from '../../src/server/limits.ts';

/** One replica: all of a server's stream but its sockets, its timers and its event loop. */
export class SimulatedServer {
  readonly feed: Feed;
  readonly hub: TickwellHub;
  /** What came out of it, messages alone: by those who are at the other end. */
  readonly written = { rows: 0, candles: 0, trades: 0, frames: 0, bytes: 0 };
  /** Of all its event streams, as they are of one server. */
  readonly chunks = new Chunks();
  readonly #loop: FeedLoop;
  readonly #turns: (() => void)[] = [];

  constructor(of: Market | Timeline, clock: Clock, limits: Limits, logger: Logger) {
    this.feed = new Feed(of);
    this.feed.advance(clock.nowMs());
    const marketClock = new MarketClock(clock);
    const metrics = new Metrics();
    const director = new OwnDirector({
      ...{ ahead: aheadOf(this.feed), clock: marketClock, limits, logger },
      ...{ life: { mark: 0, done: [], turned: [] } },
    });
    const service: TickwellService = {
      feed: this.feed,
      director,
      clock: marketClock,
      wait: new FeedWait(this.feed, marketClock, director, limits, logger),
      awaited: new AwaitedRows(this.feed),
      limits,
      limitTexts: LIMIT_RULES.texts,
      maxOwnConnections: limits.maxConnections,
      slicer: new Slicer(clock, limits.sliceMs, (turn) => void this.#turns.push(turn)),
      addresses: new Addresses(limits, clock),
      answers: new AnswerCache(0),
      metrics,
      faults: new FaultSettings(),
      fates: new Fates(this.feed.market),
      failures: new Failures(logger, clock, metrics),
      logger,
      droppedLines: () => 0,
      log: new ClientLog(logger, clock),
      version: '0',
      isReady: () => true,
      isDraining: () => false,
      progress: () => 1,
    };
    this.hub = new Hub(service) as TickwellHub;
    this.#loop = new FeedLoop(service, () => this.hub.advanced());
  }

  get head(): number {
    return this.feed.head;
  }

  /** What the server's timer does. */
  look(): void {
    this.#loop.look();
  }

  /** Runs what waits for the next turn of the event loop; false if nothing does. */
  turn(): boolean {
    const turn = this.#turns.shift();
    turn?.();
    return turn !== undefined;
  }
}
