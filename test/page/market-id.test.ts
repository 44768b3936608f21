import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { ClientError } from '../../src/client/index.ts';
import { askNamed } from '../../src/page/market-id.ts';
import type { Model } from '../../src/page/model.ts';

const changed = () => new ClientError('market_changed', 'market must be another');

test('a question that meets a new market id is asked again once the stream has said it', async () => {
  const marketId = signal('m1');
  const asked: string[] = [];
  const answer = askNamed({ marketId } as Model, async (market) => {
    asked.push(market);
    if (market === 'm1') throw changed();
    return market;
  });
  await Promise.resolve();
  expect(asked).toEqual(['m1']);
  marketId.value = 'm2';
  expect(await answer).toBe('m2');
  expect(asked).toEqual(['m1', 'm2']);
});

test('what else goes wrong is not asked again', async () => {
  const marketId = signal('m1');
  let asked = 0;
  const ask = () => {
    asked += 1;
    return Promise.reject(new ClientError('rate_limited', 'too much'));
  };
  await expect(askNamed({ marketId } as Model, ask)).rejects.toThrow('too much');
  expect(asked).toBe(1);
});
