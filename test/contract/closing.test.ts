import { afterEach, describe, expect, it } from 'vitest';
import { json, RawClient, rawFrame } from '../helpers/raw.ts';
import { INTERVAL, startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

const HANDSHAKE =
  'GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const SUBSCRIBE = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
const TEXT_OF_CLOSE = Buffer.from([0x03, 0xe8]);

let server: TestServer | undefined;
let client: RawClient | undefined;

afterEach(async () => {
  client?.reset();
  await server?.stop();
  expect(server?.failures).toEqual([]);
});

describe('a connection that is closing', () => {
  it.each([
    ['by the server, because of a binary message', rawFrame({ first: 0x82, payload: 'x' }), 1003],
    ['by the server, because of a broken frame', rawFrame({ first: 0xf1, payload: 'x' }), 1002],
    ['by its client', rawFrame({ first: 0x88, payload: TEXT_OF_CLOSE }), 1000],
  ])('%s, is sent nothing behind the frame that says so', async (_, frame, code) => {
    server = await startTestServer({ limits: { ...UNHURRIED, closeGraceMs: 500 } });
    const { clock } = server;
    client = new RawClient(Number(new URL(server.server.url).port));
    await client.shakeHands(HANDSHAKE);
    expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
    await client.write(json(SUBSCRIBE));
    expect(await client.next()).toMatchObject({ message: { type: 'subscribed' } });
    const other = await server.connect();
    await other.ask(SUBSCRIBE, 'subscribed');
    const nextRow = async () => {
      clock.pass(INTERVAL);
      await other.next('rows');
    };
    // The second finds it where it should be.
    for (let n = 0; n < 2; n++) {
      await nextRow();
      expect(await client.next()).toMatchObject({ message: { type: 'rows' } });
    }
    await client.write(frame);
    expect(await client.next()).toMatchObject({ close: [code, expect.any(String)] });
    for (let n = 0; n < 5; n++) await nextRow();
    // It does not answer, so that only time ends it.
    expect(await client.next()).toBe(undefined);
  });
});
