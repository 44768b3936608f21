import { describe, expect, test } from 'vitest';
import { closingsOf } from '../../src/page/control/trading.ts';

const at = (text: string) => Date.parse(text);

describe('when an instrument is closed', () => {
  test('is each night, in the summer of its clock an hour earlier, and the whole weekend', () => {
    const closings = closingsOf('new-york', at('2026-03-05T20:00Z'), at('2026-03-10T00:00Z'));
    expect(closings).toEqual([
      { fromMs: at('2026-03-05T21:00Z'), untilMs: at('2026-03-06T14:30Z') },
      { fromMs: at('2026-03-06T21:00Z'), untilMs: at('2026-03-09T13:30Z') },
      { fromMs: at('2026-03-09T20:00Z'), untilMs: at('2026-03-10T13:30Z') },
    ]);
  });

  test('begins with what is asked for where it is closed already, and has a lunch', () => {
    expect(closingsOf('tokyo', at('2026-03-05T02:45Z'), at('2026-03-05T04:00Z'))).toEqual([
      { fromMs: at('2026-03-05T02:45Z'), untilMs: at('2026-03-05T03:30Z') },
    ]);
  });

  test('is never without a calendar, and not said of years, in which it is too often', () => {
    expect(closingsOf(undefined, at('2026-01-01'), at('2027-01-01'))).toEqual([]);
    expect(closingsOf('always', at('2026-01-01'), at('2027-01-01'))).toEqual([]);
    expect(closingsOf('new-york', at('2026-01-01'), at('2027-01-01'))).toEqual([]);
    expect(closingsOf('new-york', at('2026-01-01'), at('2026-02-01'))).not.toEqual([]);
  });
});
