import { afterEach, expect, it } from 'vitest';
import { UPGRADE_COST } from '../../src/host/budgets/cost.ts';
import { SAFETY_HEADERS } from '../../src/host/http/safety-headers.ts';
import type { Limits } from '../../src/server/limits.ts';
import { parseAnswers } from '../helpers/raw.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.stop();
  expect(server?.failures).toEqual([]);
});

const UPGRADE = ['connection: upgrade', 'upgrade: websocket'];
const HOST = 'host: localhost';
const FOREIGN = 'origin: https://evil.com';
/** As much as one WebSocket costs, which is soon spent. */
const POOR = { workBurst: UPGRADE_COST, workPerSecond: 1 };

it.each<[what: string, status: number, line: string, head: string[], limits?: Partial<Limits>]>([
  ['a request that is answered', 200, 'GET /v1/market', [HOST]],
  ['a path that is not there', 404, 'GET /none', [HOST]],
  ['a request for another host', 421, 'GET /v1/market', ['host: evil.com']],
  ['a request for no host', 400, 'GET /v1/market', []],
  ['a change by a page of another site', 403, 'POST /v1/market', [HOST, FOREIGN]],
  ['a request that cannot be paid', 429, 'GET /v1/market', [HOST], POOR],
  ['events that cannot be paid', 200, 'GET /v1/events', [HOST], POOR],
  ['a preflight', 204, 'OPTIONS /v1/market', [HOST, 'access-control-request-method: GET']],
  ['a path that means nothing', 400, 'GET /%zz', [HOST]],
  ['what cannot be read', 400, 'GET /v1/market', [HOST, 'bad header']],
  ['what cannot be read, and paid', 429, 'GET /v1/market', [HOST, 'bad header'], POOR],
  ['a tunnel', 404, 'CONNECT localhost:80', [HOST]],
  ['a WebSocket where there is none', 404, 'GET /none', [HOST, ...UPGRADE]],
  ['a WebSocket of another site', 403, 'GET /v1/stream', [HOST, FOREIGN, ...UPGRADE]],
  ['a WebSocket that cannot be paid', 429, 'GET /v1/stream', [HOST, ...UPGRADE], POOR],
])('the answer to %s has the headers of safety', async (_, status, line, head, limits) => {
  server = await startTestServer(limits === undefined ? {} : { limits });
  if (limits === POOR) while ((await server.get('/v1/market')).status !== 429);
  const close = head.includes('upgrade: websocket') ? [] : ['connection: close'];
  const bytes = [`${line} HTTP/1.1`, ...close, ...head, '', ''].join('\r\n');
  const [answer] = parseAnswers(Buffer.from(await server.raw(bytes), 'latin1'));
  expect(answer).toMatchObject({ status, headers: SAFETY_HEADERS });
});
