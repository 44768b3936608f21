import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExample } from '../helpers/example.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  const instruments = [{ symbol: 'NIMBO', assetClass: 'stock' }];
  server = await startTestServer({ spec: { count: undefined, instruments } });
});

afterAll(() => server.stop());

it('prints each trade once, by its number', async () => {
  const { lines, errors } = await runExample(server, 'alpaca.mjs', [server.server.url, 'NIMBO'], 8);
  expect(errors).toBe('');
  const numbers = lines.map((line) => Number(line.split(' ')[0]));
  expect(numbers).toEqual(numbers.map((_, n) => numbers[0]! + n));
});

it('says what is wrong, and ends', async () => {
  const ran = await runExample(server, 'alpaca.mjs', [server.server.url, 'GONE'], 1);
  expect([ran.code, ran.errors]).toEqual([1, '400 invalid symbol: GONE\n']);
});
