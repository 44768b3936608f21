import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bucket } from '../../../src/host/budgets/bucket.ts';

describe('a bucket', () => {
  it('gives its burst at once, then what flows in', () => {
    const bucket = new Bucket(10, 20, 0);
    for (let n = 0; n < 20; n++) expect(bucket.take(1, 0)).toBe(0);
    expect(bucket.take(1, 0)).toBe(100);
    expect(bucket.take(1, 99)).toBeGreaterThan(0);
    expect(bucket.take(1, 100)).toBe(0);
    expect(bucket.take(1, 100)).toBe(100);
  });

  it('tells how long to wait, and gives then', () => {
    const bucket = new Bucket(3, 5, 0);
    bucket.take(5, 0);
    const waitMs = bucket.take(2, 0);
    expect(waitMs).toBe(667);
    expect(bucket.take(2, waitMs - 1)).toBeGreaterThan(0);
    expect(bucket.take(2, waitMs)).toBe(0);
  });

  it('takes nothing when it refuses', () => {
    const bucket = new Bucket(1, 10, 0);
    bucket.take(8, 0);
    for (let n = 0; n < 100; n++) expect(bucket.take(3, 0)).toBe(1000);
    expect(bucket.take(2, 0)).toBe(0);
  });

  it('takes all of itself for what costs more', () => {
    const bucket = new Bucket(1, 10, 0);
    expect(bucket.take(1_000_000, 0)).toBe(0);
    expect(bucket.take(1_000_000, 9999)).toBe(1);
    expect(bucket.take(1_000_000, 10_000)).toBe(0);
  });

  it('holds no more than its burst, however long nothing is taken', () => {
    const bucket = new Bucket(10, 5, 0);
    bucket.take(5, 0);
    expect(bucket.isFull(499)).toBe(false);
    expect(bucket.isFull(500)).toBe(true);
    for (let n = 0; n < 5; n++) expect(bucket.take(1, 1e9)).toBe(0);
    expect(bucket.take(1, 1e9)).toBe(100);
  });

  it('neither fills nor empties while the clock steps back', () => {
    const bucket = new Bucket(10, 10, 1000);
    bucket.take(10, 1000);
    expect(bucket.take(1, 0)).toBe(100);
    expect(bucket.take(1, 100)).toBe(0);
  });

  it('never gives more than its burst and what flowed in, nor refuses what is there', () => {
    const takes = fc.array(fc.tuple(fc.nat(50), fc.nat(3000)), { maxLength: 200 });
    const rate = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(rate, rate, takes, (perSecond, burst, asked) => {
        const bucket = new Bucket(perSecond, burst, 0);
        let nowMs = 0;
        let tokens = burst;
        for (const [cost, passedMs] of asked) {
          nowMs += passedMs;
          tokens = Math.min(burst, tokens + (passedMs / 1000) * perSecond);
          const wanted = Math.min(cost, burst);
          const isGiven = bucket.take(cost, nowMs) === 0;
          // Sums of rounded numbers: nobody is held to the last bit.
          if (Math.abs(tokens - wanted) > 1e-9) expect(isGiven).toBe(tokens > wanted);
          if (isGiven) tokens -= wanted;
        }
      }),
    );
  });
});
