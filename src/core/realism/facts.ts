import type { Statistics } from './statistics.ts';

/** What is reported of real markets in many studies: a stylised fact, in a number. */
export interface Fact {
  readonly id: string;
  readonly title: string;
  /** In one sentence, what the number says. */
  readonly meaning: string;
  /** Bounds of what is reported, included; null for a side that has none. */
  readonly low: number | null;
  readonly high: number | null;
  readonly source: string;
  /** What of the bounds stands in the source, and what is rounded or ours. */
  readonly basis: string;
}

/** How a number lies to the range reported. The noise of a short series is not allowed for. */
export type Verdict = 'inside' | 'below' | 'above' | 'unknown';

/** A fact as found in one market. */
export interface MeasuredFact {
  readonly id: FactId;
  /** Null if unknown. */
  readonly value: number | null;
  readonly verdict: Verdict;
}

const CONT = 'Cont 2001, Quantitative Finance 1, 223-236';
const DING = 'Ding, Granger & Engle 1993, Journal of Empirical Finance 1, 83-106';

export const FACTS = [
  {
    id: 'kurtosis-row',
    title: 'Excess kurtosis, one row',
    meaning: 'Very small and very large returns are more frequent than in a normal distribution.',
    low: 3,
    high: 100,
    source: CONT,
    basis: 'Futures over 5 min: 16 (S&P 500), 60 (CHF), 74 (DEM). Rounded outwards by us.',
  },
  {
    id: 'kurtosis-hour',
    title: 'Excess kurtosis, one hour',
    meaning: 'Longer returns are closer to normal than shorter ones, yet not normal.',
    low: 1,
    high: 30,
    source: CONT,
    basis: 'The source says that it falls with the scale. The bounds are ours.',
  },
  {
    id: 'acf-return-1',
    title: '|ACF of r|, lag 1',
    meaning: 'A return hardly tells the next one, or there would be easy money.',
    low: null,
    high: 0.1,
    source: CONT,
    basis: 'Insignificant but for the shortest intervals. The bound is ours.',
  },
  {
    id: 'acf-magnitude-1',
    title: 'ACF of |r|, lag 1',
    meaning: 'Large returns follow large ones, of either sign: volatility comes in clusters.',
    low: 0.1,
    high: 0.5,
    source: DING,
    basis: 'About 0.3 for daily returns of the S&P 500. Widened by us.',
  },
  {
    id: 'acf-magnitude-100',
    title: 'ACF of |r|, lag 100',
    meaning: 'The clusters last: a hundred rows later there is still a trace.',
    low: 0.03,
    high: 0.3,
    source: DING,
    basis: 'Above 0.1 for daily returns of the S&P 500. Widened by us.',
  },
  {
    id: 'variance-ratio-60',
    title: 'Variance ratio, 60 rows',
    meaning: 'Variance grows as time does, as of a price that neither trends nor turns back.',
    low: 0.8,
    high: 1.3,
    source: 'Lo & MacKinlay 1988, Review of Financial Studies 1, 41-66',
    basis: 'Near 1 for single stocks, above 1 for indices, of weekly returns. The bounds are ours.',
  },
  {
    id: 'tail-index',
    title: 'Tail index',
    meaning: 'The probability of a return beyond x falls as a power of x: 3 is the cubic law.',
    low: 2,
    high: 5,
    source: `${CONT}; Gopikrishnan et al. 1999, Physical Review E 60, 5305-5316`,
    basis: 'Above 2 and below 5 for most data; about 3 for the S&P 500.',
  },
  {
    id: 'hurst-return',
    title: 'Hurst exponent of r',
    meaning: '0.5 is no memory of the direction; above it trends go on, below it they turn.',
    low: 0.45,
    high: 0.55,
    source: 'Lo 1991, Econometrica 59, 1279-1313',
    basis: 'No long memory is found in returns. The bounds are ours.',
  },
  {
    id: 'hurst-magnitude',
    title: 'Hurst exponent of |r|',
    meaning: 'Above 0.5 volatility remembers for very long, with no scale of its own.',
    low: 0.65,
    high: 0.95,
    source: 'Liu et al. 1999, Physical Review E 60, 1390-1400',
    basis: 'By the same method, S&P 500: 0.66 within and 0.93 beyond some days. Rounded by us.',
  },
  {
    id: 'volume-volatility',
    title: 'Correlation of volume and |r|',
    meaning: 'More is traded while prices move more.',
    low: 0.1,
    high: null,
    source: 'Karpoff 1987, Journal of Financial and Quantitative Analysis 22, 109-126',
    basis: 'The source says that it is positive. The bound is ours.',
  },
  {
    id: 'hours',
    title: 'Busiest hour over calmest',
    meaning: 'Volatility has a daily course, high at the open and the close: a U.',
    low: 1.3,
    high: 5,
    source:
      'Wood, McInish & Ord 1985, Journal of Finance 40, 723-739; ' +
      'Harris 1986, Journal of Financial Economics 16, 99-117',
    basis: 'The sources show the shape. The bounds are ours.',
  },
  {
    id: 'leverage',
    title: 'Leverage, lags 1 to 10',
    meaning: 'Volatility rises after losses: of shares and indices, not of currencies.',
    low: -0.3,
    high: -0.005,
    source: 'Bouchaud, Matacz & Potters 2001, Physical Review Letters 87, 228701',
    basis: 'The source says that it is negative. The bounds are ours.',
  },
  {
    id: 'pair-correlation',
    title: 'Mean correlation of pairs',
    meaning: 'Instruments of a market move together, by one factor above all.',
    low: 0.03,
    high: 0.6,
    source:
      'Laloux et al. 1999, Physical Review Letters 83, 1467-1470; ' +
      'Plerou et al. 1999, Physical Review Letters 83, 1471-1474',
    basis: 'The sources show one eigenvalue far above all others. The bounds are ours.',
  },
] as const satisfies readonly Fact[];

export type FactId = (typeof FACTS)[number]['id'];

/** The fact that a market has, and no single instrument. */
export const MARKET_FACT = 'pair-correlation';

export function factOf(id: FactId): Fact {
  return FACTS.find((fact) => fact.id === id)!;
}

/** The facts of one instrument, in the order of the table. */
export function factsOf(statistics: Statistics): MeasuredFact[] {
  const values = valuesOf(statistics);
  return FACTS.flatMap(({ id }) => (id === MARKET_FACT ? [] : [measuredFact(id, values[id])]));
}

export function measuredFact(id: FactId, value: number | null): MeasuredFact {
  return { id, value, verdict: verdictOf(value, factOf(id)) };
}

export function verdictOf(value: number | null, { low, high }: Fact): Verdict {
  if (value === null) return 'unknown';
  if (low !== null && value < low) return 'below';
  return high !== null && value > high ? 'above' : 'inside';
}

const HOUR_MS = 3_600_000;

function valuesOf(
  statistics: Statistics,
): Record<Exclude<FactId, typeof MARKET_FACT>, number | null> {
  const { autocorrelation, kurtosisByScale, moments, tail, varianceRatios, hurst } = statistics;
  const { lags, returns, magnitudes } = autocorrelation;
  const first = returns?.[0] ?? null;
  // One of the lags of any series of 1,000 returns.
  const hundredth = lags.indexOf(100);
  return {
    'kurtosis-row': moments.kurtosis,
    'kurtosis-hour': kurtosisByScale.find(({ spanMs }) => spanMs === HOUR_MS)?.kurtosis ?? null,
    'acf-return-1': first === null ? null : Math.abs(first),
    'acf-magnitude-1': magnitudes?.[0] ?? null,
    'acf-magnitude-100': magnitudes?.[hundredth] ?? null,
    'variance-ratio-60': varianceRatios.find(({ rows }) => rows === 60)?.ratio ?? null,
    'tail-index': tail?.index ?? null,
    'hurst-return': hurst.returns,
    'hurst-magnitude': hurst.magnitudes,
    'volume-volatility': statistics.volumeVolatility,
    hours: busiestOverCalmest(statistics.hours),
    leverage: earlyLeverage(statistics),
  };
}

/** Null unless every hour of the day is known: a part of a day does not show its course. */
function busiestOverCalmest(hours: readonly (number | null)[]): number | null {
  const known = hours.filter((hour) => hour !== null);
  const least = Math.min(...known);
  return known.length === hours.length && least > 0 ? Math.max(...known) / least : null;
}

/** The mean over the lags up to 10, so that the noise of one of them decides less. */
function earlyLeverage({ leverage }: Statistics): number | null {
  const early = leverage.filter(({ lag }) => lag <= 10);
  if (early.length === 0) return null;
  return early.reduce((sum, { correlation }) => sum + correlation, 0) / early.length;
}
