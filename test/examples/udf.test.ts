import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExample } from '../helpers/example.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

it('examples/udf.mjs prints each bar once, as /v1/candles has it', async () => {
  const args = [server.server.url, 'TICKER2USDT', '1S', '50'];
  const { lines, errors } = await runExample(server, 'udf.mjs', args, 4);
  expect(errors).toBe('');
  const bars = lines.map((line) => line.split(' '));
  const times = bars.map(([time]) => Date.parse(time!));
  expect(times).toEqual(times.map((_, n) => times[0]! + n * 1000));
  const range = `from=${times[0]}&count=${times.length}&fields=volume&prices=decimal`;
  const { json } = await server.get(`/v1/candles?symbol=ticker_2&resolution=1s&${range}`);
  const columns = ['open', 'high', 'low', 'close', 'volume'].map((name) => json[name].map(Number));
  expect(bars.map(([, ...values]) => values.map(Number))).toEqual(
    times.map((_, n) => columns.map((values) => values[n])),
  );
});
