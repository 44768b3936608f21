import type { PagesWanted } from '../../core/history/candle-pages.ts';
import {
  KEPT_MS,
  type KeptPage,
  PAGE_CANDLES,
  pageBytes,
} from '../../core/history/kept-candles.ts';
import { PAID_PAGE_BYTES } from '../../core/history/paid-days.ts';
import { timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import {
  type BackgroundThread,
  busyLoop,
  startThread,
  type ThreadListener,
} from '../background-thread.ts';
import type { Clock } from '../clock.ts';
import type { Peers } from '../peers.ts';
import type { Service } from '../service.ts';
import type { CandleJob } from './candle-thread.ts';

const [DAY_MS, HOUR_MS] = KEPT_MS;
const [DAY_PAGE_MS, HOUR_PAGE_MS] = [DAY_MS * PAGE_CANDLES, HOUR_MS * PAGE_CANDLES];
/** Threads run what is built only. */
const IS_BUILT = import.meta.url.endsWith('.js');
/** After how long to look whether it still is. */
const BUSY_MS = 250;
/** Of what there is room for, how much days take before there are hours. */
const DAYS_SHARE = 0.5;
/** And as much as that part of it beside, for what was paid in days. */
const PAID_SHARE = 0.25;

export type StartThread = (
  job: CandleJob,
  listener: ThreadListener<readonly KeptPage[]>,
) => BackgroundThread;

/** Who takes what is made here, or makes it. */
type CandlePeers = Pick<Peers, 'makesCandles' | 'shareCandles'>;

/** What a server needs of itself for this. */
type Needed = Pick<Service, 'feed' | 'failures' | 'logger'> & { readonly clock: Clock };

/**
 * Has the candles of hours and days that are final made by a thread, while nothing else is to do,
 * and kept: all of them that there is room for, the newest first, and the next ones as they end.
 */
export class BackgroundCandles {
  readonly #service: Needed;
  readonly #bytes: number;
  readonly #start: StartThread | undefined;
  /** What has ended before is made, or is being made. */
  #madeMs: number | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;
  #thread: BackgroundThread | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #isBusy: () => boolean;
  readonly #peers: CandlePeers | undefined;

  /** Keeps candles of up to `bytes`. Only tests say how a thread is begun, and who is busy. */
  constructor(
    service: Needed,
    bytes: number,
    peers?: CandlePeers,
    start = IS_BUILT ? startCandles : undefined,
    isBusy: () => boolean = busyLoop(),
  ) {
    this.#service = service;
    this.#bytes = bytes;
    this.#peers = peers;
    this.#start = peers?.makesCandles === false ? undefined : start;
    this.#isBusy = isBusy;
  }

  /** Begins with what has ended since the last time, if that is made. To be called at every row. */
  look(): void {
    const { feed } = this.#service;
    const { market, history } = feed;
    const toMs = timeOf(market.grid, feed.head);
    if (toMs < this.#nextMs || this.#thread !== undefined) return;
    this.#nextMs = (Math.floor(toMs / HOUR_MS) + 1) * HOUR_MS;
    const room = roomFor(market, this.#bytes, toMs);
    if (room === undefined) return;
    const paid = paidRoomFor(market, this.#bytes, toMs);
    history.kept.paid.dropBefore(Math.floor(paid.paidFromMs / DAY_PAGE_MS));
    history.kept.dropBefore(DAY_MS, room.fromMs / DAY_PAGE_MS);
    history.kept.dropBefore(HOUR_MS, room.hoursFromMs / HOUR_PAGE_MS);
    if (this.#start === undefined) return;
    const fromMs = Math.max(room.fromMs, this.#madeMs ?? room.fromMs);
    const paidFromMs = Math.max(paid.paidFromMs, this.#madeMs ?? paid.paidFromMs);
    this.#run(this.#start, { ...room, ...paid, fromMs, paidFromMs, toMs });
  }

  /** Ends it: nothing is made any more. */
  async stop(): Promise<void> {
    this.#nextMs = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    await this.#thread?.stop();
  }

  #run(start: StartThread, wanted: CandleJob['wanted']): void {
    const { feed, clock, failures, logger } = this.#service;
    const { market, timeline, history } = feed;
    const begunMs = clock.steadyMs();
    this.#thread = start(
      { spec: market.spec, entries: timeline.entries, wanted },
      {
        made: (pages) => {
          this.#peers?.shareCandles(pages);
          for (const page of pages) history.kept.keep(page);
          this.#goOn();
        },
        failed: (error) => failures.tell(error),
        ended: (isWhole) => {
          this.#thread = undefined;
          if (!isWhole) return;
          this.#madeMs = wanted.toMs;
          const tookMs = Math.round(clock.steadyMs() - begunMs);
          logger.debug({ bytes: history.kept.bytes, tookMs }, 'candles are made');
        },
      },
    );
  }

  /** Lets the thread go on, once this one has nothing else to do. */
  #goOn(): void {
    if (!this.#isBusy()) this.#thread?.goOn();
    else this.#timer = setTimeout(() => this.#goOn(), BUSY_MS).unref();
  }
}

/** The days and hours that there is room for; undefined if there is none. */
function roomFor(market: Market, bytes: number, toMs: number): PagesWanted | undefined {
  const most = Math.floor(bytes / pageBytes(market));
  const ofDays = Math.floor(most * DAYS_SHARE);
  const columns = Math.min(market.instruments.length, ofDays);
  if (columns === 0) return undefined;
  const { originMs } = market.grid;
  const days = pagesFor(originMs, toMs, DAY_PAGE_MS, Math.floor(ofDays / columns));
  const left = Math.floor(most / columns) - days.count;
  const hours = pagesFor(originMs, toMs, HOUR_PAGE_MS, left);
  return { columns, fromMs: days.fromMs, hoursFromMs: hours.fromMs, toMs };
}

/** The days of which there is room for what was paid in them. */
function paidRoomFor(market: Market, bytes: number, toMs: number) {
  const most = Math.floor((PAID_SHARE * bytes) / PAID_PAGE_BYTES);
  const paidColumns = Math.min(market.instruments.length, most);
  const each = paidColumns === 0 ? 0 : Math.floor(most / paidColumns);
  const { fromMs } = pagesFor(market.grid.originMs, toMs, DAY_PAGE_MS, each);
  return { paidColumns, paidFromMs: fromMs };
}

/** The newest pages up to `toMs`, at most so many: how many they are, and when they begin. */
function pagesFor(originMs: number, toMs: number, pageMs: number, most: number) {
  const end = Math.floor(toMs / pageMs) + 1;
  const count = Math.min(end - Math.floor(originMs / pageMs), most);
  return { count, fromMs: (end - count) * pageMs };
}

function startCandles(
  job: CandleJob,
  listener: ThreadListener<readonly KeptPage[]>,
): BackgroundThread {
  return startThread(new URL('./candle-thread.js', import.meta.url), 'candles', job, listener);
}
