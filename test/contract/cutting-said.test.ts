import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrowOf, bodyOf } from '../helpers/bodies.ts';
import { EventReader } from '../helpers/events.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

/** Answers say how candles were cut: whoever asks as they say it gets the same. */

interface Said {
  readonly resolution?: string;
  readonly tz?: string;
  readonly offset?: string;
}

/** What is asked, and what is said of it. */
const CASES: readonly [asked: Said, said: Said][] = [
  [{}, {}],
  [{ tz: 'UTC' }, {}],
  [{ tz: 'utc' }, {}],
  [{ offset: '-0h' }, {}],
  [{ tz: 'asia/tokyo' }, { tz: 'Asia/Tokyo' }],
  [{ tz: 'US/Eastern' }, { tz: 'US/Eastern' }],
  [{ tz: 'us/eastern' }, { tz: 'us/eastern' }],
  [{ offset: '-5h' }, { offset: '-5h' }],
  [{ offset: '+05h30m' }, { offset: '5h30m' }],
  [{ offset: '90m' }, { offset: '1h30m' }],
  [{ offset: '-0h45m' }, { offset: '-45m' }],
];

const ROWS = 1000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const saidIn = ({ resolution, tz, offset }: Said): Said =>
  JSON.parse(JSON.stringify({ resolution, tz, offset }));

const pathOf = (subject: string, cutting: Said, how: object = {}) =>
  `/v1/candles?${subject}&${new URLSearchParams({ last: '3', ...cutting, ...how })}`;

const ONE = 'symbol=ticker_0';
const MANY = 'symbols=ticker_0,ticker_2';

async function arrowSays(path: string): Promise<Said> {
  return Object.fromEntries(arrowOf(await bodyOf(server, path)).schema.metadata);
}

async function parquetSays(path: string): Promise<Said> {
  const { bytes } = await bodyOf(server, path);
  const pairs = parquetMetadata(Uint8Array.from(bytes).buffer).key_value_metadata!;
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

/** Every answer that says how candles were cut. */
const ANSWERS: Readonly<Record<string, (cutting: Said) => Promise<Said>>> = {
  'JSON of one': async (cutting) => (await server.get(pathOf(ONE, cutting))).json,
  'JSON of several': async (cutting) => (await server.get(pathOf(MANY, cutting))).json,
  'JSON of several, whole': async (cutting) =>
    (await server.get(pathOf(MANY, cutting, { whole: 'true' }))).json,
  'Arrow of one': (cutting) => arrowSays(pathOf(ONE, cutting, { format: 'arrow' })),
  'Arrow of several': (cutting) => arrowSays(pathOf(MANY, cutting, { format: 'arrow' })),
  'Parquet of one': (cutting) => parquetSays(pathOf(ONE, cutting, { format: 'parquet' })),
  'Parquet of several': (cutting) => parquetSays(pathOf(MANY, cutting, { format: 'parquet' })),
  'the message candles': async (cutting) => {
    const socket = await server.connect();
    const range = { from: ORIGIN, count: 3 };
    const asked = { type: 'candles', id: 1, symbol: 'ticker_0', ...range, ...cutting };
    const answer = await socket.ask(asked, 'candles');
    await socket.close();
    return answer;
  },
  'the message subscribed': async (cutting) => {
    const socket = await server.connect();
    const asked = { type: 'subscribe', id: 1, symbols: '*', since: 'now', ...cutting };
    const answer = await socket.ask(asked, 'subscribed');
    await socket.close();
    return answer;
  },
  'the event subscribed': async (cutting) => {
    const query = new URLSearchParams({ since: 'now', ...cutting });
    const { body } = await fetch(`${server.server.url}/v1/events?${query}`);
    const events = new EventReader(body!);
    const { data } = await events.expect('subscribed');
    await events.close();
    return data;
  },
};

describe.each(Object.keys(ANSWERS))('%s', (name) => {
  const answerTo = ANSWERS[name]!;

  it.each(CASES)('says to %j how the candles were cut', async (asked, expected) => {
    const said = saidIn(await answerTo({ resolution: '1d', ...asked }));
    expect(said).toEqual({ resolution: '1d', ...expected });
    expect(saidIn(await answerTo(said))).toEqual(said);
  });
});

it('what is cut otherwise has another ETag, and what is asked as it was said has the same', async () => {
  const tags = new Map<string, string>();
  for (const subject of [ONE, MANY]) {
    for (const [asked] of CASES) {
      const range = { last: '1', resolution: `${ROWS * INTERVAL}ms` };
      const { json, headers } = await server.get(pathOf(subject, asked, range));
      const tag = headers.get('etag')!;
      const again = await server.get(pathOf(subject, saidIn(json), range));
      expect(again.headers.get('etag')).toBe(tag);
      expect(again.json).toEqual(json);
      const said = `${subject} ${JSON.stringify(saidIn(json))}`;
      expect(tags.get(said) ?? tag).toBe(tag);
      tags.set(said, tag);
    }
  }
  expect(new Set(tags.values()).size).toBe(tags.size);
  expect(tags.size).toBe(16);
});
