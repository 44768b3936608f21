import type { RollingStatistics } from '../../core/history/rolling-statistics.ts';
import type { Summed } from '../../core/history/summed-rows.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import {
  type BackgroundThread,
  busyLoop,
  startThread,
  type ThreadListener,
} from '../background-thread.ts';
import type { Service } from '../service.ts';
import type { GoOn, StatisticsJob } from './statistics-thread.ts';

/** Threads run what is built only. */
const IS_BUILT = import.meta.url.endsWith('.js');
/** After how long to look whether the server still is busy. */
const BUSY_MS = 250;
/** How many rows a column may be behind while nobody asks for it. */
const BEHIND_ROWS = 64;

export type StartStatistics = (
  job: StatisticsJob,
  listener: ThreadListener<Summed>,
) => BackgroundThread;

/** What a server needs of itself for this. */
type Needed = Pick<Service, 'feed' | 'failures' | 'logger' | 'slicer'>;

/**
 * Has statistics of a span begun for all columns there is room for, by a thread while nothing else
 * is to do; then they follow the head, a few columns at each row.
 */
export class BackgroundStatistics {
  readonly #service: Needed;
  readonly #rolling: RollingStatistics;
  readonly #columns: readonly number[];
  readonly #start: StartStatistics | undefined;
  readonly #isBusy: () => boolean;
  #isBegun = false;
  #isStopped = false;
  #lastHead = 0;
  /** What the thread knows of. */
  readonly #told = new Set<Entry>();
  #thread: BackgroundThread | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFollowing = false;
  #turn = 0;

  /** Only tests say how a thread is begun, and who is busy. */
  constructor(
    service: Needed,
    rolling: RollingStatistics,
    columns: readonly number[],
    start: StartStatistics | undefined = IS_BUILT ? startStatistics : undefined,
    isBusy: () => boolean = busyLoop(),
  ) {
    this.#service = service;
    this.#rolling = rolling;
    this.#columns = columns.slice(0, rolling.most);
    this.#start = start;
    this.#isBusy = isBusy;
  }

  /** To be called at every row. */
  look(): void {
    if (this.#isStopped) return;
    const { head } = this.#service.feed;
    // Whoever slept for so long has to begin anew.
    if (head - this.#lastHead > this.#rolling.span.rows) this.#isBegun = false;
    this.#lastHead = head;
    if (!this.#isBegun && this.#thread === undefined) this.#begin();
    if (!this.#isFollowing) this.#follow();
  }

  /** Ends it: nothing is begun any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#thread?.stop();
  }

  #begin(): void {
    this.#isBegun = true;
    this.#told.clear();
    if (this.#start === undefined) return;
    const { feed, failures, logger } = this.#service;
    const { spanMs, startMs, batchRows } = this.#rolling.span;
    const { spec } = feed.market;
    const job = { spec, spanMs, startMs, batchRows, columns: this.#columns };
    this.#thread = this.#start(job, {
      made: (sums) => {
        this.#rolling.begin(sums);
        this.#goOn();
      },
      failed: (error) => failures.tell(error),
      ended: (isWhole) => {
        this.#thread = undefined;
        if (isWhole) logger.debug({ columns: this.#columns.length, spanMs }, 'statistics are made');
      },
    });
    this.#goOn();
  }

  /** Lets the thread go on, once this one has nothing else to do. */
  #goOn(): void {
    if (!this.#isBusy()) this.#thread?.goOn(this.#message());
    else this.#timer = setTimeout(() => this.#goOn(), BUSY_MS).unref();
  }

  /** Where the head is, and what was done that the thread does not know of. */
  #message(): GoOn {
    const { head, timeline } = this.#service.feed;
    if (timeline.entries.length === this.#told.size) return { head };
    const entries = timeline.entries.filter((entry) => !this.#told.has(entry));
    for (const entry of entries) this.#told.add(entry);
    return { head, entries };
  }

  /** Has some columns follow the head, in turn. */
  #follow(): void {
    const count = Math.ceil(this.#columns.length / BEHIND_ROWS);
    const some = this.#columns.slice(this.#turn, this.#turn + count);
    this.#turn = this.#turn + count < this.#columns.length ? this.#turn + count : 0;
    this.#isFollowing = true;
    const { slicer, failures } = this.#service;
    slicer
      .run(this.#rolling.follow(some, false))
      .catch((error) => failures.tell(error))
      .finally(() => {
        this.#isFollowing = false;
      });
  }
}

function startStatistics(job: StatisticsJob, listener: ThreadListener<Summed>): BackgroundThread {
  return startThread(
    new URL('./statistics-thread.js', import.meta.url),
    'statistics',
    job,
    listener,
  );
}
