import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rows } from '../../src/client/rows.ts';
import { subscribe } from '../../src/client/subscribe.ts';
import type { Delivery } from '../../src/wire/messages.ts';
import { Application, type FramesOf, KINDS, play, scripts } from './bad-line.ts';
import { binaryFrame, frame, INTERVAL, START } from './world.ts';

const framesOf: FramesOf = ({ since, until, lag, id, isBinary }) => [
  isBinary ? binaryFrame(since, until, lag, id) : frame(since, until, lag, id),
];

/** What it has, row for row: its price, or nothing where the row was left out. */
function pricesOf(given: readonly Rows[]): (number | undefined)[] {
  return given.flatMap(({ prices, skipped }) => [
    ...Array<undefined>(skipped?.rows ?? 0).fill(undefined),
    ...prices[0]!,
  ]);
}

test.each<Delivery>(['all', 'latest'])(
  'the application has every row once, in order: %s',
  async (delivery) => {
    let pauses = 0;
    const kinds = KINDS.filter((kind) => kind !== 'skip' || delivery === 'latest');
    await fc.assert(
      fc.asyncProperty(scripts(kinds), async (script) => {
        let app!: Application<Rows>;
        await play(script, framesOf, (host) => {
          const options = { url: 'http://somewhere', symbols: '*', market: 'm1' } as const;
          app = new Application((since) =>
            subscribe({ ...options, since, delivery, maxQueuedBytes: 3_000, host }),
          );
          return app;
        });
        pauses += app.pauses;
        const prices = pricesOf(app.given);
        const expected = prices.map((_, index) => START / INTERVAL + 1 + index);
        expect(prices.map((price, index) => price ?? expected[index])).toEqual(expected);
        if (delivery === 'all') expect(prices).not.toContain(undefined);
      }),
      { numRuns: 300 },
    );
    expect(pauses > 0).toBe(delivery === 'all');
  },
);
