import { describe, expect, it } from 'vitest';
import { AnswerCache } from '../../../src/host/http/answer-cache.ts';
import type { Made } from '../../../src/host/http/responder.ts';

const HERE = { onGone: () => {} };

const answerOf = (bytes: number, fill = 0): Made => ({
  pieces: [new Uint8Array(bytes).fill(fill)],
  headers: { 'tickwell-market': 'm' },
});

/** Somebody who may leave. */
function asker() {
  const leave: (() => void)[] = [];
  return { onGone: (told: () => void) => void leave.push(told), leave: () => leave[0]() };
}

describe('answers that never change', () => {
  it('are made once, and the same for whoever asks later', async () => {
    const cache = new AnswerCache(2 ** 20);
    const made = await cache.get('a', true, HERE, async () => answerOf(1000, 7));
    expect(made.pieces[0][999]).toBe(7);
    expect(cache.has('a')).toBe(true);
    const again = await cache.get('a', true, HERE, () => Promise.reject(new Error('again')));
    expect(Buffer.concat(again.pieces)).toEqual(Buffer.concat(made.pieces));
    expect(again.headers).toEqual(made.headers);
    expect(cache.reused).toBe(1);
  });

  it('are kept within the budget, the ones used last', async () => {
    const cache = new AnswerCache(100_000);
    for (const key of ['a', 'b', 'c', 'd']) {
      await cache.get(key, true, HERE, async () => answerOf(20_000));
      await cache.get('a', true, HERE, async () => answerOf(20_000));
    }
    await cache.get('e', true, HERE, async () => answerOf(20_000));
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.has(key))).toEqual([
      ...[true, false, true, true, true],
    ]);
    expect(cache.keptBytes).toBeGreaterThan(80_000);
    expect(cache.keptBytes).toBeLessThanOrEqual(100_000);
  });

  it('are not kept if one of them would push out most others, or if there is no budget', async () => {
    const cache = new AnswerCache(100_000);
    await cache.get('large', true, HERE, async () => answerOf(30_000));
    expect(cache.has('large')).toBe(false);
    const none = new AnswerCache(0);
    await none.get('a', true, HERE, async () => answerOf(1));
    expect([none.has('a'), none.keptBytes, cache.keptBytes]).toEqual([false, 0, 0]);
  });
});

describe('an answer that is being made', () => {
  it('is made once for all who ask meanwhile, and not kept if it may change', async () => {
    const cache = new AnswerCache(2 ** 20);
    let calls = 0;
    const make = async () => {
      calls += 1;
      return answerOf(10, calls);
    };
    const all = await Promise.all([1, 2, 3].map(() => cache.get('a', false, HERE, make)));
    expect(new Set(all).size).toBe(1);
    expect(calls).toBe(1);
    expect(cache.reused).toBe(2);
    expect(cache.has('a')).toBe(false);
    expect((await cache.get('a', false, HERE, make)).pieces[0][0]).toBe(2);
  });

  it('fails for all of them, and is made anew for the next', async () => {
    const cache = new AnswerCache(2 ** 20);
    const fail = () => Promise.reject(new Error('no'));
    const both = [1, 2].map(() => cache.get('a', true, HERE, fail));
    for (const one of both) await expect(one).rejects.toThrow('no');
    expect(cache.has('a')).toBe(false);
    await expect(cache.get('a', true, HERE, async () => answerOf(1))).resolves.toBeDefined();
  });

  it('is wanted until the last who asked has left', async () => {
    const cache = new AnswerCache(2 ** 20);
    const [first, second] = [asker(), asker()];
    let isWanted = () => true;
    let end: (made: Made) => void = () => {};
    const make = (wanted: () => boolean) => {
      isWanted = wanted;
      return new Promise<Made>((resolve) => {
        end = resolve;
      });
    };
    const made = cache.get('a', true, first, make);
    void cache.get('a', true, second, make);
    await undefined;
    expect(isWanted()).toBe(true);
    first.leave();
    expect(isWanted()).toBe(true);
    second.leave();
    expect(isWanted()).toBe(false);
    end(answerOf(1));
    await made;
  });
});

describe('an answer that is made at once', () => {
  it('is given as it is, and kept if it can never change', () => {
    const cache = new AnswerCache(2 ** 20);
    const made = cache.get('a', false, HERE, () => answerOf(10, 1));
    expect(made).toEqual(answerOf(10, 1));
    expect(cache.has('a')).toBe(false);
    expect(cache.get('a', true, HERE, () => answerOf(10, 2))).toEqual(answerOf(10, 2));
    expect(cache.get('a', true, HERE, () => answerOf(10, 3))).toEqual(answerOf(10, 2));
    expect(cache.reused).toBe(1);
  });

  it('fails at once, and is made anew for the next', () => {
    const cache = new AnswerCache(2 ** 20);
    const fail = () => {
      throw new Error('no');
    };
    expect(() => cache.get('a', true, HERE, fail)).toThrow('no');
    expect(cache.has('a')).toBe(false);
    expect(cache.get('a', true, HERE, () => answerOf(1))).toEqual(answerOf(1));
  });
});
