import { expect, it } from 'vitest';
import { once } from '../../../src/host/http/ready.ts';

it('what is made once is made again after it failed, and not after it was made', async () => {
  let calls = 0;
  const get = once(async () => {
    calls += 1;
    if (calls === 1) throw new Error('no memory');
    return calls;
  });
  const together = await Promise.allSettled([get(), get()]);
  expect([calls, ...together.map(({ status }) => status)]).toEqual([1, 'rejected', 'rejected']);
  expect(await Promise.all([get(), get()])).toEqual([2, 2]);
  expect(await get()).toBe(2);
});
