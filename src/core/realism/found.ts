import { formatDuration } from '../market/resolution.ts';
import type { Found, OwnFactId } from './facts.ts';
import { rowsOfSecond, type SecondStatistics } from './seconds.ts';
import type { Statistics } from './statistics.ts';
import type { TradeStatistics } from './trade-statistics.ts';
import type { Years } from './years.ts';

/** All that was found of one instrument; a text says why something was not looked at. */
export interface Looked {
  readonly intervalMs: number;
  /** Hours of a day in which it trades, those with a part of it counted too. */
  readonly openHours: number;
  readonly statistics: Statistics;
  readonly seconds: SecondStatistics | null;
  readonly traded: TradeStatistics;
  readonly years: Years | string;
}

const TOO_FEW_ROWS = 'too few rows in open hours';
const TOO_FEW_TRADES = 'too few trades';
const TOO_FEW_DAYS = 'too few days';

const or = (value: number | null | undefined, reason: string): Found => value ?? reason;

/** The numbers of the facts of one instrument, or why there are none. */
export function foundIn(looked: Looked): Record<OwnFactId, Found> {
  return { ...secondsFound(looked), ...tradesFound(looked), ...daysFound(looked.years) };
}

function secondsFound({ intervalMs, openHours, statistics, seconds }: Looked) {
  const isFine = rowsOfSecond(intervalMs) !== undefined;
  const few = isFine ? TOO_FEW_ROWS : `rows are ${formatDuration(intervalMs)} apart`;
  const tail = seconds?.isCoarse === true ? 'ticks are too coarse' : few;
  const { hurst, hours } = statistics;
  return {
    'kurtosis-1s': or(seconds?.kurtosis, few),
    'kurtosis-1min': or(seconds?.minuteKurtosis, few),
    'tail-1s': or(seconds?.tailIndex, tail),
    'tail-1min': or(seconds?.minuteTailIndex, few),
    'acf-return-1s': or(seconds?.returns1, few),
    'variance-ratio': or(seconds?.varianceRatio, few),
    'acf-magnitude-1s': or(seconds?.magnitudes1, few),
    'acf-magnitude-60s': or(seconds?.magnitudes60, few),
    'acf-magnitude-3600s': or(seconds?.magnitudes3600, few),
    'hurst-return': or(hurst.returns, TOO_FEW_ROWS),
    'hurst-magnitude': or(hurst.magnitudes, TOO_FEW_ROWS),
    hours: or(busiestOverCalmest(hours, openHours), 'not all hours of a day were seen'),
  };
}

function tradesFound({ statistics, traded }: Looked) {
  return {
    'signs-1': or(traded.signs1, TOO_FEW_TRADES),
    'signs-100': or(traded.signs100, TOO_FEW_TRADES),
    'tail-volume': or(traded.volumeTail, 'too few whole minutes'),
    'tail-lots': or(traded.lotsTail, TOO_FEW_TRADES),
    waits: or(traded.waits, TOO_FEW_TRADES),
    'volume-volatility': or(statistics.volumeVolatility, TOO_FEW_ROWS),
  };
}

function daysFound(years: Years | string) {
  const of = <Name extends keyof Years>(name: Name): Found =>
    typeof years === 'string' ? years : or(years[name] as number | null, TOO_FEW_DAYS);
  const isShort = typeof years === 'string' || years.kurtosis === null;
  const where = (name: 'night' | 'weekend', reason: string): Found =>
    isShort ? of('kurtosis') : or(years[name], reason);
  return {
    'kurtosis-1h': of('hourKurtosis'),
    'kurtosis-1d': of('kurtosis'),
    'skewness-1d': of('skewness'),
    'tail-1d': of('tailIndex'),
    'large-days': of('largeDays'),
    'acf-magnitude-1d': of('magnitudes1'),
    'acf-magnitude-20d': of('magnitudes20'),
    'acf-variance-1d': of('variance1'),
    'acf-variance-5d': of('variance5'),
    'volatility-deviation': of('volatilityDeviation'),
    'wildest-year': of('wildestYear'),
    leverage: of('leverage'),
    zumbach: of('zumbach'),
    night: where('night', 'it never closes'),
    weekend: where('weekend', 'it is closed at weekends'),
  };
}

/** Null unless all hours are known in which it trades: a part of a day does not show its course. */
function busiestOverCalmest(hours: readonly (number | null)[], openHours: number): number | null {
  const known = hours.filter((hour) => hour !== null);
  const least = Math.min(...known);
  return known.length >= openHours && least > 0 ? Math.max(...known) / least : null;
}
