import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { candlePages, type PagesWanted } from '../../core/history/candle-pages.ts';
import type { KeptPage } from '../../core/history/kept-candles.ts';
import { type PaidWanted, paidPages } from '../../core/history/paid-pages.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import { Market, type Spec } from '../../core/market/market.ts';
import { Timeline } from '../../core/timeline/timeline.ts';

/** What the thread is started with. */
export interface CandleJob {
  readonly spec: Spec;
  /** What was done by then: all later entries are behind the candles that it makes. */
  readonly entries: readonly Entry[];
  readonly wanted: PagesWanted & PaidWanted;
}

/**
 * A thread that makes final candles, then adds up what was paid in days, sends the pages of one
 * column at a time, waits for a message before each next one, and ends behind the last.
 */

/** The lowest there is: everything else on the machine goes first. */
const LOWEST_PRIORITY = 19;

// Elsewhere the priority is that of the process.
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY);

const { spec, entries, wanted } = workerData as CandleJob;
const making = allPages(new Timeline(new Market(spec), entries));

function* allPages(market: Timeline): Generator<readonly KeptPage[], void, void> {
  yield* candlePages(market, wanted);
  yield* paidPages(market, wanted);
}

function sendNext(): void {
  const { value, done } = making.next();
  if (done === true) {
    parentPort!.close();
    return;
  }
  parentPort!.postMessage(value, buffersOf(value));
}

/** Handed over, not copied. */
function buffersOf(pages: readonly KeptPage[]): ArrayBuffer[] {
  return pages.flatMap((page) =>
    'paid' in page ? [page.paid.buffer] : [page.prices.buffer, page.traded.buffer],
  ) as ArrayBuffer[];
}

parentPort!.on('message', sendNext);
sendNext();
