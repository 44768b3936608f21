import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExample } from '../helpers/example.ts';
import { INTERVAL, startTestServer, type TestServer } from '../helpers/server.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/client.mjs', import.meta.url));

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

/** The rows that it prints; it says on standard error how it stands. */
async function run(count: number, file: string): Promise<number[][]> {
  const args = [server.server.url, 'ticker_2,ticker_0', file];
  const { code, lines, errors } = await runExample(server, 'client.mjs', args, count);
  expect(errors).toMatch(/^(catching up\n)*live\nclosed\n$/);
  expect(code).toBe(0);
  return lines.map((line) => line.split(' ').map(Number));
}

it('examples/client.mjs goes on where it was, from one run to the next', async () => {
  const file = join(folder, 'cursor.json');
  const rows = [...(await run(5, file)), ...(await run(5, file))];
  expect(rows.length).toBeGreaterThanOrEqual(10);
  const [first] = rows[0]!;
  expect(rows.map(([time]) => time)).toEqual(rows.map((_, row) => first! + row * INTERVAL));
  const range = `since=${first! - INTERVAL}&until=${rows.at(-1)![0]}`;
  const { json } = await server.get(`/v1/rows?symbols=ticker_2,ticker_0&${range}`);
  expect(rows.map(([, two]) => two)).toEqual(json.prices[0]);
  expect(rows.map(([, , zero]) => zero)).toEqual(json.prices[1]);
});

it('examples/client.mjs says why there are no rows', async () => {
  const child = spawn(process.execPath, [EXAMPLE, 'http://127.0.0.1:1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface(child.stderr)) {
    if (!line.startsWith('reconnecting')) continue;
    expect(line).toMatch(/^reconnecting: \w.*\.$/);
    break;
  }
  child.kill('SIGINT');
  await once(child, 'exit');
});
