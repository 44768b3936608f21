import type { Check, Fields } from './check.ts';
import { DEFAULT_TRADING, type Trading } from './instrument.ts';
import { DAY_MS } from './time.ts';

/** A row's volume has 32 bits, and a busy row is up to some dozen times the average one. */
const MOST_LOTS_A_ROW = 2 ** 26;
/** So that sums are whole numbers of 53 bits for a hundred years. */
const MOST_LOTS_A_DAY = 2.4e11;

/**
 * How an instrument is traded. `leastPerRow` trades are in each row, whatever is asked for; of the
 * rows of a day, `openShare` are open.
 */
export function checkTrading(
  check: Check,
  path: string,
  fields: Fields,
  leastPerRow: number,
  intervalMs: number,
  openShare: number,
): Trading {
  const number = (name: keyof Trading, min: number, max: number) =>
    check.number(`${path}.${name}`, fields[name], min, max, DEFAULT_TRADING[name]);
  const trading = {
    spreadTicks: number('spreadTicks', 1, 1e6),
    tradesPerDay: number('tradesPerDay', 0, 1e12),
    lotsPerTrade: number('lotsPerTrade', 1, 1e6),
  };
  const rowsPerDay = (openShare * DAY_MS) / intervalMs;
  const tradesPerDay = Math.max(trading.tradesPerDay, leastPerRow * rowsPerDay);
  const lotsPerDay = tradesPerDay * trading.lotsPerTrade;
  // Who said only one of the two is told of that one.
  const isOfTrades = fields.tradesPerDay !== undefined && tradesPerDay === trading.tradesPerDay;
  const name = isOfTrades ? 'tradesPerDay' : 'lotsPerTrade';
  const other = isOfTrades ? 'lotsPerTrade' : 'tradesPerDay';
  const refuse = (most: number, per: string, found: number) => {
    const rule = `must be so few that, with ${other}, at most ${most} lots are traded ${per}`;
    check.problem(`${path}.${name}`, rule, found);
  };
  if (lotsPerDay > MOST_LOTS_A_DAY) refuse(MOST_LOTS_A_DAY, 'a day', lotsPerDay);
  else if (lotsPerDay / rowsPerDay > MOST_LOTS_A_ROW) {
    refuse(MOST_LOTS_A_ROW, 'a row', lotsPerDay / rowsPerDay);
  }
  return trading;
}
