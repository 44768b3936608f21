import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrowOf, bodyOf } from '../helpers/bodies.ts';
import { CliThread } from '../helpers/cli.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError } from '../helpers/sentence.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** More than a group of rows, and than a part of an answer. */
const ROWS = 60_000;
const ORIGIN = Date.UTC(2026, 0, 1);
const SPEC = { seed: 4, origin: ORIGIN, interval: 1000, count: 3, capacity: 300 };
const OPTIONS = ['--seed=4', '--count=3'];
const [FROM, NEXT] = [10, 50_010];
const at = (index: number) => ORIGIN + index * 1000;
const RANGE = `since=${at(FROM - 1)}&until=${at(NEXT - 1)}`;
const ARGS = ['generate', ...OPTIONS, `--from=${at(FROM)}`, `--to=${at(NEXT)}`];

let server: TestServer;
let cli: CliThread;
let folder: string;

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, rows: ROWS });
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
});

afterAll(async () => {
  await cli.end();
  await server.stop();
  rmSync(folder, { recursive: true });
  expect(server.failures).toEqual([]);
});

/** What `tickwell generate` writes. */
async function generated(...args: string[]): Promise<Uint8Array> {
  const file = join(folder, 'out');
  const { code, stderr } = await cli.run([...ARGS, ...args, `--out=${file}`]);
  expect([code, stderr]).toEqual([0, '']);
  return Uint8Array.from(readFileSync(file));
}

type Row = Readonly<Record<string, unknown>>;

async function parquetOf(bytes: Uint8Array) {
  const file = Uint8Array.from(bytes).buffer;
  const about = parquetMetadata(file);
  const rows: Row[] = await parquetReadObjects({ file });
  const types = about.schema.slice(1).map(({ name, type }) => `${name} ${type}`);
  const said = Object.fromEntries(about.key_value_metadata!.map(({ key, value }) => [key, value]));
  return { about, rows, types, said };
}

const pricesIn = (rows: readonly Row[], name: string) => rows.map((row) => Number(row[name]));

/** Whether two lists are equal, without showing megabytes of difference. */
function expectEqual(list: readonly unknown[], other: readonly unknown[]): void {
  expect(list.length).toBe(other.length);
  expect(list.findIndex((value, n) => value !== other[n])).toBe(-1);
}

describe('rows in parquet', () => {
  it.each(['', '&whole=true'])('are those of the market%s', async (whole) => {
    const body = await bodyOf(server, `/v1/rows?${RANGE}&format=parquet${whole}`);
    expect(body.status).toBe(200);
    expect(body.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const { about, rows, types, said } = await parquetOf(body.bytes);
    expect(types).toEqual(['time INT64', ...[0, 1, 2].map((n) => `ticker_${n} INT32`)]);
    expect(about.schema[1]).toMatchObject({
      repetition_type: 'REQUIRED',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    });
    expect(about.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      16_384, 16_384, 16_384, 848,
    ]);
    expect(said).toMatchObject({
      market: server.market.id,
      interval: '1000',
      since: String(at(FROM - 1)),
      until: String(at(NEXT - 1)),
      prices: 'ticks',
    });
    const tick = { tickSize: 0.01, decimals: 2 };
    expect(JSON.parse(said.columns!)).toEqual({ ticker_0: tick, ticker_1: tick, ticker_2: tick });
    expectEqual(
      rows.map(({ time }) => (time as Date).getTime()),
      Array.from({ length: NEXT - FROM }, (_, n) => at(FROM + n)),
    );
    for (const column of [0, 1, 2]) {
      const made = pricesOf(server.market, column, FROM, NEXT);
      expectEqual(pricesIn(rows, `ticker_${column}`), made);
    }
    // What readers find the groups of a range by.
    const { statistics } = about.row_groups[1].columns[0].meta_data!;
    expect(statistics).toMatchObject({
      min_value: new Date(at(FROM + 16_384)),
      max_value: new Date(at(FROM + 2 * 16_384 - 1)),
    });
  });

  it('are doubles as decimals, and have every field', async () => {
    const asked = 'symbols=ticker_1&fields=last,volume,aggressor&prices=decimal&limit=100';
    const path = `/v1/rows?${RANGE}&${asked}`;
    const { rows, types } = await parquetOf((await bodyOf(server, `${path}&format=parquet`)).bytes);
    expect(types).toEqual([
      'time INT64',
      'ticker_1.last DOUBLE',
      'ticker_1.volume INT64',
      'ticker_1.aggressor INT32',
    ]);
    const { json } = await server.get(path);
    for (const field of ['last', 'volume', 'aggressor']) {
      expect(pricesIn(rows, `ticker_1.${field}`)).toEqual(json[field][0]);
    }
  });

  it('that are no rows are a file too', async () => {
    const body = await bodyOf(server, '/v1/rows?since=now&format=parquet');
    const { about, rows, types } = await parquetOf(body.bytes);
    expect([about.row_groups.length, rows.length, types.length]).toEqual([0, 0, 4]);
  });

  it('of very many columns have a schema that holds them, and have a limit', async () => {
    const wide = await startTestServer({ spec: { ...SPEC, count: 1001 }, rows: 20 });
    const names = wide.market.instruments.slice(0, 1000).map(({ symbol }) => symbol);
    const body = await bodyOf(wide, `/v1/rows?last=2&format=parquet&symbols=${names}`);
    const { rows } = await parquetOf(body.bytes);
    for (const column of [0, 14, 127, 128, 999]) {
      const made = pricesOf(wide.market, column, 18, 20);
      expect(pricesIn(rows, names[column])).toEqual(made);
    }
    const many = await wide.get('/v1/rows?last=1&format=parquet');
    expectError(many, 'range_too_large', { limit: 1000 });
    await wide.stop();
  });
});

describe('an index that is longer than may be held', () => {
  const late = at(400_000_000);
  const fields = 'last,bid,ask,volume,trades,aggressor';
  const all = '--count=160';

  it('is refused before a byte of rows, over HTTP', async () => {
    const long = await startTestServer({ spec: { ...SPEC, count: 160 }, rows: 20_000_000 });
    const path = `/v1/rows?since=${at(-1)}&whole=true&fields=${fields}&format=`;
    const refused = await long.get(`${path}parquet`);
    expect(refused.json.error.message).toMatch(/a shorter range, or csv, ndjson or arrow; given: /);
    const { limit } = refused.json.error;
    expectError(refused, 'range_too_large', { limit });
    // Times and 160 columns of six fields, in as many rows a group as a part has.
    expect(limit).toBe(Math.floor(200_000 / 961) * Math.floor(2 ** 21 / 960));
    const statusOf = async (query: string) =>
      (await long.get(path + query, { method: 'HEAD' })).status;
    expect(await statusOf(`parquet&limit=${limit}`)).toBe(200);
    expect(await statusOf(`parquet&limit=${limit + 1}`)).toBe(refused.status);
    expect(await statusOf('csv')).toBe(200);
    await long.stop();
  });

  it('is none of a year of seconds of 100 instruments, over HTTP: long groups keep it short', async () => {
    const year = 366 * 86_400;
    const spec = { ...SPEC, count: 100 };
    const long = await startTestServer({ spec, rows: year + 10_000_000 });
    const path = `/v1/rows?since=${at(-1)}&whole=true&format=parquet&limit=`;
    const statusOf = async (rows: number) =>
      (await long.get(path + rows, { method: 'HEAD' })).status;
    expect(await statusOf(year)).toBe(200);
    const limit = Math.floor(200_000 / 101) * 16_384;
    expect(await statusOf(limit)).toBe(200);
    expectError(await long.get(path + (limit + 1)), 'range_too_large', { limit });
    await long.stop();
  });

  it.each([
    ['rows', [`--fields=${fields}`, `--from=${ORIGIN}`, `--to=${late}`]],
    ['candles', ['--resolution=1s', `--from=${ORIGIN}`, `--to=${late}`]],
  ])('is refused before a file, of %s', async (what, args) => {
    const run = ['generate', '--seed=4', all, ...args, '--format=parquet'];
    const { code, stdout, stderr } = await cli.run(run);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^tickwell: ${what} must be at most [0-9]+ of so many`));
    expect(stderr).toContain('ask for a shorter range, or csv, ndjson or arrow; given: 400000000');
  });

  it('has at most the columns that HTTP writes', async () => {
    const run = ['generate', '--count=1001', `--from=${ORIGIN}`, `--to=${at(5)}`];
    const { code, stderr } = await cli.run([...run, '--format=parquet']);
    expect(code).toBe(2);
    expect(stderr).toContain('symbols must be at most 1000 in parquet; given: 1001');
  });

  it('is short, because groups are as long as they may be', async () => {
    const wide = ['generate', '--count=20', `--from=${ORIGIN}`, `--to=${at(120_000)}`];
    const file = join(folder, 'groups');
    await cli.run([...wide, '--format=parquet', `--out=${file}`]);
    const { about } = await parquetOf(Uint8Array.from(readFileSync(file)));
    const rows = about.row_groups.map(({ num_rows }) => Number(num_rows));
    expect(rows).toEqual([...new Array(7).fill(16_384), 120_000 - 7 * 16_384]);
  });
});

describe('candles in parquet', () => {
  it('say what JSON says', async () => {
    const path = '/v1/candles?symbol=ticker_2&resolution=1m&last=100&fields=volume';
    const { rows, types, said } = await parquetOf(
      (await bodyOf(server, `${path}&format=parquet`)).bytes,
    );
    const { json } = await server.get(path);
    const { symbol, resolution, closed, until } = json;
    expect(said).toMatchObject({ symbol, resolution, closed: `${closed}`, until: `${until}` });
    expect(types).toEqual([
      'time INT64',
      ...['open', 'high', 'low', 'close'].map((name) => `${name} INT32`),
      'volume INT64',
    ]);
    expect(rows.map(({ time }) => (time as Date).getTime())).toEqual(json.time);
    for (const name of ['open', 'high', 'low', 'close', 'volume']) {
      expect(pricesIn(rows, name)).toEqual(json[name]);
    }
  });
});

describe('generate and HTTP', () => {
  const styles = [[], ['prices=decimal', 'time=iso'], ['fields=ask,volume']];
  it.each(['csv', 'ndjson'].flatMap((format) => styles.map((style) => [format, style] as const)))(
    'write the same bytes as %s, %j',
    async (format, style) => {
      const query = [RANGE, `format=${format}`, 'whole=true', ...style].join('&');
      const { bytes } = await bodyOf(server, `/v1/rows?${query}`);
      const own = await generated(`--format=${format}`, ...style.map((option) => `--${option}`));
      expect(Buffer.compare(bytes, own)).toBe(0);
    },
  );

  it.each(['ticks', 'decimal'])(
    'write the same table as arrow and parquet, in %s',
    async (prices) => {
      const arrow = `/v1/rows?${RANGE}&whole=true&prices=${prices}&format=arrow`;
      const [one, other] = [
        arrowOf(await bodyOf(server, arrow)),
        arrowOf({ bytes: await generated('--format=arrow', `--prices=${prices}`) }),
      ];
      expect(String(other.schema)).toBe(String(one.schema));
      expect(Object.fromEntries(other.schema.metadata)).toEqual(
        Object.fromEntries(one.schema.metadata),
      );
      for (const { name } of one.schema.fields) {
        expectEqual([...other.getChild(name)!], [...one.getChild(name)!]);
      }
      const parquet = `/v1/rows?${RANGE}&whole=true&prices=${prices}&format=parquet`;
      const served = await parquetOf((await bodyOf(server, parquet)).bytes);
      const own = await parquetOf(await generated('--format=parquet', `--prices=${prices}`));
      expect([own.types, own.said]).toEqual([served.types, served.said]);
      for (const name of ['ticker_0', 'ticker_1', 'ticker_2']) {
        expectEqual(pricesIn(own.rows, name), pricesIn(served.rows, name));
        expectEqual(pricesIn(own.rows, name), [...one.getChild(name)!]);
      }
    },
  );

  it('write candles alike, which generate names by their symbols', async () => {
    const args = ['--resolution=1m', '--fields=trades,volume', '--prices=decimal'];
    const candles = `resolution=1m&from=${at(60)}&to=${at(49_980)}&fields=trades,volume&prices=decimal`;
    const lines: string[] = [];
    for (const symbol of ['ticker_0', 'ticker_1', 'ticker_2']) {
      const { text } = await server.get(`/v1/candles?symbol=${symbol}&${candles}&format=csv`);
      const own = text.trimEnd().split('\n').slice(1);
      lines.push(...own.map((line) => `${symbol},${line}`));
    }
    const run = await cli.run([...ARGS, ...args]);
    expect(run.code).toBe(0);
    const [header, ...csv] = run.stdout.trimEnd().split('\n');
    expect(header).toBe('symbol,time,open,high,low,close,trades,volume');
    expectEqual(csv, lines);

    const names = ['open', 'high', 'low', 'close', 'trades', 'volume'];
    const lineOf = (row: Row, time: number) =>
      [row.symbol, time, ...names.map((name) => Number(row[name]))].join();
    const numbers = lines.map((line) => {
      const [symbol, ...values] = line.split(',');
      return [symbol, ...values.map(Number)].join();
    });
    const file = join(folder, 'candles');
    await cli.run([...ARGS, ...args, '--format=parquet', `--out=${file}`]);
    const { rows, types } = await parquetOf(Uint8Array.from(readFileSync(file)));
    expect(types.slice(0, 2)).toEqual(['symbol BYTE_ARRAY', 'time INT64']);
    expectEqual(
      rows.map((row) => lineOf(row, (row.time as Date).getTime())),
      numbers,
    );
    await cli.run([...ARGS, ...args, '--format=arrow', `--out=${file}`]);
    const table = arrowOf({ bytes: Uint8Array.from(readFileSync(file)) });
    const records = [...table].map((record) => record!.toJSON() as Row);
    expectEqual(
      records.map((row) => lineOf(row, Number(row.time))),
      numbers,
    );
  });
});
