import type { Logger } from 'pino';
import { Bucket } from './budgets/bucket.ts';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics/metrics.ts';

/** A failure that comes back with each row is logged once a second, with how often it came. */
const LINES_PER_SECOND = 1;
const LINES_BURST = 10;

/**
 * Our own failures. Each is counted where the alert looks, also when no client could be told. Each
 * is logged too, unless there are so many that they would fill the disk.
 */
export class Failures {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #lines: Bucket;
  #leftOut = 0;

  constructor(logger: Logger, clock: Clock, metrics: Metrics) {
    this.#logger = logger;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#lines = new Bucket(LINES_PER_SECOND, LINES_BURST, clock.steadyMs());
  }

  /** `path` is where a request went, if it was one. */
  tell(error: unknown, path?: string): void {
    this.#metrics.refused('internal');
    if (this.#lines.take(1, this.#clock.steadyMs()) > 0) {
      this.#leftOut += 1;
      return;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    const about = {
      ...(path === undefined ? {} : { path }),
      ...(leftOut === 0 ? {} : { leftOut }),
    };
    this.#logger.error({ err: error, ...about }, 'failed');
  }
}
