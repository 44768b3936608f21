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
    ['0.5y', '6mo'],
    ['90 min', '90m'],
    ['daily', '1d'],
    ['month', '1mo'],
    ['M', '1mo'],
    ['Q', '3mo'],
    ['1h30m', '90m'],
    ['1d 12h', '36h'],
    ['PT15M', '15m'],
    ['P1M', '1mo'],
    [60, '60m'],
    [86_400, '86400m'],
    ['600w', '520w'],
    ['4000d', '520w'],
    ['11y', '10y'],
    ['121mo', '10y'],
    ['0y', '1y'],
  ])('of %s is told %s', (resolution, nearest) => {
    expect(problemOf({ resolution })).toContain(`, such as ${nearest}; given: `);
  });

  it.each([
    ['1month', '"1mo"'],
    ['3months', '"3mo"'],
    ['1q', '"3mo"'],
    ['2Q', '"6mo"'],
    ['5quarters', '"15mo"'],
    ['50Q', '"10y"'],
    ['15min', '"15m"'],
    ['1sec', '"7s"'],
    ['1H', '"1h"'],
    ['7D', '"7d"'],
    ['1year', '"1y"'],
    ['2M', '"2mo" or "2m"'],
  ])('of %s is told what its unit is called here', (resolution, near) => {
    const unit = /[A-Za-z]+$/.exec(resolution)![0];
    const said = `unknown unit "${unit}" of resolution; did you mean ${near}?`;
    expect(problemOf({ resolution })).toBe(said);
  });

  it.each(['1banana', '5k', '1decade'])('of %s is told which units there are', (resolution) => {
    expect(problemOf({ resolution })).toContain('; there are ms, s, m, h, d, w, mo, y');
  });

  it.each(['', 'abc', '7 bananas', '1 2 3', '-5m', {}, true])('of %j is told no other', (asked) => {
    expect(problemOf({ resolution: asked })).toContain(' or 10y; given: ');
  });

  it.each([
    ['5h30', '5h30m'],
    ['-5h30', '-5h30m'],
    ['5h 30min', '5h30m'],
    ['5.5', '5h30m'],
    ['-5.5h', '-5h30m'],
    ['5 hours', '5h'],
    ['90 min', '1h30m'],
    ['05:30:00', '5h30m'],
    ['-5:0', '-5h'],
    ['−5h', '-5h'],
    ['5H', '5h'],
    ['1440m', '23h59m'],
    ['-1d', '-23h59m'],
    ['Z', '0h'],
    [-5, '-5h'],
    [5.5, '5h30m'],
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
    ['New York', 'unknown tz "New York"; did you mean "America/New_York"?'],
    ['newyork', 'unknown tz "newyork"; did you mean "America/New_York"?'],
    ['hong-kong', 'unknown tz "hong-kong"; did you mean "Asia/Hong_Kong"?'],
    ['Z', 'unknown tz "Z"; did you mean "UTC"?'],
    ['5h30', 'such as offset=5h30m; given: 5h30'],
    ['−05:00', 'such as offset=-5h; given: −05:00'],
    ['America', 'it is one of the IANA time zone database, such as America/New_York'],
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
