import { afterEach, expect, it } from 'vitest';
import { REQUEST_COST } from '../../src/host/budgets/cost.ts';
import { RawClient } from '../helpers/raw.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.ts';

/** More than Node takes for a leak, if each request leaves a listener. */
const REQUESTS = 20;

const servers: TestServer[] = [];
const warnings: string[] = [];
const heed = ({ name }: Error) => void warnings.push(name);

afterEach(async () => {
  process.off('warning', heed);
  warnings.length = 0;
  for (const server of servers.splice(0)) await server.stop();
});

/** What so many requests on one connection are answered with. */
async function statusesOf(options: TestServerOptions, version: string): Promise<number[]> {
  const server = await startTestServer(options);
  servers.push(server);
  process.on('warning', heed);
  const client = new RawClient(Number(new URL(server.server.url).port));
  const asked = (connection: string) =>
    `GET /v1/market HTTP/${version}\r\nhost: a\r\nconnection: ${connection}\r\n\r\n`;
  await client.write(asked('keep-alive').repeat(REQUESTS) + asked('close'));
  return (await client.answers()).map(({ status }) => status);
}

it('a connection of HTTP/1.0 that is kept is listened to once, not for each request', async () => {
  expect(await statusesOf({}, '1.0')).toEqual(Array(REQUESTS + 1).fill(200));
  expect(warnings).toEqual([]);
});

it('a connection is listened to once, however often it is refused', async () => {
  const limits = { workPerSecond: 1, workBurst: REQUEST_COST, badRequestsBurst: 1_000_000 };
  const statuses = await statusesOf({ limits }, '1.1');
  expect(statuses).toEqual([200, ...Array(REQUESTS).fill(429)]);
  expect(warnings).toEqual([]);
});
