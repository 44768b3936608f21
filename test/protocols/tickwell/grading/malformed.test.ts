import { describe, expect, it } from 'vitest';
import { parseResolution } from '../../../../src/core/market/resolution.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import type { GradeRequest } from '../../../../src/protocols/tickwell/grading/grading.ts';
import { TickwellError } from '../../../../src/wire/errors.ts';
import { gradeOf } from '../../../helpers/grading.ts';
import { marketOf, pricesOf } from '../../../helpers/market.ts';
import { expectSentence } from '../../../helpers/sentence.ts';

const market = marketOf({ count: 3, origin: '2026-01-01' });
const timeline = new Timeline(market);
const T = market.grid.originMs;
const LONG = `time,symbol,price\n${T},ticker_0,1\n`;
const CANDLES = { what: 'candles', resolution: parseResolution('1m')! } as const;
const TRADES = { what: 'trades' } as const;
const ONE = { columns: [1] };

/** A body, what its sentence begins with, what it ends with, and what is asked for. */
type Case = readonly [body: string, field: string, given: string, request?: Partial<GradeRequest>];

const HEADERS: readonly Case[] = [
  ['', 'the recording', 'none'],
  ['\n', 'the recording', 'none'],
  ['\n\n\r\n', 'the recording', 'none'],
  ['time,symbol,price', 'the recording', 'none'],
  ['time,symbol,price\n', 'the recording', 'none'],
  ['price\n1\n', 'the first line', 'price'],
  ['symbol,price\nticker_0,1\n', 'the first line', 'symbol,price'],
  ['Time,symbol,price\n', 'the first line', 'Time,symbol,price'],
  [`${T},ticker_0,1\n`, 'the first line', `${T},ticker_0,1`],
  ['time;symbol;price\n', 'the first line', 'time;symbol;price'],
  ['time,time,symbol,price\n', 'columns', 'time'],
  ['time,symbol,symbol,price\n', 'columns', 'symbol'],
  ['time,symbol,price,last\n', 'a field', 'last'],
  ['time,symbol,cost\n', 'unknown column', 'cost'],
  ['time,symbol,price,received\n', 'unknown column', 'received'],
  ['time,symbol,price,\n', 'unknown column', ''],
  ['time,ticker_9\n', 'unknown column', 'ticker_9'],
  ['time,ticker_0.lats\n', 'unknown field', 'lats'],
  ['time,ticker_0,ticker_0.last\n', 'a field', 'ticker_0.last'],
  ['time,symbol,open,high,low,close\n', 'unknown column', 'open'],
  ['time,symbol,price\n', 'unknown column', 'price', CANDLES],
  ['time,symbol,price\n', 'the first line', 'time,symbol,price', TRADES],
  ['id,symbol,price,volume\n', 'unknown column', 'volume', TRADES],
  ['"time,symbol,price\n', 'line 1', '"time,symbol,price'],
  ['"time",symbol,"pri"ce\n', 'line 1', '"time",symbol,"pri"ce'],
  ['"a,b",time,symbol,price\n', 'line 1', '"a,b",time,symbol,price'],
  ['\u001f\u008b\b\0\0\0\0\0\0', 'the recording', 'gzip'],
];

const LINES: readonly Case[] = [
  [`${LONG}${T}\n`, 'line 3', '1'],
  [`${LONG}${T},ticker_0\n`, 'line 3', '2'],
  [`${LONG}${T},ticker_0,1,2\n`, 'line 3', '4'],
  [`${LONG},\n`, 'line 3', '2'],
  [`${LONG}${T + 1000},ticker_0,1\n\n${T},ticker_0,1\n`, 'line 4', ''],
  [`${LONG}\r\n${T},ticker_0,1\r\n`, 'line 3', ''],
  [`${LONG},ticker_0,1\n`, 'line 3: time', ''],
  [`${LONG}now,ticker_0,1\n`, 'line 3: time', 'now'],
  [`${LONG}1.5,ticker_0,1\n`, 'line 3: time', '1.5'],
  [`${LONG}1e12,ticker_0,1\n`, 'line 3: time', '1e12'],
  [`${LONG}NaN,ticker_0,1\n`, 'line 3: time', 'NaN'],
  [`${LONG}2026-01-01T00:00:00,ticker_0,1\n`, 'line 3: time', '2026-01-01T00:00:00'],
  [`${LONG}2026-02-30,ticker_0,1\n`, 'line 3: time', '2026-02-30'],
  [`${LONG}2026-01-01 00:00,ticker_0,1\n`, 'line 3: time', '2026-01-01 00:00'],
  [`${LONG}9999999999999999,ticker_0,1\n`, 'line 3: time', '9999999999999999'],
  [`${LONG}\0,ticker_0,1\n`, 'line 3: time', '\\u0000'],
  [`${LONG}${'9'.repeat(99)},ticker_0,1\n`, 'line 3: time', `${'9'.repeat(57)}...`],
  [`${LONG}${T},,1\n`, 'line 3: symbol', ''],
  [`${LONG}${T},"ticker_0,1\n`, 'line 3', `${T},"ticker_0,1`],
  [`${LONG}${T},"ticker_0"x,1\n`, 'line 3', `${T},"ticker_0"x,1`],
  [`${LONG}${T},"ticker\n_0",1\n`, 'line 3', `${T},"ticker`],
  [`${LONG}${T},tick"er_0,1\n`, 'line 3', `${T},tick"er_0,1`],
  [`time,ticker_0\n${T}\n`, 'line 2', '1'],
  [`time,ticker_0\n${T},1,2\n`, 'line 2', '3'],
  [`time,ticker_0\n${T},1\n${T + 1000}`, 'line 3', '1'],
  [`id,symbol,price\n0,ticker_0,1\n,ticker_0,1\n`, 'line 3: id', '', TRADES],
  [`id,symbol,price\n1.5,ticker_0,1\n`, 'line 2: id', '1.5', TRADES],
  [`id,symbol,price\nx,ticker_0,1\n`, 'line 2: id', 'x', TRADES],
  [`time,close\n${T}\n`, 'line 2', '1', { ...CANDLES, ...ONE }],
  [`time,close\nx,1\n`, 'line 2: time', 'x', { ...CANDLES, ...ONE }],
  [`${LONG}${'1'.repeat(2 ** 23 + 1000)}`, 'line 3', 'more'],
];

const RECORD = `{"time":${T},"symbol":"ticker_0","price":1}\n`;
const TABLE = `{"time":${T},"prices":{"ticker_0":1}}\n`;

const JSON_LINES: readonly Case[] = [
  ['[{"time":1}]', 'the recording', 'a list of JSON'],
  ['{"time":1', 'line 1', '{"time":1'],
  [`{}\n${RECORD}`, 'the first line', 'no name'],
  ['{"symbol":"ticker_0","price":1}\n', 'the first line', 'symbol,price'],
  [`{"time":${T},"symbol":"ticker_0"}\n`, 'the first line', 'symbol,time'],
  [`{"time":${T},"symbol":"ticker_0","cost":1}\n`, 'unknown column', 'cost'],
  [`{"time":${T},"price":1}\n`, 'the first line', 'time,price'],
  [`${RECORD}[]\n`, 'line 2', '[]'],
  [`${RECORD}null\n`, 'line 2', 'null'],
  [`${RECORD}{"time":${T}\n`, 'line 2', `{"time":${T}`],
  [`${RECORD}\n${RECORD}`, 'line 2', ''],
  [`${RECORD}{"time":"now","symbol":"ticker_0","price":1}`, 'line 2: time', 'now'],
  [`${RECORD}{"time":1.5,"symbol":"ticker_0","price":1}`, 'line 2: time', '1.5'],
  [`${RECORD}{"time":null,"symbol":"ticker_0","price":1}`, 'line 2: time', 'null'],
  [`${RECORD}{"symbol":"ticker_0","price":1}`, 'line 2: time', 'nothing'],
  [`${RECORD}{"time":${T},"price":1}`, 'line 2: symbol', 'nothing'],
  [`${RECORD}{"time":${T},"symbol":7,"price":1}`, 'line 2: symbol', '7'],
  [`${RECORD}{"time":${T},"symbol":"ticker_0","bid":1}`, 'line 2', 'bid'],
  [`${TABLE}{"time":${T},"symbol":"ticker_0","prices":{}}`, 'line 2', 'symbol'],
  [`${TABLE}{"time":${T},"prices":[1]}`, 'line 2: prices', '[1]'],
  [`${TABLE}{"time":${T}}`, 'line 2: prices', 'nothing'],
  ['{"id":"1.5","symbol":"ticker_0","price":1}\n', 'line 1: id', '1.5', TRADES],
  ['{"id":-0.5,"symbol":"ticker_0","price":1}\n', 'line 1: id', '-0.5', TRADES],
];

/** The name of a test is short, however long its body. */
function named([body, field, given, request = {}]: Case) {
  return { name: JSON.stringify(body).slice(0, 60), body, field, given, request };
}

describe.each([
  { what: 'header', cases: HEADERS },
  { what: 'line', cases: LINES },
  { what: 'line of JSON', cases: JSON_LINES },
])('a wrong $what is told in a sentence', ({ cases }) => {
  it.each(cases.map(named))('$name: $field', ({ body, field, given, request }) => {
    for (const chunkBytes of [1, 7, 2 ** 20]) {
      // Of long ones each byte alone takes long.
      if (body.length / chunkBytes > 10_000) continue;
      let problem: unknown;
      try {
        const bytes = Buffer.from(body, body.startsWith('\u001f') ? 'latin1' : 'utf8');
        gradeOf(bytes, { timeline, request, chunkBytes });
      } catch (error) {
        problem = error;
      }
      expect(problem).toBeInstanceOf(TickwellError);
      const { message, details } = problem as TickwellError;
      expectSentence(message, field, given);
      const [, line] = /^line (\d+)/.exec(message) ?? [];
      expect(details).toEqual(line === undefined ? {} : { line: Number(line) });
    }
  });

  it('has enough of these', () =>
    expect(HEADERS.length + LINES.length + JSON_LINES.length).toBeGreaterThan(75));
});

describe('what is no mistake', () => {
  const [first, second] = pricesOf(market, 0, 0, 2);
  const BODIES: Readonly<Record<string, string>> = {
    'CR LF': `time,symbol,price\r\n${T},ticker_0,${first}\r\n${T + 1000},ticker_0,${second}\r\n`,
    'no end of the last line': `time,symbol,price\n${T},ticker_0,${first}`,
    'empty lines at the end': `time,symbol,price\n${T},ticker_0,${first}\n\n\r\n\n`,
    'a byte order mark': `\ufefftime,symbol,price\n${T},ticker_0,${first}\n`,
    'quoted cells': `"time","symbol","price"\n"${T}","ticker_0","${first}"\n`,
    'spaces around numbers': `time, symbol, price\n ${T} ,ticker_0, ${first} \n`,
    'decimals of zero': `time,symbol,price\n${T},ticker_0,${first}.0\n`,
    'another order of columns': `price,symbol,time\n${first},ticker_0,${T}\n`,
    'columns of their own': `_seen,time,symbol,price,_x\n7,${T},ticker_0,${first},"a b"\n`,
    'times as text': `time,symbol,price\n2026-01-01T00:00:00.000Z,ticker_0,${first}\n`,
    'times of another zone': `time,symbol,price\n2026-01-01T05:30:00+05:30,ticker_0,${first}\n`,
    'lines of JSON': `{"time":${T},"symbol":"ticker_0","price":${first}}\n`,
    'times and numbers as text': `{"time":"2026-01-01","symbol":"ticker_0","price":"${first}"}\n`,
    'lines of JSON that begin with a space': ` {"time":${T},"prices":{"ticker_0":${first}}}\r\n`,
    'fields of their own': `{"_id":7,"time":${T},"symbol":"ticker_0","last":${first},"_x":{}}\n`,
    'a cell for each symbol, some empty': `time,ticker_0,ticker_1\n${T},${first},\n`,
  };

  it.each(Object.entries(BODIES))('%s', (_, body) => {
    for (const chunkBytes of [1, 5, 2 ** 20]) {
      const { symbols } = gradeOf(body, { timeline, chunkBytes });
      expect(symbols.ticker_0).toMatchObject({ right: true });
    }
  });

  it('says of an empty cell of a table that there is no record of it', () => {
    const body = BODIES['a cell for each symbol, some empty']!;
    expect(gradeOf(body, { timeline }).symbols.ticker_1).toMatchObject({
      records: 0,
      missing: { count: 1, ranges: [[T, T]] },
    });
  });

  it('says of prices in the other notation that they may be', () => {
    const prices = pricesOf(market, 0, 0, 9);
    const csv = (scale: number) =>
      `time,symbol,price\n${prices.map((p, n) => `${T + n * 1000},ticker_0,${p * scale}\n`).join('')}`;
    const cents = new Timeline(marketOf({ count: 3, defaults: { tickSize: 0.5 } }));
    const asTicks = gradeOf(csv(0.5), { timeline: cents });
    expect(asTicks.hint).toBe(
      'prices were read as ticks; most that are wrong would be right as decimal',
    );
    const asDecimal = gradeOf(csv(1), { timeline: cents, request: { isDecimal: true } });
    expect(asDecimal.hint).toBe(
      'prices were read as decimal; most that are wrong would be right as ticks',
    );
  });
});

it('takes texts of numbers for numbers, also for times and for the numbers of trades', () => {
  const request = { ...TRADES, sinceMs: T - 1000, untilMs: T + 60_000 };
  const ids = [0, 1, 2, 2, 4];
  const asNumbers = ids.map((id) => ({ id, symbol: 'ticker_0', price: 7 }));
  const asTexts = ids.map((id) => ({ id: `${id}`, symbol: 'ticker_0', price: '7' }));
  expectSameGrade(asNumbers, asTexts, request);
  const times = [T, T + 1000, T + 1000, T + 3000];
  const rows = times.map((time) => ({ time, symbol: 'ticker_0', price: 7 }));
  const texts = times.map((time) => ({ time: `${time}`, symbol: 'ticker_0', price: '7' }));
  expectSameGrade(rows, texts, {});
});

function expectSameGrade(
  one: readonly object[],
  other: readonly object[],
  request: Partial<GradeRequest>,
) {
  const [given, found] = [one, other].map((records) => {
    const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    return gradeOf(body, { timeline, request });
  });
  expect(Object.keys(given!.symbols)).toEqual(['ticker_0']);
  expect(found).toEqual(given);
}
