import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { finish } from '../../../../src/core/market/finish.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { Grading } from '../../../../src/protocols/tickwell/grading/grading.ts';
import { Recording } from '../../../../src/protocols/tickwell/grading/recording.ts';
import { PLAIN } from '../../../helpers/grading.ts';
import { marketOf } from '../../../helpers/market.ts';

/** Bytes in use, once what is not needed is gone. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('takes no more memory for a longer recording, with every other row missing', () => {
  const market = marketOf({ count: 100, origin: '2026-01-01', interval: 60_000 });
  const timeline = new Timeline(market);
  const { originMs } = market.grid;
  const grading = new Grading({ timeline, head: () => 2 ** 40 }, PLAIN);
  const recording = new Recording(grading, 'csv');
  finish(recording.take(Buffer.from(`time,${market.symbols.join()}\n`)));
  const values = ',1'.repeat(market.symbols.length);
  let row = 0;
  const take = (rows: number) => {
    for (const end = row + rows; row < end; row += 2) {
      finish(recording.take(Buffer.from(`${originMs + row * 60_000}${values}\n`)));
    }
  };
  take(20_000);
  const before = bytesInUse();
  take(40_000);
  expect(bytesInUse() - before).toBeLessThan(2 * 2 ** 20);
  const { symbols, records } = finish(recording.finish());
  expect(records).toBe(3_000_000);
  // Counts are exact, whatever was forgotten.
  expect(symbols.ticker_07!.missing).toMatchObject({ count: 29_999, isCut: true });
  expect(symbols.ticker_07!.missing.ranges).toHaveLength(100);
  expect(symbols.ticker_07!.wrong.first).toHaveLength(10);
}, 60_000);
