import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Payload, upTo } from '../../../src/delivery/faulty/bodies.ts';
import { eventually } from '../../helpers/eventually.ts';

const TEXT = 'abcdefghij';

/** The same body in each form that it may have. */
const FORMS: readonly (readonly [name: string, body: () => Payload])[] = [
  ['a text', () => TEXT],
  ['bytes', () => Buffer.from(TEXT)],
  ['a stream', () => Readable.from([...TEXT].map((letter) => Buffer.from(letter)))],
];

describe.each(FORMS)('a body that is %s', (name, body) => {
  const known = name === 'a stream' ? undefined : TEXT.length;

  it('is read if it is no longer than that', async () => {
    const { bytes } = await upTo(TEXT.length, body(), known);
    expect(String(bytes)).toBe(TEXT);
  });

  it('is as it was if it is longer', async () => {
    const { whole, bytes } = await upTo(TEXT.length - 1, body(), known);
    expect(bytes).toBeUndefined();
    const all = whole instanceof Readable ? await buffer(whole) : whole;
    expect(String(all)).toBe(TEXT);
  });
});

describe('a long body that nobody reads to its end', () => {
  it('is let go of', async () => {
    let hasEnded = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from(TEXT);
      } finally {
        hasEnded = true;
      }
    }
    const { whole } = await upTo(TEXT.length, Readable.from(endless()), undefined);
    for await (const _ of whole as Readable) break;
    await eventually(() => expect(hasEnded).toBe(true));
  });
});
