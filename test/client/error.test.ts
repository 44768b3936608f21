import { expect, test } from 'vitest';
import { mayPass } from '../../src/client/error.ts';
import { ERRORS } from '../../src/wire/errors.ts';
import { PASSING_ERRORS } from '../../src/wire/passing-errors.ts';

test('the client knows of every error whether it passes, by HTTP and on the stream', () => {
  for (const [code, { status, retry }] of Object.entries(ERRORS)) {
    expect([code, mayPass(code, status)]).toEqual([code, retry]);
    expect([code, mayPass(code)]).toEqual([code, retry]);
  }
  expect(PASSING_ERRORS.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
});

test('of an error that it does not know, the status says so', () => {
  const statuses = [0, 400, 404, 429, 500, 503];
  expect(statuses.filter((status) => mayPass('newer', status))).toEqual([429, 500, 503]);
  expect(mayPass('unreachable')).toBe(true);
});
