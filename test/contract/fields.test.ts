import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fetchCandles, fetchRows, subscribe } from '../../src/client/index.ts';
import { FIELDS, type Field, newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { parseRows } from '../../src/wire/binary.ts';
import { arrowOf, bodyOf } from '../helpers/bodies.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

/** Far more than the ring holds, and more than a block. */
const ROWS = 18_000;
const ALL = FIELDS.join(',');
let server: TestServer;
const at = (index: number) => ORIGIN + index * INTERVAL;

beforeAll(async () => {
  const defaults = { model: 'market', sector: 'x', tradesPerDay: 4e6, spreadTicks: 3 };
  server = await startTestServer({ spec: { capacity: 300, defaults }, rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What the core says, without history or server. */
function truth(field: Field, column: number, from: number, next: number): number[] {
  if (field === 'last') return pricesOf(server.market, column, from, next);
  const values: number[] = [];
  // A market that always trades.
  if (field === 'status') return Array.from({ length: next - from }, () => 0);
  const trades = newTrades('uint16', BLOCK_ROWS);
  for (let block = Math.floor(from / BLOCK_ROWS); block * BLOCK_ROWS < next; block++) {
    server.market.fillTrades(trades, column, block);
    const first = block * BLOCK_ROWS;
    values.push(...trades[field].subarray(Math.max(0, from - first), next - first));
  }
  return values;
}

const truths = (fields: readonly Field[], columns: number[], from: number, next: number) =>
  Object.fromEntries(
    fields.map((field) => [field, columns.map((column) => truth(field, column, from, next))]),
  );

/** The first so many rows of a message. */
function firstRows(
  message: Partial<Record<Field, readonly ArrayLike<number>[]>>,
  fields: readonly Field[],
  rows: number,
) {
  const first = (columns: readonly ArrayLike<number>[] = []) =>
    columns.map((values) => Array.from(values).slice(0, rows));
  return Object.fromEntries(fields.map((field) => [field, first(message[field])]));
}

describe('fields of rows', () => {
  const ranges = [
    ['old ones', 100, 130],
    ['over a block’s edge', BLOCK_ROWS - 5, BLOCK_ROWS + 5],
    ['of the ring', ROWS - 50, ROWS],
    ['over the tail', ROWS - 310, ROWS - 290],
  ] as const;

  it.each(ranges)('are what the core says: %s', async (_, from, next) => {
    const range = `since=${at(from - 1)}&until=${at(next - 1)}`;
    const { json } = await server.get(`/v1/rows?${range}&fields=${ALL}`);
    const { fields, symbols, prices, ...others } = json;
    expect([fields, symbols, prices]).toEqual([
      [...FIELDS],
      ['ticker_0', 'ticker_1', 'ticker_2'],
      undefined,
    ]);
    expect(others).toMatchObject(truths(FIELDS, [0, 1, 2], from, next));
  });

  it('come in the order they are asked for, and no others', async () => {
    const query = `symbols=ticker_1&since=${at(9)}&limit=2&fields=volume,last`;
    const { json } = await server.get(`/v1/rows?${query}`);
    expect(json.fields).toEqual(['volume', 'last']);
    expect(Object.keys(json).filter((name) => FIELDS.includes(name as Field))).toEqual([
      'volume',
      'last',
    ]);
  });

  it('are prices as ever, to the byte, if it is last alone', async () => {
    const path = `/v1/rows?since=${at(9)}&until=${at(12)}`;
    const [byDefault, named] = await Promise.all([
      server.get(path),
      server.get(`${path}&fields=last`),
    ]);
    expect(named.text).toBe(byDefault.text);
    expect(byDefault.json.fields).toBeUndefined();
  });

  it('are the same in every format', async () => {
    const [from, next] = [200, 204];
    const path = `/v1/rows?since=${at(from - 1)}&until=${at(next - 1)}&fields=${ALL}`;
    const expected = truths(FIELDS, [0, 1, 2], from, next);

    const csv = (await server.get(`${path}&format=csv`)).text.trim().split('\n');
    const names = csv[0].split(',');
    expect(names.slice(0, 3)).toEqual(['time', 'ticker_0.last', 'ticker_0.bid']);
    for (const [n, line] of csv.slice(1).entries()) {
      const cells = line.split(',').map(Number);
      expect(cells[0]).toBe(at(from + n));
      for (const [place, name] of names.slice(1).entries()) {
        const [symbol, field] = name.split('.');
        expect(cells[place + 1]).toBe(expected[field][Number(symbol.at(-1))][n]);
      }
    }

    const lines = (await server.get(`${path}&format=ndjson`)).text.trim().split('\n');
    for (const [n, line] of lines.entries()) {
      const { time, ...values } = JSON.parse(line);
      expect(time).toBe(at(from + n));
      const rows = FIELDS.map((field) => [
        field,
        Object.fromEntries([0, 1, 2].map((c) => [`ticker_${c}`, expected[field][c][n]])),
      ]);
      expect(values).toEqual(Object.fromEntries(rows));
    }

    const bytes = async (format: string) =>
      Buffer.from(
        await (await fetch(`${server.server.url}${path}&format=${format}`)).arrayBuffer(),
      );
    const frame = parseRows(Uint8Array.from(await bytes('bin')))!;
    expect(frame.fields).toEqual([...FIELDS]);
    for (const [n, field] of FIELDS.entries()) {
      expect(frame.values[n].map((column) => [...column])).toEqual(expected[field]);
    }

    const table = arrowOf(await bodyOf(server, `${path}&format=arrow`));
    expect(table.schema.fields.map(({ name }: { name: string }) => name)).toEqual(names);
    for (const name of names.slice(1)) {
      const [symbol, field] = name.split('.');
      const column = table.getChild(name)!;
      expect([...column].map(Number)).toEqual(expected[field][Number(symbol.at(-1))]);
    }
  });

  it('have a tag of their own, and are kept for ever once they are over', async () => {
    const path = `/v1/rows?since=${at(9)}&until=${at(12)}&market=${server.market.id}`;
    const answers = await Promise.all(
      ['', '&fields=bid', '&fields=bid,ask', '&fields=ask,bid'].map((fields) =>
        server.get(path + fields),
      ),
    );
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(4);
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toContain('immutable');
    }
    const etag = answers[1].headers.get('etag')!;
    const again = await server.get(`${path}&fields=bid`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('count in what an answer may hold', async () => {
    const { json } = await server.get(`/v1/rows?since=${at(-1)}&fields=${ALL}`);
    expect(json.last[0]).toHaveLength(ROWS);
    const few = await startTestServer({ rows: 1000, limits: { maxPricesPerAnswer: 90 } });
    try {
      const cut = await few.get(`/v1/rows?since=${few.timeOf(-1)}&fields=bid,ask,volume`);
      expect(cut.json.bid[0]).toHaveLength(10);
    } finally {
      await few.stop();
    }
  });

  it.each([
    ['', '""'],
    ['last,', 'last,'],
    ['bid,bid', 'bid,bid'],
    ['bids', 'bids', 'unknown field'],
    ['LAST', 'LAST', 'unknown field'],
    ['constructor', 'constructor', 'unknown field'],
  ])('that are invalid are told: %s', async (fields, given, field = 'fields') => {
    const path = `fields=${encodeURIComponent(fields)}&since=${at(5)}`;
    for (const route of ['/v1/rows', '/v1/events']) {
      const answer = await server.get(`${route}?${path}`);
      expectError(answer, 'bad_request');
      expectSentence(answer.json.error.message, field, given.replaceAll('"', ''));
    }
  });
});

describe('what holds of every row, as clients see it', () => {
  it('is what PROTOCOL.md says of quotes and trades', async () => {
    const { json } = await server.get(`/v1/rows?since=${at(99)}&limit=2000&fields=${ALL}`);
    const { market } = server;
    for (let column = 0; column < 3; column++) {
      const { minTicks, maxTicks } = market.instruments[column];
      const of = (field: Field): number[] => json[field][column];
      let moves = 0;
      for (let n = 0; n < 2000; n++) {
        const [last, bid, ask] = [of('last')[n], of('bid')[n], of('ask')[n]];
        const [volume, trades, came] = [of('volume')[n], of('trades')[n], of('aggressor')[n]];
        const isMove = n > 0 && last !== of('last')[n - 1];
        moves += isMove ? 1 : 0;
        const holds = [
          bid < ask && minTicks <= bid && ask <= maxTicks,
          trades === 0 || last === bid || last === ask,
          trades > 0 ? volume >= trades : volume === 0,
          !isMove || trades > 0,
          came === (trades === 0 ? 0 : last === ask ? 1 : 2),
        ];
        expect(holds, `row ${n} of column ${column}`).toEqual([true, true, true, true, true]);
      }
      expect(moves).toBeGreaterThan(100);
    }
  });

  it('is the same over every transport', async () => {
    const { url } = server.server;
    const [from, next] = [700, 720];
    const fields = ['ask', 'trades', 'last'] as const;
    const path = `symbols=ticker_1&fields=${fields}&since=${at(from - 1)}`;
    const { json } = await server.get(`/v1/rows?${path}&until=${at(next - 1)}`);
    const said = Object.fromEntries(fields.map((field) => [field, json[field]]));
    expect(said).toEqual(truths(fields, [1], from, next));

    const ask = { symbols: ['ticker_1'], since: at(from - 1), fields };
    const socket = await server.connect();
    socket.send({ type: 'fetch', id: 1, limit: next - from, ...ask });
    expect(await socket.next('rows')).toMatchObject(said);
    socket.send({ type: 'subscribe', id: 2, ...ask });
    await socket.next('subscribed');
    expect(firstRows(await socket.next('rows'), fields, next - from)).toEqual(said);
    await socket.close();

    const answer = await fetch(`${url}/v1/events?${path}`);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!/"aggressor"|"last":\[\[[^\]]*\]\]\}/.test(text)) text += (await reader.read()).value;
    await reader.cancel();
    const event = /^data: (.*"ask":.*)$/m.exec(text)![1];
    expect(firstRows(JSON.parse(event), fields, next - from)).toEqual(said);

    for (const format of ['bin', 'json'] as const) {
      const stream = subscribe({ url, ...ask, format, WebSocket: WebSocket as never });
      for await (const { values } of stream) {
        expect(firstRows(values, fields, next - from)).toEqual(said);
        break;
      }
    }
  });

  it('adds up to the candles of the same rows', async () => {
    const query = 'symbol=ticker_0&resolution=1s&count=2';
    const start = ORIGIN + 5000;
    const candles = await server.get(`/v1/candles?${query}&from=${start}&fields=volume,trades`);
    const path = `/v1/rows?symbols=ticker_0&since=${start - INTERVAL}&limit=200`;
    const { json } = await server.get(`${path}&fields=volume,trades,last`);
    for (const [n, first] of [0, 100].entries()) {
      const rows = (field: Field): number[] => json[field][0].slice(first, first + 100);
      for (const field of ['volume', 'trades'] as const) {
        const sum = rows(field).reduce((total, value) => total + value, 0);
        expect(candles.json[field][n]).toBe(sum);
      }
      expect(candles.json.high[n]).toBe(Math.max(...rows('last')));
    }
  });
});

describe('candles with what was traded', () => {
  it('are the sums of their rows, in every format', async () => {
    const query = `symbol=ticker_2&resolution=1s&from=${at(16_300)}&count=3&fields=volume,trades`;
    const { json } = await server.get(`/v1/candles?${query}`);
    expect(json.volume).toHaveLength(3);
    for (const [n, start] of json.time.entries()) {
      const from = (start - ORIGIN) / INTERVAL;
      for (const field of ['volume', 'trades'] as const) {
        const rows = truth(field, 2, from, from + 100);
        expect(json[field][n]).toBe(rows.reduce((sum, value) => sum + value, 0));
      }
    }
    const csv = (await server.get(`/v1/candles?${query}&format=csv`)).text.split('\n');
    expect(csv[0]).toBe('time,open,high,low,close,volume,trades');
    expect(csv[1].split(',').slice(-2).map(Number)).toEqual([json.volume[0], json.trades[0]]);
    const [line] = (await server.get(`/v1/candles?${query}&format=ndjson`)).text.split('\n');
    expect(JSON.parse(line)).toMatchObject({ volume: json.volume[0], trades: json.trades[0] });
    const table = arrowOf(await bodyOf(server, `/v1/candles?${query}&format=arrow`));
    expect([...table.getChild('volume')!].map(Number)).toEqual(json.volume);
  });

  it('come one by one, and not unasked', async () => {
    const query = `symbol=ticker_2&resolution=1s&last=2`;
    const one = await server.get(`/v1/candles?${query}&fields=trades`);
    expect([one.json.trades.length, one.json.volume]).toEqual([2, undefined]);
    const none = await server.get(`/v1/candles?${query}`);
    expect([none.json.trades, none.json.volume]).toEqual([undefined, undefined]);
    expect(none.headers.get('etag')).not.toBe(one.headers.get('etag'));
    const wrong = await server.get(`/v1/candles?${query}&fields=bid`);
    expectError(wrong, 'bad_request');
  });
});

describe('fields of a stream', () => {
  it('are fetched, subscribed to and repeated, and go on at the head', async () => {
    const socket = await server.connect();
    const fields = ['bid', 'volume'] as const;
    const symbols = ['ticker_2', 'ticker_0'];
    socket.send({ type: 'fetch', id: 1, symbols, since: at(99), limit: 5, fields });
    const fetched = await socket.next('rows');
    expect(fetched).toMatchObject({ fields, ...truths(fields, [2, 0], 100, 105) });
    socket.send({ type: 'subscribe', id: 2, symbols, since: at(ROWS - 4), fields });
    expect(await socket.next('subscribed')).toMatchObject({ fields });
    let cursor = ROWS - 3;
    const { clock } = server;
    for (let n = 0; n < 30; n++) {
      const rows = await socket.next('rows');
      const next = (rows.until - ORIGIN) / INTERVAL + 1;
      expect(rows.since).toBe(at(cursor - 1));
      expect(rows).toMatchObject(truths(fields, [2, 0], cursor, next));
      expect(rows.prices).toBeUndefined();
      cursor = next;
      clock.pass(INTERVAL);
    }
    socket.send({
      type: 'candles',
      id: 3,
      symbol: 'ticker_2',
      resolution: '1s',
      from: at(0),
      count: 2,
      fields: ['trades'],
    });
    for (;;) {
      const message = await socket.next();
      if (message.type !== 'candles') continue;
      expect(message.trades).toHaveLength(2);
      break;
    }
    for (const wrong of [[], ['x'], 'bid,bid', ['bid', 'bid'], 7, {}, [null]]) {
      socket.send({ type: 'fetch', id: 9, symbols, since: at(5), fields: wrong });
      for (;;) {
        const message = await socket.next();
        if (message.type === 'rows') continue;
        expect([message.type, message.code]).toEqual(['error', 'bad_request']);
        expect(message.message).toMatch(
          /^(fields must be some of last, bid, .*; given: |unknown field "x" of rows; there are last, )/,
        );
        break;
      }
    }
    await socket.close();
  });

  it('come to the client, as text and as bytes, with the prices where last is one', async () => {
    for (const format of ['bin', 'json'] as const) {
      const fields = ['last', 'ask', 'trades'] as const;
      const options = { url: server.server.url, symbols: ['ticker_1'], since: at(49), format };
      const stream = subscribe({ ...options, fields, WebSocket: WebSocket as never });
      for await (const rows of stream) {
        const next = 50 + (rows.until - rows.since) / INTERVAL;
        const expected = truths(fields, [1], 50, next);
        for (const field of fields) {
          expect(rows.values[field]!.map((column) => Array.from(column))).toEqual(expected[field]);
        }
        expect(rows.prices).toBe(rows.values.last);
        expect(Object.keys(rows.values).sort()).toEqual([...fields].sort());
        break;
      }
    }
  });

  it('come to the client over HTTP', async () => {
    const { url } = server.server;
    const rows = await fetchRows({ url, since: at(9), limit: 2, fields: ['ask', 'volume'] });
    expect(rows).toMatchObject(truths(['ask', 'volume'], [0, 1, 2], 10, 12));
    const candles = await fetchCandles({
      ...{ url, symbol: 'ticker_0', resolution: '1s', last: 3 },
      fields: ['volume'],
    });
    expect(candles.volume).toHaveLength(3);
  });

  it('are events too', async () => {
    const query = `symbols=ticker_0&fields=bid,ask&since=${at(ROWS - 3)}`;
    const answer = await fetch(`${server.server.url}/v1/events?${query}`);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"bid":')) text += (await reader.read()).value;
    await reader.cancel();
    const [subscribed, rows] = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) =>
      JSON.parse(data),
    );
    expect(subscribed.fields).toEqual(['bid', 'ask']);
    const next = (rows.until - ORIGIN) / INTERVAL + 1;
    expect(rows).toMatchObject(truths(['bid', 'ask'], [0], ROWS - 2, next));
  });
});
