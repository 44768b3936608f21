import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeOf } from '../../src/core/market/grid.ts';
import { bodyOf, READERS, type Said } from '../helpers/bodies.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import { changesOf, shown, ZONES } from '../helpers/wall-clock.ts';
import { foldByClock, KINDS, LEAP_DAYS, type NaiveCandle } from '../helpers/zoned-fold.ts';

/** Candles by the clock of a zone, as they come over the wire: held against rows that came so too. */

const SYMBOLS = ['ticker_1', 'ticker_0'];
const NAMES = ['open', 'high', 'low', 'close', 'volume', 'trades'];
const FORMATS = ['json', 'csv', 'ndjson', 'arrow'] as const;

/** A market that begins before the clock of a zone is put, and what is asked of it. */
const aWorld = fc.record({
  zone: fc.constantFrom(...ZONES),
  kind: fc.constantFrom(...KINDS),
  change: fc.nat(),
  text: fc.nat(),
  interval: fc.nat(),
  before: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  jitterMs: fc.integer({ min: 0, max: 999 }),
  capacity: fc.constantFrom(3, 5000),
  model: fc.constantFrom('walk', 'market'),
  format: fc.constantFrom(...FORMATS),
  fields: fc.constantFrom('', 'volume', 'trades', 'volume,trades', 'trades,volume'),
  /** Of all rows, where the range begins and ends. */
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  to: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** The rows of all columns, as the server tells them. */
async function rowsOf(server: TestServer, rows: number) {
  const { grid } = server.market;
  const range = `since=${timeOf(grid, -1)}&limit=${rows}`;
  const path = `/v1/rows?symbols=${SYMBOLS}&fields=last,volume,trades&${range}`;
  const { json } = await server.get(path);
  const timesMs = Array.from({ length: rows }, (_, index) => timeOf(grid, index));
  return SYMBOLS.map((_, n) => {
    const [last, volume, trades] = [json.last[n], json.volume[n], json.trades[n]];
    expect(last).toHaveLength(rows);
    return { timesMs, last, volume, trades };
  });
}

/** The candles that have the rows from `fromMs` to `toMs`, both of them rows. */
function within(candles: readonly NaiveCandle[], fromMs: number, toMs: number) {
  const next = candles.findIndex(({ firstMs }) => firstMs > fromMs);
  const first = (next < 0 ? candles.length : next) - 1;
  return candles.slice(first).filter(({ firstMs }) => firstMs <= toMs);
}

function expectFolded(said: Said, expected: readonly NaiveCandle[], names: readonly string[]) {
  expect(said.names).toEqual(names);
  expect(said.time).toHaveLength(expected.length);
  const at = names.map((name) => NAMES.indexOf(name));
  expect(said.columns).toEqual(at.map((n) => expected.map(({ values }) => values[n])));
  for (const [n, { afterMs, firstMs }] of expected.entries()) {
    expect(said.time[n]).toBeLessThanOrEqual(firstMs);
    // That of the market's first row may have begun long before.
    if (n > 0) expect(said.time[n]).toBeGreaterThan(afterMs);
  }
}

it('over HTTP and the stream they are the fold of the rows, in every format', async () => {
  let compared = 0;
  const property = fc.asyncProperty(aWorld, async (world) => {
    const { zone, kind, model, capacity, format, fields } = world;
    const changes = [...changesOf(zone), ...LEAP_DAYS];
    const at = changes[world.change % changes.length]!;
    const text = kind.texts[world.text % kind.texts.length]!;
    const interval = kind.intervals[world.interval % kind.intervals.length]!;
    const origin = Math.floor((at - world.before * kind.spanMs) / 1000) * 1000 + world.jitterMs;
    const rows = Math.min(2500, Math.floor(kind.spanMs / interval));
    const spec = { origin, interval, capacity, defaults: { model } };
    const server = await startTestServer({ spec, rows });
    try {
      const plain = await rowsOf(server, rows);
      const expected = plain.map((one) => foldByClock(one, text, zone));
      const [low, high] = [world.from, world.to].sort((a, b) => a - b) as [number, number];
      const rowMs = (part: number) => server.timeOf(Math.round(part * (rows - 1)));
      const [fromMs, toMs] = [rowMs(low), rowMs(high)];
      const names = [...NAMES.slice(0, 4), ...fields.split(',').filter((name) => name !== '')];
      const cutting = { resolution: text, tz: zone, ...(fields === '' ? {} : { fields }) };
      for (const [range, wanted] of [
        // A candle that begins with the next row does so after this one.
        [
          { from: `${fromMs}`, to: `${toMs + 1}` },
          (all: NaiveCandle[]) => within(all, fromMs, toMs),
        ],
        [
          { from: `${origin}`, to: `${toMs + 1}` },
          (all: NaiveCandle[]) => within(all, origin, toMs),
        ],
        [{ last: '1' }, (all: NaiveCandle[]) => all.slice(-1)],
      ] as const) {
        const query = new URLSearchParams({ ...cutting, ...range, format });
        for (const [n, symbol] of SYMBOLS.entries()) {
          const body = await bodyOf(server, `/v1/candles?symbol=${symbol}&${query}`);
          const part = wanted(expected[n]!);
          expectFolded(READERS[format](body), part, names);
          compared += part.length;
        }
        query.set('format', 'json');
        const { json } = await server.get(`/v1/candles?symbols=${SYMBOLS}&${query}`);
        for (const [n] of SYMBOLS.entries()) {
          const columns = names.map((name) => json[name][n]);
          expectFolded({ time: json.time, names, columns }, wanted(expected[n]!), names);
        }
      }
      const socket = await server.connect();
      const asked = { type: 'candles', id: 1, symbol: SYMBOLS[0], from: fromMs, count: 5 };
      const { fields: _, ...plainly } = cutting;
      const message = await socket.ask({ ...asked, ...plainly }, 'candles');
      const last = message.time.at(-1);
      const part = within(expected[0]!, fromMs, Infinity).filter(({ afterMs }) => afterMs < last);
      const columns = NAMES.slice(0, 4).map((name) => message[name]);
      expectFolded(
        { time: message.time, names: NAMES.slice(0, 4), columns },
        part,
        NAMES.slice(0, 4),
      );
      await socket.close();
    } finally {
      await server.stop();
    }
    expect(server.failures).toEqual([]);
  });
  await fc.assert(property, { seed: 20261101, numRuns: 24, endOnFailure: true });
  expect(compared).toBeGreaterThan(1000);
}, 60_000);

it('a date that a zone has left out is counted, and has no candle', async () => {
  // In Samoa the day after 29 December 2011 was the 31st.
  const spec = { origin: Date.UTC(2011, 11, 25), interval: 3_600_000 };
  const server = await startTestServer({ spec, rows: 24 * 12 });
  const path = '/v1/candles?symbol=ticker_0&resolution=1d&tz=Pacific/Apia';
  const datesOf = async (range: string) => {
    const { json } = await server.get(`${path}&${range}`);
    return json.time.map((ms: number) => new Date(shown('Pacific/Apia', ms)).getUTCDate());
  };
  expect(await datesOf('from=2011-12-29T12:00:00Z&count=4')).toEqual([29, 31, 1]);
  expect(await datesOf('from=2011-12-29T12:00:00Z&to=2012-01-01T09:59:59Z')).toEqual([29, 31, 1]);
  expect((await datesOf('last=10')).length).toBe(9);
  await server.stop();
});
