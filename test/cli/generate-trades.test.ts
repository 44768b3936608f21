import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { FormatName } from '../../src/cli/commands/generate.ts';
import { tradePieces, tradesOf } from '../../src/cli/trades.ts';
import { History } from '../../src/core/history/history.ts';
import { finish } from '../../src/core/market/finish.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { DEFAULT_NOTATION } from '../../src/wire/notation.ts';
import { CliThread } from '../helpers/cli.ts';
import { marketOf } from '../helpers/market.ts';
import { foldOf, type Told, TRADED_SYMBOLS, tradedRows, tradedSpec } from '../helpers/trades.ts';

const ORIGIN = Date.UTC(2026, 0, 9, 18);

const WORLDS = [
  { interval: 1, from: 0, next: 3000, tradesPerDay: 4_000_000 },
  { interval: 1000, from: 100, next: 1600, tradesPerDay: 200_000 },
  { interval: 3_600_000, from: 3, next: 30, tradesPerDay: 20_000 },
  { interval: 86_400_000, from: 0, next: 8, tradesPerDay: 3000 },
] as const;

async function bytesOf(world: (typeof WORLDS)[number], format: FormatName, symbols: string[]) {
  const { interval, from, next, tradesPerDay } = world;
  const market = marketOf({ ...tradedSpec(tradesPerDay), origin: ORIGIN, interval, seed: 7 });
  const columns = symbols.map((symbol) => market.columnOf(symbol)!);
  const form = {
    market,
    timeline: new Timeline(market),
    columns,
    format,
    notation: DEFAULT_NOTATION,
  };
  const { total, traded } = tradesOf(form, from, next);
  const pieces: Buffer[] = [];
  let counted = 0;
  for await (const { bytes, rows } of tradePieces(form, traded, next)) {
    pieces.push(Buffer.from(bytes as Uint8Array));
    counted += rows;
  }
  expect(counted).toBe(total);
  return { market, total, bytes: Buffer.concat(pieces) };
}

describe.each(WORLDS)('trades of rows of $interval ms that are generated', (world) => {
  it('fold into these rows, of every model', async () => {
    const { market, bytes } = await bytesOf(world, 'csv', TRADED_SYMBOLS);
    const [header, ...lines] = bytes.toString().trimEnd().split('\n');
    expect(header).toBe('symbol,id,time,price,lots,side');
    const all = new Map<string, Told[]>(TRADED_SYMBOLS.map((symbol) => [symbol, []]));
    for (const line of lines) {
      const [symbol, ...cells] = line.split(',');
      const [id, time, price, lots, side] = cells.map(Number);
      all.get(symbol!)!.push({ id: id!, time: time!, price: price!, lots: lots!, side: side! });
    }
    for (const [column, symbol] of TRADED_SYMBOLS.entries()) {
      const own = all.get(symbol)!;
      const { from, next } = world;
      expect(foldOf(market, own)).toEqual(tradedRows(market, column, from, next));
      const first = market.tradesBefore(column, from);
      expect(String(own.map(({ id }) => id))).toBe(String(own.map((_, k) => first + k)));
    }
  });
});

describe('generate --trades', () => {
  const cli = new CliThread();
  const range = ['--from', '2026-01-01', '--to', '2026-01-01T00:00:30Z'];
  const run = (...args: string[]) =>
    cli.run(['generate', '--trades', '--symbols', 'ticker_07,ticker_00', ...range, ...args]);

  it('writes the same in each format', async () => {
    const csv = await run();
    expect(csv.code).toBe(0);
    const lines = csv.stdout.trimEnd().split('\n').slice(1);
    const ndjson = await run('--format', 'ndjson');
    const told = ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => Object.values(JSON.parse(line)));
    expect(told.map(String)).toEqual(lines);
    const json = await run('--format', 'json');
    const listed: object[] = JSON.parse(json.stdout);
    expect(listed.map((record) => String(Object.values(record)))).toEqual(lines);
  });

  it('as Arrow and Parquet has times in microseconds', async () => {
    const world = WORLDS[1];
    const symbols = ['M7', 'RARE', 'M0'];
    const csv = await bytesOf(world, 'csv', symbols);
    const lines = csv.bytes.toString().trimEnd().split('\n').slice(1);
    const arrow = tableFromIPC((await bytesOf(world, 'arrow', symbols)).bytes);
    expect(arrow.numRows).toBe(lines.length);
    const { bytes } = await bytesOf(world, 'parquet', symbols);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(lines.length);
    for (const [n, line] of lines.entries()) {
      const [symbol, id, time, price, lots, side] = line.split(',');
      const of = arrow.get(n)!;
      expect([of.symbol, of.id, of.price, of.lots, of.side].map(String)).toEqual([
        ...[symbol, id, price, lots, side],
      ]);
      const told = rows[n]!;
      expect([told.symbol, told.id, told.price, told.lots, told.side].map(String)).toEqual([
        ...[symbol, id, price, lots, side],
      ]);
      const own = Number(told.time);
      expect(Math.abs(own - Number(time))).toBeLessThan(1);
    }
  });

  it('of a range without a trade is empty, and whole', async () => {
    const world = { ...WORLDS[0], from: 0, next: 1 };
    const json = await bytesOf(world as never, 'json', ['RARE']);
    expect(JSON.parse(json.bytes.toString())).toEqual([]);
    expect(tableFromIPC((await bytesOf(world as never, 'arrow', ['RARE'])).bytes).numRows).toBe(0);
  });

  it.each([
    ['--resolution', '1m', 'resolution'],
    ['--tz', 'UTC', 'tz'],
    ['--offset', '5h', 'offset'],
    ['--fields', 'last', 'fields'],
  ])('refuses %s', async (option, value, name) => {
    const { code, stderr } = await run(option, value);
    expect(code).toBe(2);
    expect(stderr).toContain(`${name} cannot stand beside trades`);
    expect(stderr).toContain(`given: ${value}`);
  });

  it('keeps nothing of what it has passed', () => {
    const market = marketOf({ ...tradedSpec(200_000), origin: ORIGIN, interval: 1000, seed: 7 });
    const history = new History(market, 1);
    finish(history.trades.moveTo(100_000));
    expect(history.trades.isNew(5000)).toBe(false);
  });
});
