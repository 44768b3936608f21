/** A market that closes and halts, and what its candles are without those of held rows alone. */

export const MINUTE = 60_000;
/** A Thursday, New York's last week of winter time. */
export const NIGHTS_ORIGIN = Date.parse('2026-03-05T00:00:00Z');
/** Until the Tuesday after clocks were moved, in a session. */
export const NIGHTS_ROWS = (Date.parse('2026-03-10T15:07:00Z') - NIGHTS_ORIGIN) / MINUTE;

const HALTED = { kind: 'halt', symbol: 'COIN', for: '40m' };

/** One that closes at night, one with a lunch and one that never closes, which is halted. */
export const NIGHTS_SPEC = {
  ...{ origin: NIGHTS_ORIGIN, interval: MINUTE, capacity: 500, count: undefined },
  instruments: [
    { symbol: 'NYSE', model: 'market', calendar: { like: 'new-york', holidays: ['2026-03-06'] } },
    { symbol: 'TOSE', calendar: 'tokyo' },
    { symbol: 'COIN', model: 'gbm' },
  ],
  scenario: [
    { ...HALTED, at: '100m' },
    { ...HALTED, at: '4320m' },
  ],
};

export const NIGHTS_SYMBOLS = NIGHTS_SPEC.instruments.map(({ symbol }) => symbol);
