import { expect, it } from 'vitest';
import { handshake } from '../contract/malformed-cases.ts';
import { Neighbour, openSockets } from '../contract/malformed-world.ts';
import { json, RawClient, rawFrame } from '../helpers/raw.ts';
import { startTestServer } from '../helpers/server.ts';
import { anyText, Chance, mutatedBytes } from './chance.ts';

const STRINGS = 3000;
/** Clients at a time. */
const CROWD = 30;
const SEED = 20260105;
/** What a server may close with that it did not choose itself. */
const CODES = [1002, 1003, 1005, 1007, 1008, 1009];

/** Bytes that are frames, nearly frames, or nothing of the kind. */
function anyBytes(chance: Chance): Uint8Array {
  const frames = chance.list(4, () => {
    const payload = Buffer.from(anyText(chance).slice(0, 200));
    return chance.pick([
      () => json({ type: 'ping', id: chance.below(9) }),
      () => json({ type: 'subscribe', id: chance.below(9), symbols: '*', since: 'now' }),
      () => rawFrame({ first: chance.below(256), payload }),
      () => rawFrame({ first: chance.pick([1, 0, 0x80, 0x81, 0x88, 0x89, 0x8a]), payload }),
      () => rawFrame({ first: 0x81, payload, lengthBytes: chance.pick([2, 8]) }),
      () => Buffer.from(Array.from({ length: chance.below(40) }, () => chance.below(256))),
    ])();
  });
  const bytes = Buffer.concat(frames);
  return chance.once(2) ? mutatedBytes(chance, bytes) : bytes;
}

it(`${STRINGS} strings of bytes (seed ${SEED}) end no server and delay no neighbour`, async () => {
  const server = await startTestServer();
  const neighbour = await Neighbour.of(server);
  const port = Number(new URL(server.server.url).port);

  async function send(seed: number): Promise<void> {
    const chance = new Chance(seed);
    const bytes = anyBytes(chance);
    const client = new RawClient(port);
    const at = chance.below(bytes.length + 1);
    await client.shakeHands(handshake());
    await client.write(bytes.subarray(0, at), bytes.subarray(at));
    // Whatever came before is answered once this is; a frame that is not complete takes it in.
    await client.write(json({ type: 'ping', id: 2 ** 32 - 1 }));
    client.end();
    for (let heard = await client.next(); heard !== undefined; heard = await client.next()) {
      if (!('close' in heard)) continue;
      const [code] = heard.close;
      const isOurs = CODES.includes(code) || (code >= 1000 && code < 5000 && bytes.includes(0x88));
      expect(isOurs, `${code} is a code to close with; seed ${seed}`).toBe(true);
    }
    await client.closed;
  }

  for (let n = 0; n < STRINGS; n += CROWD) {
    await Promise.all(Array.from({ length: CROWD }, (_, k) => send(SEED + n + k)));
    await neighbour.expectHealth();
  }
  await expect.poll(openSockets).toBe(neighbour.sockets);
  await server.stop();
  expect(server.failures).toEqual([]);
}, 60_000);
