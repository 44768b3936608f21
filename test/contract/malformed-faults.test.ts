import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultProblem } from '../../src/core/faults/problem.ts';
import { parseProfile } from '../../src/core/faults/profile.ts';
import { MALFORMED_PROFILES } from '../core/faults/malformed-profiles.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

type Body = Record<string, unknown> & { readonly error?: { code: string; message: string } };

/** How each protocol says what is wrong. */
const SENTENCES = {
  tickwell: ({ error }: Body) => [error?.code, error?.message],
  binance: ({ code, msg }: Body) => [code, msg],
  alpaca: ({ code, message }: Body) => [code, message],
  udf: ({ s, errmsg }: Body) => [s, errmsg],
  deriv: ({ error }: Body) => [error?.code, error?.message],
} as const;

const CODES = {
  tickwell: 'bad_request',
  binance: -1100,
  // As of its market data: no code.
  alpaca: undefined,
  udf: 'error',
  deriv: 'BadRequest',
} as const;

type Protocol = keyof typeof CODES;

const PATHS: readonly (readonly [Protocol, string])[] = [
  ['tickwell', '/v1/market'],
  ['tickwell', '/v1/rows'],
  ['tickwell', '/v1/candles'],
  ['tickwell', '/v1/events'],
  ['binance', '/api/v3/time'],
  ['binance', '/api/v3/klines'],
  ['alpaca', '/v2/clock'],
  ['alpaca', '/v2/stocks/bars'],
  ['udf', '/udf/config'],
  ['udf', '/udf/history'],
];

const SOCKETS: readonly (readonly [Protocol, string])[] = [
  ['tickwell', '/v1/stream'],
  ['binance', '/ws'],
  ['binance', '/stream'],
  ['binance', '/ws-api/v3'],
  ['alpaca', '/v2/iex'],
  ['deriv', '/websockets/v3'],
];

const WAYS = [
  [
    'a prefix',
    (path: string, profile: string) => `/faulty/${encodeURIComponent(profile)}:1${path}`,
  ],
  [
    'a parameter',
    (path: string, profile: string) => `${path}?faults=${encodeURIComponent(profile)}`,
  ],
] as const;

/** What is said of a text that is no profile. */
function problemOf(profile: string): string {
  try {
    parseProfile(profile);
  } catch (error) {
    if (error instanceof FaultProblem) return error.message;
  }
  throw new Error(`${profile} is a profile`);
}

/** The status and the body of a refusal; `isSocket` asks for a WebSocket. */
async function refused(path: string, isSocket: boolean): Promise<readonly [number, Body]> {
  const headers = isSocket
    ? {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }
    : {};
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(server.server.url + path, { headers, agent: false });
    asking.on('response', resolve).on('error', reject).end();
    asking.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error(`${path} was taken in`));
    });
  });
  return [answer.statusCode!, JSON.parse(await text(answer))];
}

describe.each(WAYS)('a malformed profile in %s', (_, pathOf) => {
  it.each([
    ...PATHS.map(([protocol, path]) => [protocol, path, false] as const),
    ...SOCKETS.map(([protocol, path]) => [protocol, path, true] as const),
  ])('is refused in the words of %s: %s', async (protocol, path, isSocket) => {
    for (const [profile] of MALFORMED_PROFILES) {
      const [status, body] = await refused(pathOf(path, profile), isSocket);
      const said = [status, ...SENTENCES[protocol](body)];
      expect([profile, ...said]).toEqual([profile, 400, CODES[protocol], problemOf(profile)]);
    }
  });
});
