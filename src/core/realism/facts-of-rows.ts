import { factList } from './fact.ts';

const CONT = 'Cont 2001, Quantitative Finance 1, 223-236';
const DING = 'Ding, Granger & Engle 1993, Journal of Empirical Finance 1, 83-106';
const GOPIKRISHNAN = 'Gopikrishnan et al. 1999, Physical Review E 60, 5305-5316';
const LILLO = 'Lillo & Farmer 2004, Studies in Nonlinear Dynamics & Econometrics 8 (3)';
const VOLUME = 'Gopikrishnan et al. 2000, Physical Review E 62, R4493-R4496';

/** Seconds of open hours by which one instrument's value is settled. */
const DAYS_3 = 200_000;
const MONTH = 500_000;

/** What rows of seconds and minutes show, in open hours. */
export const FACTS_OF_SECONDS = factList([
  {
    id: 'kurtosis-1s',
    title: 'Excess kurtosis, 1 s',
    meaning: 'Very small and very large returns are more frequent than in a normal distribution.',
    ...{ group: 'seconds', low: 3, high: 300, settles: DAYS_3, source: CONT },
    basis: 'The source says that it is largest at the shortest scale. The bounds are ours.',
  },
  {
    id: 'kurtosis-1min',
    title: 'Excess kurtosis, 1 min',
    meaning: 'Longer returns are closer to normal than shorter ones, yet not normal.',
    ...{ group: 'seconds', low: 5, high: 60, settles: null, source: CONT },
    basis: 'Futures over 5 min: 16 (S&P 500), 60 (CHF), 74 (DEM). Rounded outwards by us.',
  },
  {
    id: 'tail-1s',
    title: 'Tail index, 1 s',
    meaning: 'The probability of a return beyond x falls as a power of x: 3 is the cubic law.',
    ...{ group: 'seconds', low: 2, high: 4.5, settles: MONTH, source: `${CONT}; ${GOPIKRISHNAN}` },
    basis: 'Above 2 and below 5 for most data; about 3 for the S&P 500. Of the largest 0.2 %.',
  },
  {
    id: 'tail-1min',
    title: 'Tail index, 1 min',
    meaning: 'The same law holds for the returns of minutes.',
    ...{ group: 'seconds', low: 2, high: 4.5, settles: MONTH, source: GOPIKRISHNAN },
    basis: 'About 3 for 1,000 US stocks over 5 min. Of the largest 1 %.',
  },
  {
    id: 'acf-return-1s',
    title: 'ACF of r, 1 s',
    meaning: 'A return hardly tells the next one, or there would be easy money.',
    ...{ group: 'seconds', low: -0.08, high: 0.05, settles: DAYS_3, source: CONT },
    basis: 'Insignificant, of the middle of bid and ask. The bounds are ours.',
  },
  {
    id: 'variance-ratio',
    title: 'Variance of 1 s over 5 min',
    meaning: 'Variance grows as time does, as of a price that neither trends nor turns back.',
    ...{ group: 'seconds', low: 0.8, high: 1.4, settles: MONTH },
    source: 'Lo & MacKinlay 1988, Review of Financial Studies 1, 41-66',
    basis: 'Near 1. The bounds are ours.',
  },
  {
    id: 'acf-magnitude-1s',
    title: 'ACF of |r|, 1 s',
    meaning: 'Large returns follow large ones, of either sign: volatility comes in clusters.',
    ...{ group: 'seconds', low: 0.1, high: 0.5, settles: DAYS_3, source: `${CONT}; ${DING}` },
    basis: 'The sources show the course. The bounds are ours.',
  },
  {
    id: 'acf-magnitude-60s',
    title: 'ACF of |r|, 60 s',
    meaning: 'The clusters last: a minute later most of that is still there.',
    ...{ group: 'seconds', low: 0.08, high: 0.35, settles: DAYS_3, source: `${CONT}; ${DING}` },
    basis: 'The sources show the course. The bounds are ours.',
  },
  {
    id: 'acf-magnitude-3600s',
    title: 'ACF of |r|, 3,600 s',
    meaning: 'An hour later there is still a trace.',
    ...{ group: 'seconds', low: 0.03, high: 0.25, settles: MONTH, source: `${CONT}; ${DING}` },
    basis: 'The sources show the course. The bounds are ours.',
  },
  {
    id: 'hurst-return',
    title: 'Hurst exponent of r',
    meaning: '0.5 is no memory of the direction; above it trends go on, below it they turn.',
    ...{ group: 'seconds', low: 0.45, high: 0.55, settles: MONTH },
    source: 'Lo 1991, Econometrica 59, 1279-1313',
    basis: 'No long memory is found in returns. The bounds are ours.',
  },
  {
    id: 'hurst-magnitude',
    title: 'Hurst exponent of |r|',
    meaning: 'Above 0.5 volatility remembers for very long, with no scale of its own.',
    ...{ group: 'seconds', low: 0.65, high: 0.95, settles: DAYS_3 },
    source: 'Liu et al. 1999, Physical Review E 60, 1390-1400',
    basis: 'By the same method, S&P 500: 0.66 within and 0.93 beyond some days. Rounded by us.',
  },
  {
    id: 'hours',
    title: 'Busiest hour over calmest',
    meaning: 'Volatility has a daily course, of shares a U from open to close.',
    ...{ group: 'seconds', low: 1.3, high: 5, settles: MONTH },
    source:
      'Wood, McInish & Ord 1985, Journal of Finance 40, 723-739; ' +
      'Harris 1986, Journal of Financial Economics 16, 99-117',
    basis: 'The sources show the shape. The bounds are ours.',
  },
]);

/** What trades show. */
export const FACTS_OF_TRADES = factList([
  {
    id: 'signs-1',
    title: 'ACF of signs, 1 row',
    meaning: 'Buyers follow buyers: large orders are traded in many parts.',
    ...{ group: 'trades', low: 0.1, high: 0.7, settles: 20_000, source: LILLO },
    basis: 'The source shows 0.2 to 0.5 for shares in London. Widened by us.',
  },
  {
    id: 'signs-100',
    title: 'ACF of signs, 100 rows',
    meaning: 'That lasts for hundreds of trades.',
    ...{ group: 'trades', low: 0.02, high: 0.25, settles: 100_000, source: LILLO },
    basis: 'The source shows a slow power law. The bounds are ours.',
  },
  {
    id: 'tail-volume',
    title: 'Tail index of minute volume',
    meaning: 'Some minutes have far more volume than others.',
    ...{ group: 'trades', low: 1.2, high: 3.5, settles: MONTH, source: VOLUME },
    basis: 'The source finds 1.7 for volumes. The bounds are ours. Of the largest 1 %.',
  },
  {
    id: 'tail-lots',
    title: 'Tail index of lots a trade',
    meaning: 'Most trades are small, few are very large.',
    ...{ group: 'trades', low: 1.2, high: 3, settles: 20_000, source: VOLUME },
    basis: 'The source finds 1.5 for sizes of trades. The bounds are ours. Of the largest 1 %.',
  },
  {
    id: 'waits',
    title: 'Waits between trades, deviation over mean',
    meaning: 'Trades come in bursts: 1 is that of trades that know nothing of one another.',
    ...{ group: 'trades', low: 1.1, high: null, settles: 20_000 },
    source: 'Engle & Russell 1998, Econometrica 66, 1127-1162',
    basis: 'The source says that it is above 1. The bound is ours.',
  },
  {
    id: 'volume-volatility',
    title: 'Correlation of volume and |r|',
    meaning: 'More is traded while prices move more.',
    ...{ group: 'trades', low: 0.1, high: null, settles: 20_000 },
    source: 'Karpoff 1987, Journal of Financial and Quantitative Analysis 22, 109-126',
    basis: 'The source says that it is positive. The bound is ours.',
  },
]);
