import { describe, expect, it } from 'vitest';
import { remember } from '../../src/host/remember.ts';

/** What is remembered, and what had to be asked. */
function remembered(most: number) {
  const asked: string[] = [];
  const lengthOf = remember(most, (text) => {
    asked.push(text);
    return text.length;
  });
  return { asked, lengthOf };
}

describe('what depends on a text alone', () => {
  it('is asked for once, false and 0 too', () => {
    const { asked, lengthOf } = remembered(10);
    expect(['abc', '', 'abc', '', 'a'].map(lengthOf)).toEqual([3, 0, 3, 0, 1]);
    expect(asked).toEqual(['abc', '', 'a']);
  });

  it('is remembered of as many texts as there may be: all are forgotten before the next', () => {
    const { asked, lengthOf } = remembered(2);
    for (const text of ['a', 'b', 'a', 'c', 'c', 'a']) lengthOf(text);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is not remembered of a long text', () => {
    const { asked, lengthOf } = remembered(10);
    const long = 'x'.repeat(513);
    expect([lengthOf(long), lengthOf(long)]).toEqual([513, 513]);
    expect(asked).toHaveLength(2);
  });

  it('is asked for again if it failed', () => {
    let calls = 0;
    const fail = remember(10, () => {
      calls += 1;
      throw new Error('no');
    });
    for (let n = 0; n < 2; n++) expect(() => fail('a')).toThrow('no');
    expect(calls).toBe(2);
  });
});
