import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { RollingSpan } from '../../core/history/rolling-span.ts';
import { newRoom, type Summed, summed } from '../../core/history/summed-rows.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import { finish } from '../../core/market/finish.ts';
import { Market, type Spec } from '../../core/market/market.ts';
import { Timeline } from '../../core/timeline/timeline.ts';

/** What the thread is started with. */
export interface StatisticsJob {
  readonly spec: Spec;
  readonly spanMs: number;
  readonly startMs: number;
  readonly batchRows: number;
  readonly columns: readonly number[];
}

/** What has it go on. */
export interface GoOn {
  readonly head: number;
  /** What was done to the market besides all that was told before, in the order of the timeline. */
  readonly entries?: readonly Entry[] | undefined;
}

/**
 * A thread that adds up the rows of a span, of one column for each message: that says where the
 * head is, and what was done since. It ends behind the last.
 */

/** The lowest there is: everything else on the machine goes first. */
const LOWEST_PRIORITY = 19;

// Elsewhere the priority is that of the process.
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY);

const { spec, spanMs, startMs, batchRows, columns } = workerData as StatisticsJob;
const market = new Market(spec);
const timeline = new Timeline(market);
const span = new RollingSpan(market.grid, spanMs, startMs, batchRows);
const room = newRoom(market);
const left = columns.values();

function sendNext({ head, entries = [] }: GoOn): void {
  for (const entry of entries) timeline.add(entry);
  const { value: column, done } = left.next();
  if (done === true) {
    parentPort!.close();
    return;
  }
  const sums: Summed = finish(summed(timeline, span, column, head, room));
  parentPort!.postMessage(sums, [sums.highs.buffer, sums.lows.buffer] as ArrayBuffer[]);
}

parentPort!.on('message', sendNext);
