import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyCandles, Candles } from '../../src/client/candles.ts';
import { subscribeCandles } from '../../src/client/subscribe-candles.ts';
import { Application, type FramesOf, KINDS, play, scripts } from './bad-line.ts';
import { candlesFrame, priceOf, WIDTH } from './candle-world.ts';
import { INTERVAL, START } from './world.ts';

const framesOf: FramesOf = ({ since, until, lag, id, isBinary }) =>
  candlesFrame({ since, until, lag, id }, isBinary);

const valuesOf = (candles: AnyCandles, n: number) =>
  (['open', 'high', 'low', 'close', 'volume'] as const).map((name) => candles[name]![0]![n]!);

/** The candle that begins at `time`, of its rows up to `until`, as anybody would fold it. */
function plain(time: number, until: number): number[] {
  const prices: number[] = [];
  for (let at = time; at < time + WIDTH * INTERVAL && at <= until; at += INTERVAL) {
    prices.push(priceOf(at));
  }
  const volume = prices.reduce((sum, price) => sum + 2 * price, 0);
  return [prices[0]!, Math.max(...prices), Math.min(...prices), prices.at(-1)!, volume];
}

test('the application has every final candle once, in order, whole, and the newest one that is not', async () => {
  let [pauses, finals] = [0, 0];
  const kinds = KINDS.filter((kind) => kind !== 'skip');
  await fc.assert(
    fc.asyncProperty(scripts(kinds), async (script) => {
      let app!: Application<Candles<readonly ['volume']>>;
      const server = await play(script, framesOf, (host) => {
        const options = { url: 'http://somewhere', symbols: '*', market: 'm1', host } as const;
        app = new Application((since) =>
          subscribeCandles({
            ...{ ...options, since, resolution: '7s', fields: ['volume'], maxQueuedBytes: 2_800 },
          }),
        );
        return app;
      });
      pauses += app.pauses;
      const { given } = app;
      const done = given.filter(({ final }) => final);
      const times = done.flatMap(({ time }) => time);
      finals += times.length;
      const width = WIDTH * INTERVAL;
      const first = Math.floor((START + INTERVAL) / width) * width;
      expect(times).toEqual(times.map((_, n) => first + n * width));
      // All that are over by the head are there.
      expect(times.length).toBe(Math.floor((server.head + INTERVAL - first) / width));
      for (const candles of given) {
        for (const [n, time] of candles.time.entries()) {
          expect(valuesOf(candles, n)).toEqual(plain(time, candles.until));
        }
      }
      for (const [n, { since }] of given.slice(1).entries()) expect(since).toBe(given[n]!.until);
    }),
    { numRuns: 300 },
  );
  expect(finals).toBeGreaterThan(500);
  expect(pauses).toBeGreaterThan(0);
});
