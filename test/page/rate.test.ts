import { expect, test } from 'vitest';
import { Rate } from '../../src/page/rate.ts';

test('nothing is said before two arrivals', () => {
  const rate = new Rate();
  expect(rate.perSecond).toBeUndefined();
  rate.add(0, 100);
  expect(rate.perSecond).toBeUndefined();
});

test('a steady stream has its rate, whatever came before the first arrival that counts', () => {
  const rate = new Rate();
  rate.add(0, 1_000_000);
  for (let second = 1; second <= 30; second++) rate.add(second * 1_000, 50);
  expect(rate.perSecond).toBe(50);
});

test('ten seconds ago is forgotten, but not the last few arrivals', () => {
  const rate = new Rate();
  for (let second = 0; second < 20; second++) rate.add(second * 1_000, 10);
  for (let second = 20; second <= 31; second++) rate.add(second * 1_000, 20);
  expect(rate.perSecond).toBe(20);
  const slow = new Rate();
  for (let minute = 0; minute < 10; minute++) slow.add(minute * 60_000, 6);
  expect(slow.perSecond).toBe(0.1);
});

test('what is followed may change', () => {
  const rate = new Rate();
  rate.add(0, 5);
  rate.add(1_000, 5);
  rate.clear();
  expect(rate.perSecond).toBeUndefined();
});
