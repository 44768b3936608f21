import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrowOf } from '../helpers/bodies.ts';
import { CliThread } from '../helpers/cli.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';

const HOUR = 3_600_000;
const SPEC = { seed: 4, count: 2, origin: '2026-01-01', interval: '1h' };
const OPTIONS = ['generate', '--seed=4', '--count=2', '--interval=1h', '--origin=2026-01-01'];
const market = marketOf(SPEC);
const { originMs } = market.grid;

let cli: CliThread;
let folder: string;

beforeAll(() => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
});

afterAll(async () => {
  await cli.end();
  rmSync(folder, { recursive: true });
});

type Candle = readonly [symbol: string, time: number, ...prices: number[]];

/** The candles between starts that are known, one symbol after the other. */
function candlesOf(starts: readonly number[]): Candle[] {
  return [0, 1].flatMap((column) =>
    starts.slice(0, -1).map((start, n): Candle => {
      const [from, next] = [start, starts[n + 1]!].map((ms) => Math.max(0, ms - originMs) / HOUR);
      const prices = pricesOf(market, column, from!, next!);
      const range = [Math.max(...prices), Math.min(...prices)];
      return [`ticker_${column}`, start, prices[0]!, ...range, prices.at(-1)!];
    }),
  );
}

async function written(format: string, args: readonly string[]): Promise<Buffer> {
  const file = join(folder, `candles.${format}`);
  const run = await cli.run([...OPTIONS, ...args, `--format=${format}`, `--out=${file}`]);
  expect([run.code, run.stderr]).toEqual([0, '']);
  return readFileSync(file);
}

/** What each format says, read back by those who know it. */
const READERS: Readonly<Record<string, (bytes: Buffer) => Promise<Candle[]>>> = {
  csv: async (bytes) => {
    const [header, ...lines] = bytes.toString().trimEnd().split('\n');
    expect(header).toBe('symbol,time,open,high,low,close');
    return lines.map((line) => {
      const [symbol, ...numbers] = line.split(',');
      return [symbol!, ...numbers.map(Number)] as unknown as Candle;
    });
  },
  ndjson: async (bytes) => {
    const lines = bytes.toString().split('\n').slice(0, -1);
    return lines.map((line) => Object.values(JSON.parse(line)) as unknown as Candle);
  },
  json: async (bytes) =>
    JSON.parse(bytes.toString()).map((record: object) => Object.values(record)),
  arrow: async (bytes) =>
    [...arrowOf({ bytes })].map((record) => {
      const [symbol, ...numbers] = Object.values(record!.toJSON());
      return [symbol, ...numbers.map(Number)] as unknown as Candle;
    }),
  parquet: async (bytes) => {
    const rows = await parquetReadObjects({ file: Uint8Array.from(bytes).buffer });
    return rows.map(({ symbol, time, ...prices }) => {
      return [symbol, time.getTime(), ...Object.values(prices).map(Number)] as unknown as Candle;
    });
  },
};

/** The starts of days on the clock of New York in 2026, the last one of 2027. */
function daysOfNewYork(): number[] {
  const starts: number[] = [];
  const [winterMs, summerMs] = [Date.UTC(2026, 2, 8), Date.UTC(2026, 10, 1)];
  for (let day = Date.UTC(2026, 0, 1); day <= Date.UTC(2027, 0, 1); day += 24 * HOUR) {
    const isSummer = day > winterMs && day <= summerMs;
    starts.push(day + (isSummer ? 4 : 5) * HOUR);
  }
  return starts;
}

const MONTHS = Array.from({ length: 13 }, (_, month) => Date.UTC(2026, month, 1));

const RUNS: readonly [what: string, args: readonly string[], starts: readonly number[]][] = [
  ['the months of a year', ['--from=2026-01-01', '--to=2027-01-01', '--resolution=1mo'], MONTHS],
  [
    'its quarters by a clock that nobody puts',
    [
      ...['--from=2026-01-01T05:00:00Z', '--to=2027-01-01T05:00:00Z'],
      ...['--resolution=3mo', '--offset=-5h'],
    ],
    MONTHS.filter((_, month) => month % 3 === 0).map((ms) => ms + 5 * HOUR),
  ],
  [
    'its days in New York',
    [
      ...['--from=2026-01-01T05:00:00Z', '--to=2027-01-01T05:00:00Z'],
      ...['--resolution=1d', '--tz=America/New_York'],
    ],
    daysOfNewYork(),
  ],
];
const CASES = RUNS.flatMap(([what, args, starts]) =>
  Object.keys(READERS).map((format) => [what, format, args, starts] as const),
);

describe('generate writes candles', () => {
  it.each(CASES)('of %s as %s, which is read back', async (_, format, args, starts) => {
    expect(await READERS[format]!(await written(format, args))).toEqual(candlesOf(starts));
  });

  it('of days that have 23 hours, and 25', () => {
    const days = daysOfNewYork();
    const hours = days.slice(1).map((start, n) => (start - days[n]!) / HOUR);
    expect(hours).toHaveLength(365);
    expect([hours.indexOf(23), hours.indexOf(25)]).toEqual([66, 304]);
  });

  it('as Arrow and Parquet with the clock they are cut by', async () => {
    const [, args] = RUNS[2]!;
    const arrow = arrowOf({ bytes: await written('arrow', args) });
    const said = Object.fromEntries(arrow.schema.metadata);
    expect(said).toMatchObject({ tz: 'America/New_York', resolution: '1d', prices: 'ticks' });
    const parquet = parquetMetadata(Uint8Array.from(await written('parquet', args)).buffer);
    expect(parquet.key_value_metadata).toContainEqual({ key: 'tz', value: 'America/New_York' });
    const plain = arrowOf({ bytes: await written('arrow', RUNS[0]![1]) });
    expect(plain.schema.metadata.has('tz')).toBe(false);
  });

  it('of decimals and text times, with sums', async () => {
    const more = ['--prices=decimal', '--time=iso', '--fields=trades,volume'];
    const csv = (await written('csv', [...RUNS[0]![1], ...more])).toString();
    const [header, first] = csv.split('\n');
    expect(header).toBe('symbol,time,open,high,low,close,trades,volume');
    expect(first).toMatch(/^ticker_0,2026-01-01T00:00:00\.000Z,(\d+\.\d\d,){4}\d+,\d+$/);
  });
});

/** New York from a Saturday to the Tuesday after it: clocks were moved, and it was open once. */
const OPEN_MS = [Date.parse('2026-03-09T13:30:00Z'), Date.parse('2026-03-09T20:00:00Z')] as const;

/** Nights are so long that whole groups of candles are left out, at either end and between. */
const NIGHTS = [
  ['from a night into a session', '2026-03-08T12:00:00Z', '2026-03-09T13:40:00Z'],
  ['from a session into a night', '2026-03-09T19:50:00Z', '2026-03-10T05:00:00Z'],
  ['of a night alone', '2026-03-07T00:00:00Z', '2026-03-07T06:00:00Z'],
] as const;

describe('generate leaves out what is held', () => {
  const HOW = ['--count=2', '--calendar=new-york', '--resolution=1s'];
  const run = async (format: string, args: readonly string[]) => {
    const file = join(folder, `nights.${format}`);
    const said = await cli.run(['generate', ...HOW, ...args, `--format=${format}`, '--out', file]);
    expect([said.code, said.stderr]).toEqual([0, '']);
    return readFileSync(file);
  };

  it.each(NIGHTS)('%s', async (_, from, to) => {
    const range = [`--from=${from}`, `--to=${to}`];
    const some = await READERS.csv!(await run('csv', [...range, '--no-held']));
    const all = await READERS.csv!(await run('csv', range));
    expect(some).toEqual(all.filter(([, time]) => time >= OPEN_MS[0] && time <= OPEN_MS[1]));
    expect(some.length).toBe(to < '2026-03-09' ? 0 : from < '2026-03-09' ? 1200 : 1202);
    for (const format of ['ndjson', 'json', 'arrow', 'parquet']) {
      const bytes = await run(format, [...range, '--no-held']);
      expect(await READERS[format]!(bytes), format).toEqual(some);
    }
  });
});

describe('generate refuses', () => {
  const RANGE = ['--from=2026-01-01', '--to=2026-02-01'];
  it.each<[readonly string[], string]>([
    [
      ['--resolution=1d', '--tz=America/NewYork'],
      'unknown tz "America/NewYork"; did you mean "America/New_York"?',
    ],
    [
      ['--resolution=1d', '--tz=-05:00'],
      'tz must be the name of a zone; a clock that is never put is an offset, such as offset=-5h; given: -05:00',
    ],
    [
      ['--resolution=1d', '--offset=+0530'],
      'offset must be hours and minutes ahead of UTC, less than 24h, such as 5h30m; given: +0530',
    ],
    [
      ['--resolution=1d', '--tz=UTC', '--offset=5h'],
      'tz cannot stand beside offset, as each says whose clock cuts; given: UTC and 5h',
    ],
    [['--tz=UTC'], 'tz must come with resolution: rows are not cut; given: UTC'],
    [['--offset=5h'], 'offset must come with resolution: rows are not cut; given: 5h'],
    [
      ['--no-held'],
      'no-held must come with resolution: of rows, none is left out; given: --no-held',
    ],
    [
      ['--no-held', '--trades'],
      'no-held cannot stand beside trades, each of which says all there is; given: --no-held',
    ],
    [['--resolution=1M'], 'unknown unit "M" of resolution; did you mean "1mo"?'],
    [
      ['--resolution=1m'],
      'resolution must be a number and one of ms s m h d w mo y, at least the interval of 3600000 ms and at most 520w or 10y, such as 1h; given: 1m',
    ],
    [
      ['--resolution=1d', '--fields=bid'],
      'unknown field "bid" of candles; there are volume, trades',
    ],
    [
      ['--resolution=1d', '--symbols=tiker_1'],
      'unknown symbol "tiker_1"; did you mean "ticker_1"?',
    ],
    [
      ['--resolution=3mo'],
      'to must leave room for a whole candle, of which the first ends at 2026-04-01T00:00:00Z; given: 2026-02-01',
    ],
  ])('%j', async (args, said) => {
    const { code, stdout, stderr } = await cli.run([...OPTIONS, ...RANGE, ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toBe(`tickwell: ${said}`);
  });

  it('nothing that its help names', async () => {
    const { code, stdout } = await cli.run(['generate', '--help']);
    expect(code).toBe(0);
    for (const option of ['--resolution <width>', '--tz <zone>', '--offset <time>', 'parquet']) {
      expect(stdout).toContain(option);
    }
    expect(stdout).toContain('--resolution 1mo --tz Asia/Tokyo');
  });
});
