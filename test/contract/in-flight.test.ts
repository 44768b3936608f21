import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIELDS } from '../../src/core/market/fields.ts';
import { json, RawClient, rawFrame, text } from '../helpers/raw.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { handshake } from './malformed-cases.ts';

const LIMITS = { ...UNHURRIED, maxUnreadBytes: 16_384, workBurst: 1e13 };
/** What comes beside the one message that is more than may be unread: head, pings, goodbye. */
const BESIDE_BYTES = 2048;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: { count: 300 }, limits: LIMITS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const subscribe = (id: number) => json({ type: 'subscribe', id, symbols: '*', since: 'now' });
const fetchRows = { type: 'fetch', symbols: '*', since: 'now' };

/** What is asked many times, and the largest message that answers it. */
const ASKED: [kind: string, ask: (n: number) => Uint8Array, mostBytes: number][] = [
  ['subscribe', subscribe, 5000],
  [
    'subscribe and unsubscribe',
    (n) => (n % 2 === 0 ? subscribe(1) : json({ type: 'unsubscribe', id: 1 })),
    5000,
  ],
  ['ping', (id) => json({ type: 'ping', id }), 100],
  ['what is wrong', (id) => json({ type: 'fetch', id, symbols: ['x'.repeat(60)] }), 400],
  ['what is no JSON', () => text('{'.repeat(80)), 400],
  ['fetch', (id) => json({ ...fetchRows, id, since: server.timeOf(900) }), 16_400],
  ['fetch all fields', (id) => json({ ...fetchRows, id, fields: FIELDS }), 20_000],
  [
    'candles',
    (id) => {
      const [symbol, from] = ['ticker_001', server.timeOf(0)];
      return json({ type: 'candles', id, symbol, resolution: '10ms', from, count: 500 });
    },
    40_000,
  ],
  ['pings of the protocol', () => rawFrame({ first: 0x89, payload: 'x'.repeat(125) }), 127],
];

/** All bytes that come to a client that asks, answers no ping, and hangs up when all is asked. */
async function bytesTo(asked: readonly Uint8Array[], protocol: string): Promise<number> {
  const socket = connect(Number(new URL(server.server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  let bytes = 0;
  socket.on('data', ({ byteLength }) => {
    bytes += byteLength;
  });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(handshake(`sec-websocket-protocol: ${protocol}\r\n`), 'latin1');
  socket.write(Buffer.concat(asked));
  // Their answers are made before that of a neighbour who asks for the same afterwards.
  const neighbour = await server.connect();
  for (let id = 0; id < 3; id++) await neighbour.ask({ ...fetchRows, id, fields: FIELDS }, 'rows');
  await neighbour.close();
  socket.end();
  await closed;
  return bytes;
}

describe.each(['tickwell.v1.json', 'tickwell.v1.bin'])('of %s', (protocol) => {
  it.each(ASKED)('no more is sent than may be unread: %s', async (_, ask, mostBytes) => {
    const asked = Array.from({ length: 600 }, (_, n) => ask(n));
    const most = LIMITS.maxUnreadBytes + mostBytes + BESIDE_BYTES;
    expect(await bytesTo(asked, protocol)).toBeLessThanOrEqual(most);
  });
});

describe('pings of the protocol', () => {
  const PING = rawFrame({ first: 0x89, payload: 'x' });

  async function heardOf(pings: number): Promise<string[]> {
    const polite = await startTestServer({ limits: {} });
    const client = new RawClient(Number(new URL(polite.server.url).port));
    await client.shakeHands(handshake());
    await client.write(Buffer.concat(Array<Buffer>(pings).fill(PING)));
    await client.write(rawFrame({ first: 0x88 }));
    const heard: string[] = [];
    for (let next = await client.next(); next !== undefined; next = await client.next()) {
      heard.push('message' in next ? next.message.type : Object.keys(next)[0]);
      if ('close' in next) heard.push(String(next.close[0]));
      if ('close' in next) break;
    }
    client.reset();
    await polite.stop();
    return heard;
  }

  it('that are 75 at once are all answered', async () => {
    const pongs = Array<string>(75).fill('pong');
    expect(await heardOf(75)).toEqual(['hello', ...pongs, 'close', '1005']);
  });

  it('that are too many end with a goodbye that says so, and not without a word', async () => {
    const heard = await heardOf(500);
    expect(heard.slice(-3)).toEqual(['bye', 'close', '4005']);
    expect(heard.filter((what) => what === 'pong')).toHaveLength(120);
  });
});
