import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { RollingSpan } from '../../core/history/rolling-span.ts';
import { newRoom, type Summed, summed } from '../../core/history/summed-rows.ts';
import { finish } from '../../core/market/finish.ts';
import { Market, type Spec } from '../../core/market/market.ts';

/** What the thread is started with. */
export interface StatisticsJob {
  readonly spec: Spec;
  readonly spanMs: number;
  readonly startMs: number;
  readonly batchRows: number;
  readonly columns: readonly number[];
}

/**
 * A thread that adds up the rows of a span, of one column for each message: that says where the
 * head is. It ends behind the last.
 */

/** The lowest there is: everything else on the machine goes first. */
const LOWEST_PRIORITY = 19;

// Elsewhere the priority is that of the process.
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY);

const { spec, spanMs, startMs, batchRows, columns } = workerData as StatisticsJob;
const market = new Market(spec);
const span = new RollingSpan(market.grid, spanMs, startMs, batchRows);
const room = newRoom(market);
const left = columns.values();

function sendNext(head: number): void {
  const { value: column, done } = left.next();
  if (done === true) {
    parentPort!.close();
    return;
  }
  const sums: Summed = finish(summed(market, span, column, head, room));
  parentPort!.postMessage(sums, [sums.highs.buffer, sums.lows.buffer] as ArrayBuffer[]);
}

parentPort!.on('message', sendNext);
