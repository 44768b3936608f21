import { expect, it } from 'vitest';
import { marketOf } from '../helpers/market.ts';

/** A text that the compiler does not look into: another instance of what other tests have. */
const another = (name: string) => `../../src/server/server.ts?${name}`;

it('a server does not start on a machine that computes other prices, nor does a second one', async () => {
  const { startServer } = (await import(
    another('wrong')
  )) as typeof import('../../src/server/server.ts');
  const { imul } = Math;
  Math.imul = (a, b) => (a * b) | 0;
  try {
    for (let n = 0; n < 2; n++) {
      await expect(startServer({ market: marketOf({}), port: 0 })).rejects.toThrow(
        /^This machine computes other prices than it must: walk: the checksum of block 1700 is /,
      );
    }
  } finally {
    Math.imul = imul;
  }
});
