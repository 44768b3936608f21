import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cuttingOf } from '../../../src/protocols/tickwell/cutting.ts';
import { nearestOffset, nearestWidth } from '../../../src/protocols/tickwell/nearest-cutting.ts';
import { marketOf } from '../../helpers/market.ts';

const market = marketOf({ interval: 7000, count: 1 });

function problemOf(asked: object): string {
  try {
    cuttingOf({ market, head: 5 }, { resolution: '1m', ...asked }, () => {});
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`must be refused; given: ${JSON.stringify(asked)}`);
}

describe('a wrong width, zone or offset', () => {
  it.each([
    ['1s', '7s'],
    ['250ms', '7s'],
    ['0m', '7s'],
    ['5', '5m'],
    ['60', '60m'],
    ['m', '1m'],
    ['d', '1d'],
    ['1 h', '1h'],
    ['1.5h', '90m'],
    ['600w', '520w'],
    ['4000d', '520w'],
    ['11y', '10y'],
    ['121mo', '10y'],
    ['0y', '1y'],
  ])('of %s is told %s', (resolution, nearest) => {
    expect(problemOf({ resolution })).toContain(`, such as ${nearest}; given: `);
  });

  it.each([
    ['-05:00', '-5h'],
    ['+0530', '5h30m'],
    ['5', '5h'],
    ['UTC+5', '5h'],
    ['GMT-3:30', '-3h30m'],
    ['25h', '23h59m'],
    ['-99', '-23h59m'],
    ['America/New_York', '-5h; a zone is named by tz, such as tz=America/New_York'],
    ['never', '-5h or 5h30m'],
    ['', '-5h or 5h30m'],
  ])('offset=%s is told %s', (offset, nearest) => {
    expect(problemOf({ offset })).toContain(`less than 24h, such as ${nearest}; given: `);
  });

  it.each([
    ['+05:00', 'such as offset=5h; given: +05:00'],
    ['UTC-3', 'such as offset=-3h; given: UTC-3'],
    ['America/NewYork', 'unknown tz "America/NewYork"; did you mean "America/New_York"?'],
    ['New_York', 'unknown tz "New_York"; did you mean "America/New_York"?'],
    ['Berlin', 'unknown tz "Berlin"; did you mean "Europe/Berlin"?'],
    ['Mars/Olympus', 'it is one of the IANA time zone database, such as America/New_York'],
  ])('tz=%s is told %s', (tz, said) => {
    expect(problemOf({ tz })).toContain(said);
  });

  it('is told what is right itself', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 9 }),
      fc.stringMatching(/^ ?[+-]?\d{0,6}(\.\d{1,3})? ?(ms|s|m|h|d|w|mo|y|H|D)?$/),
      fc.stringMatching(/^(UTC|GMT)?[+-]?\d{1,2}:?(\d\d)?h?$/),
    );
    const property = fc.property(texts, fc.constantFrom(1, 7000, 90_000_000), (text, interval) => {
      const own = marketOf({ interval, count: 1 });
      const width = nearestWidth(text, interval);
      if (width !== undefined) cuttingOf({ market: own, head: 0 }, { resolution: width }, () => {});
      const offset = nearestOffset(text);
      if (offset !== undefined)
        cuttingOf({ market: own, head: 0 }, { resolution: '10y', offset }, () => {});
    });
    fc.assert(property, { numRuns: 3000 });
  });
});
