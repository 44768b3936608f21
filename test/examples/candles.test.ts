import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExample } from '../helpers/example.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  server = await startTestServer();
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

async function run(count: number, file: string): Promise<void> {
  const args = [file, server.server.url, 'ticker_2', '70ms'];
  await runExample(server, 'candles.mjs', args, count);
}

it('examples/candles.mjs writes each candle once, from one run to the next', async () => {
  const file = join(folder, 'candles.csv');
  await run(40, file);
  await run(40, file);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => line.split(','));
  expect(rows.length).toBeGreaterThan(5);
  const times = rows.map(([, , time]) => Date.parse(time!));
  expect(times).toEqual(times.map((_, n) => times[0]! + n * 70));
  const range = `from=${times[0]}&count=${times.length}`;
  const { json } = await server.get(`/v1/candles?symbol=ticker_2&resolution=70ms&${range}`);
  expect(rows.map((row) => row.slice(3).map(Number))).toEqual(
    times.map((_, n) => [json.open[n], json.high[n], json.low[n], json.close[n]]),
  );
});
