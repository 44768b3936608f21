import { describe, expect, it } from 'vitest';
import { toldError } from '../../../src/protocols/binance/errors.ts';
import { limitOf, momentOf, textOf, wholeOf } from '../../../src/protocols/binance/parameters.ts';
import { TickwellError } from '../../../src/wire/errors.ts';

/** The number of the error that is thrown. */
function codeOf(act: () => unknown): number {
  try {
    act();
  } catch (error) {
    return toldError(error as TickwellError).error.code;
  }
  throw new Error('it must throw');
}

describe('parameters', () => {
  it('are whole numbers without signs, points and exponents', () => {
    expect(wholeOf({ fromId: '0' }, 'fromId')).toBe(0);
    expect(wholeOf({ fromId: '28457' }, 'fromId')).toBe(28_457);
    expect(wholeOf({}, 'fromId')).toBeUndefined();
    for (const fromId of ['-1', '1.5', '1e3', '0x10', ' 1', 'x', '1'.repeat(21)]) {
      expect(codeOf(() => wholeOf({ fromId }, 'fromId'))).toBe(-1100);
    }
    expect(codeOf(() => wholeOf({ fromId: '' }, 'fromId'))).toBe(-1105);
    expect(codeOf(() => wholeOf({ fromId: ['1', '2'] }, 'fromId'))).toBe(-1101);
  });

  it('are the most that there may be where they want more', () => {
    expect(limitOf({}, 500, 1000)).toBe(500);
    expect(limitOf({ limit: '7' }, 500, 1000)).toBe(7);
    expect(limitOf({ limit: '99999999999999999999' }, 500, 1000)).toBe(1000);
    expect(codeOf(() => limitOf({ limit: '0' }, 500, 1000))).toBe(-1130);
  });

  it('are times in milliseconds or microseconds, by how many digits they have', () => {
    const momentAt = (startTime: string) => momentOf({ startTime }, 'startTime');
    const ms = 1_767_225_600_000;
    expect(momentAt(`${ms}`)).toEqual({ first: ms * 1000, last: ms * 1000 + 999 });
    expect(momentAt(`${ms}001`)).toEqual({ first: ms * 1000 + 1, last: ms * 1000 + 1 });
    expect(momentAt('9'.repeat(20))!.last).toBe(Date.UTC(10_000, 0, 1) * 1000);
    expect(momentOf({}, 'endTime')).toBeUndefined();
  });

  it('must be there where one is asked for', () => {
    expect(textOf({ interval: '1m' }, 'interval')).toBe('1m');
    for (const parameters of [{}, { interval: '' }]) {
      expect(codeOf(() => textOf(parameters, 'interval'))).toBe(-1102);
    }
  });
});

describe('errors of the host', () => {
  it.each([
    ['rate_limited', 429, -1003],
    ['too_many', 429, -1003],
    ['not_ready', 503, -1008],
    ['timed_out', 408, -1007],
    ['bad_origin', 403, -1002],
    ['bad_host', 421, -1002],
    ['not_found', 404, -1020],
    ['unknown_symbol', 400, -1121],
    ['range_too_large', 400, -1130],
    ['bad_request', 400, -1100],
    ['headers_too_large', 431, -1100],
    ['internal', 500, -1000],
  ] as const)('%s keep their status %i, with the number %i', (code, status, number) => {
    const told = toldError(new TickwellError(code, 'It is so.'));
    expect(told).toEqual({ status, error: { code: number, msg: 'It is so.' } });
  });
});
