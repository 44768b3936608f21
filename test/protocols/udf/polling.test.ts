import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { type RowsServer, startRows } from '../../helpers/rows-server.ts';

const SECOND = 1000;
const SPEC = {
  ...{ origin: Date.UTC(2026, 0, 5, 7, 20, 11), interval: SECOND, capacity: 500, count: 2 },
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.01, startPrice: 80 },
};
const SYMBOL = 'TICKER0USDT';

let server: RowsServer;

beforeAll(async () => {
  server = await startRows(SPEC, 4000);
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

interface Bar {
  readonly time: number;
  readonly values: readonly number[];
}

/**
 * A chart as TradingView's client keeps it: history first, then every so often the last two bars
 * before now. Source: what datafeeds/udf of its charting library sends, version of 2025-05.
 */
class PollingChart {
  readonly bars = new Map<number, Bar>();
  /** When the newest begins. */
  #last: number | undefined;
  readonly #resolution: string;
  readonly #seconds: number;

  constructor(resolution: string, seconds: number) {
    this.#resolution = resolution;
    this.#seconds = seconds;
  }

  async load(count: number): Promise<void> {
    const to = epochNow();
    for (const bar of await this.#ask(to - count * this.#seconds, to, count)) this.#take(bar);
  }

  async poll(): Promise<void> {
    const to = epochNow();
    const bars = await this.#ask(to - 10 * this.#seconds, to, 2);
    const last = bars.at(-1);
    if (last === undefined || (this.#last !== undefined && last.time < this.#last)) return;
    // The one before may have had rows since it was told.
    if (this.#last !== undefined && last.time > this.#last) {
      expect(bars).toHaveLength(2);
      this.#take(bars[0]!);
    }
    this.#take(last);
  }

  #take(bar: Bar): void {
    this.bars.set(bar.time, bar);
    this.#last = bar.time;
  }

  async #ask(from: number, to: number, countback: number): Promise<readonly Bar[]> {
    const asked = { symbol: SYMBOL, resolution: this.#resolution, from, to, countback };
    const query = new URLSearchParams(
      Object.entries(asked).map(([name, value]) => [name, `${value}`]),
    );
    const { json } = await server.get(`/udf/history?${query}`);
    expect(json.s).toBe('ok');
    return json.t.map((time: number, n: number) => ({
      time,
      values: [json.o[n], json.h[n], json.l[n], json.c[n], json.v[n]],
    }));
  }
}

const epochNow = () => Math.floor(server.clock.nowMs() / 1000);

/** Lets rows come, and waits until they are there. */
async function pass(rows: number): Promise<void> {
  server.rows(rows);
  await eventually(async () => {
    const { json } = await server.get('/v1/rows?symbols=ticker_0&last=1');
    expect(json.until).toBe(server.newest());
  });
}

/** The same bars in Tickwell's own words. */
async function own(seconds: number, from: number): Promise<readonly Bar[]> {
  const range = `from=${from * 1000}&to=${server.newest() + 1}&fields=volume&prices=decimal`;
  const { json } = await server.get(`/v1/candles?symbol=ticker_0&resolution=${seconds}s&${range}`);
  return json.time.map((time: number, n: number) => ({
    time: time / 1000,
    values: ['open', 'high', 'low', 'close', 'volume'].map((name) => Number(json[name][n])),
  }));
}

it.each([
  // As often as it polls where nothing is said; and, for bars of seconds, as often as they come.
  ['1', 60, 10],
  ['5', 300, 10],
  ['60', 3600, 10],
  ['1S', 1, 1],
  ['15S', 15, 3],
])('a chart of %s that polls has every bar, and each as it ended', async (text, width, every) => {
  const chart = new PollingChart(text, width);
  await chart.load(20);
  const waits = fc.sample(fc.integer({ min: Math.max(1, every - 1), max: every }), {
    numRuns: 24,
    seed: 7,
  });
  for (const rows of waits) {
    await pass(rows);
    await chart.poll();
  }
  const told = [...chart.bars.values()];
  const times = told.map(({ time }) => time);
  expect(times).toEqual(times.map((_, n) => times[0]! + n * width));
  const candles = await own(width, times[0]!);
  const ended = candles.filter(({ time }) => time < times.at(-1)!);
  expect(told.slice(0, -1)).toEqual(ended);
  expect(ended.length).toBeGreaterThanOrEqual(Math.min(18, times.length - 1));
});
