import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { arrowOf, bodyOf, textOf } from '../helpers/bodies.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 600;
const TICK_SIZES = ['0.01', '0.25', '0.00001', '5', '0.3', '1'];
const STARTS = [0.03, 0.75, 0.00003, 15, 0.9, 3];
const SPEC = {
  dtype: 'int32',
  count: undefined,
  capacity: 100,
  instruments: TICK_SIZES.map((tickSize, n) => ({
    symbol: `S${n}`,
    tickSize: Number(tickSize),
    startPrice: STARTS[n],
  })),
};
/** The rows that are asked for. */
const [FROM, NEXT] = [10, 400];
const RANGE = `since=${ORIGIN + (FROM - 1) * INTERVAL}&until=${ORIGIN + (NEXT - 1) * INTERVAL}`;
const BOTH = 'prices=decimal&time=iso';

/** `ticks` of a tick size as text, in whole numbers alone. */
function decimalOf(ticks: number, tickSize: string): string {
  const [whole, fraction = ''] = tickSize.split('.');
  const units = String(BigInt(Math.abs(ticks)) * BigInt(whole + fraction));
  const digits = units.padStart(fraction.length + 1, '0');
  const point = digits.length - fraction.length;
  const text = fraction === '' ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return ticks < 0 ? `-${text}` : text;
}

const isoOf = (time: number) => new Date(time).toISOString();

let server: TestServer;
let texts: string[][];
const times = Array.from({ length: NEXT - FROM }, (_, n) => isoOf(ORIGIN + (FROM + n) * INTERVAL));
const symbols = TICK_SIZES.map((_, n) => `S${n}`);

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, rows: ROWS });
  texts = TICK_SIZES.map((tickSize, column) =>
    pricesOf(server.market, column, FROM, NEXT).map((ticks) => decimalOf(ticks, tickSize)),
  );
  // What is cut off and what is filled up is seen: prices below a tick size, and below nothing.
  expect(texts.flat().some((text) => text.startsWith('-0.'))).toBe(true);
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

describe('rows with decimals and times as text', () => {
  it.each(['', '&whole=true'])('are exact in csv%s', async (whole) => {
    const body = await bodyOf(server, `/v1/rows?${RANGE}&${BOTH}&format=csv${whole}`);
    const lines = times.map((time, row) => [time, ...texts.map((own) => own[row])].join());
    expect(textOf(body).split('\n')).toEqual([`time,${symbols}`, ...lines, '']);
  });

  it('are exact in ndjson', async () => {
    const body = await bodyOf(server, `/v1/rows?${RANGE}&${BOTH}&format=ndjson`);
    const lines = times.map((time, row) => {
      const prices = symbols.map((symbol, n) => `"${symbol}":${texts[n][row]}`);
      return `{"time":"${time}","prices":{${prices}}}`;
    });
    expect(textOf(body).split('\n')).toEqual([...lines, '']);
  });

  it('are exact in json, whose text of until is a since', async () => {
    const path = `/v1/rows?${RANGE}&${BOTH}`;
    const { text, json } = await server.get(path);
    expect(json).toMatchObject({
      since: isoOf(ORIGIN + (FROM - 1) * INTERVAL),
      until: times.at(-1),
      symbols,
    });
    expect(text.endsWith(`"prices":[${texts.map((own) => `[${own}]`)}]}`)).toBe(true);
    const more = await server.get(`/v1/rows?since=${json.until}&limit=2&time=iso`);
    expect(more.json).toMatchObject({
      since: json.until,
      until: isoOf(ORIGIN + (NEXT + 1) * INTERVAL),
      head: isoOf(ORIGIN + (ROWS - 1) * INTERVAL),
    });
  });

  it('are the nearest numbers in arrow, which has times of its own', async () => {
    const path = `/v1/rows?${RANGE}&format=arrow`;
    const table = arrowOf(await bodyOf(server, `${path}&${BOTH}`));
    expect(table.schema.metadata.get('prices')).toBe('decimal');
    expect(String(table.schema.fields[0].type)).toBe('Timestamp<MILLISECOND, UTC>');
    for (const [n, symbol] of symbols.entries()) {
      const { type, metadata } = table.schema.fields[n + 1];
      expect(String(type)).toBe('Float64');
      expect([...metadata.keys()]).toEqual(['decimals']);
      expect([...table.getChild(symbol)!]).toEqual(texts[n].map(Number));
    }
  });

  it('have quotes as decimals, and what is counted as it is', async () => {
    const trades = newTrades('int32', BLOCK_ROWS);
    server.market.fillTrades(trades, 1, 0);
    const asked = `${RANGE}&${BOTH}&symbols=S1&fields=volume,ask`;
    const { text } = await server.get(`/v1/rows?${asked}&format=csv`);
    const rows = times.map((_, n) => [
      String(trades.volume[FROM + n]),
      decimalOf(trades.ask[FROM + n], TICK_SIZES[1]),
    ]);
    expect(text.split('\n').slice(1, -1)).toEqual(rows.map((row, n) => [times[n], ...row].join()));
    const { json } = await server.get(`/v1/rows?${asked}`);
    expect(json.volume).toEqual([rows.map(([volume]) => Number(volume))]);
    expect(json.ask).toEqual([rows.map(([, ask]) => Number(ask))]);
  });

  it('are one of the two if only one is asked for', async () => {
    const [time, price] = [times[0], texts[0][0]];
    const ticks = pricesOf(server.market, 0, FROM, FROM + 1)[0];
    const ask = async (query: string) => {
      const path = `/v1/rows?${RANGE}&symbols=S0&limit=1&format=csv&${query}`;
      return (await server.get(path)).text.split('\n')[1];
    };
    expect(await ask('time=iso')).toBe(`${time},${ticks}`);
    expect(await ask('prices=decimal')).toBe(`${Date.parse(time)},${price}`);
    expect(await ask('prices=ticks&time=ms')).toBe(await ask('_=0'));
  });
});

describe('candles with decimals and times as text', () => {
  const path = '/v1/candles?symbol=S1&resolution=1s&last=4&fields=volume';

  it('say the same as with ticks, in every format', async () => {
    const { json: ticks } = await server.get(path);
    const names = ['open', 'high', 'low', 'close'];
    const prices = names.map((name) =>
      ticks[name].map((price: number) => decimalOf(price, TICK_SIZES[1])),
    );
    const lines = ticks.time.map((time: number, n: number) =>
      [isoOf(time), ...prices.map((own) => own[n]), ticks.volume[n]].join(),
    );
    const csv = await server.get(`${path}&${BOTH}&format=csv`);
    expect(csv.text.split('\n')).toEqual(['time,open,high,low,close,volume', ...lines, '']);

    const numbers = Object.fromEntries(names.map((name, n) => [name, prices[n].map(Number)]));
    const { json } = await server.get(`${path}&${BOTH}`);
    const [time, until] = [ticks.time.map(isoOf), isoOf(ticks.until)];
    expect(json).toEqual({ ...ticks, ...numbers, time, until });

    const ndjson = await server.get(`${path}&${BOTH}&format=ndjson`);
    const records = ndjson.text.trimEnd().split('\n');
    expect(records.map((line) => JSON.parse(line))).toEqual(
      time.map((own: string, n: number) => ({
        time: own,
        ...Object.fromEntries(names.map((name) => [name, numbers[name][n]])),
        volume: ticks.volume[n],
      })),
    );
    const table = arrowOf(await bodyOf(server, `${path}&${BOTH}&format=arrow`));
    for (const name of names) expect([...table.getChild(name)!]).toEqual(numbers[name]);
  });
});

describe('prices and time', () => {
  const candles = '/v1/candles?symbol=S1&resolution=1s&last=4';
  const PRICES = 'unknown notation of prices';
  const TIME = 'unknown notation of time';

  it.each([
    ['/v1/rows?last=1', PRICES, 'prices=dollars', 'dollars'],
    ['/v1/rows?last=1', PRICES, 'prices=', ''],
    ['/v1/rows?last=1', 'prices', 'prices=ticks&prices=ticks', '["ticks","ticks"]'],
    ['/v1/rows?last=1', TIME, 'time=ISO', 'ISO'],
    ['/v1/rows?last=1', 'prices', 'format=bin&prices=decimal', 'decimal'],
    ['/v1/rows?last=1', 'time', 'format=bin&time=iso', 'iso'],
    [candles, PRICES, 'prices=toString', 'toString'],
    [candles, TIME, 'time=s', 's'],
  ])(
    'are told in a sentence where they are wrong: %s, %s of %s',
    async (path, field, query, given) => {
      const answer = await server.get(`${path}&${query}`);
      expectError(answer, 'bad_request');
      expectSentence(answer.json.error.message, field, given);
    },
  );

  it('have tags of their own', async () => {
    for (const path of [`/v1/rows?${RANGE}&symbols=S0`, candles]) {
      const tags = ['', '&prices=decimal', '&time=iso', `&${BOTH}`].map(async (query) =>
        (await server.get(path + query)).headers.get('etag'),
      );
      expect(new Set(await Promise.all(tags)).size).toBe(4);
      const byDefault = await server.get(`${path}&prices=ticks&time=ms`);
      expect(byDefault.headers.get('etag')).toBe(await tags[0]);
    }
  });
});

/** The type of a column of Arrow, by the dtype of the market and the bounds of the instrument. */
const TYPES = [
  { dtype: 'uint8', model: 'walk', type: 'Int16' },
  { dtype: 'uint16', model: 'walk', type: 'Int32' },
  { dtype: 'uint32', model: 'walk', type: 'Int64' },
  // From the lowest price to the highest is further than the highest.
  { dtype: 'int8', model: 'walk', type: 'Int16' },
  { dtype: 'int16', model: 'walk', type: 'Int32' },
  { dtype: 'int32', model: 'walk', type: 'Int64' },
  // Never below one tick.
  { dtype: 'int8', model: 'gbm', type: 'Int8' },
  { dtype: 'int16', model: 'gbm', type: 'Int16' },
  { dtype: 'int32', model: 'gbm', type: 'Int32' },
  { dtype: 'float64', model: 'walk', type: 'Float64' },
];

describe('arrow', () => {
  it.each(TYPES)(
    'has $type for prices of $dtype under $model, which holds every difference',
    async ({ dtype, model, type }) => {
      const instruments = [{ symbol: 'A', tickSize: 1, startPrice: 100, model }];
      const spec = { dtype, instruments, count: undefined, capacity: 100 };
      const own = await startTestServer({ spec, rows: 300 });
      const path = `/v1/rows?since=${ORIGIN - INTERVAL}&format=arrow&fields=last,bid,volume,aggressor`;
      const { schema } = arrowOf(await bodyOf(own, path));
      const types = schema.fields.map((field) => String(field.type));
      expect(types.slice(1)).toEqual([type, type, 'Int64', 'Int8']);
      expect(schema.metadata.get('prices')).toBe('ticks');
      expect(Object.fromEntries(schema.fields[1].metadata)).toEqual({
        tickSize: '1',
        decimals: '0',
      });

      const { minTicks, maxTicks } = own.market.instruments[0];
      const bits = Number(/\d+/.exec(type)![0]);
      const most = 2 ** (bits - 1) - 1;
      if (type !== 'Float64') {
        for (const reach of [-minTicks, maxTicks, maxTicks - minTicks]) {
          expect(reach).toBeLessThanOrEqual(most);
        }
      }
      const candles = '/v1/candles?symbol=A&resolution=1s&last=1&fields=volume&format=arrow';
      const made = arrowOf(await bodyOf(own, candles)).schema.fields;
      expect(made.map((field) => String(field.type)).slice(1)).toEqual([
        ...Array(4).fill(type),
        'Int64',
      ]);
      await own.stop();
    },
  );
});
