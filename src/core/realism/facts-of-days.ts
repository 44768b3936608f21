import { factList } from './fact.ts';

const CONT = 'Cont 2001, Quantitative Finance 1, 223-236';
const DING = 'Ding, Granger & Engle 1993, Journal of Empirical Finance 1, 83-106';
const ANDERSEN = 'Andersen et al. 2003, Econometrica 71, 579-625';
const LONGIN = 'Longin & Solnik 2001, Journal of Finance 56, 649-676';

/** Days of business by which one instrument's value is settled. */
const FOUR_YEARS = 1000;

/** What years of days show. */
export const FACTS_OF_DAYS = factList([
  {
    id: 'kurtosis-1h',
    title: 'Excess kurtosis, 1 h',
    meaning: 'Hours of years are far from normal: a few of them decide.',
    ...{ group: 'days', low: 2, high: 30, settles: null, source: CONT },
    basis: 'The source says that it falls with the scale. The bounds are ours.',
  },
  {
    id: 'kurtosis-1d',
    title: 'Excess kurtosis, 1 d',
    meaning: 'Days are not normal either.',
    ...{ group: 'days', low: 2, high: 30, settles: FOUR_YEARS, source: CONT },
    basis: 'The source says that it falls with the scale. The bounds are ours.',
  },
  {
    id: 'skewness-1d',
    title: 'Skewness, 1 d',
    meaning: 'Of shares, large falls are larger than large rises.',
    ...{ group: 'days', low: -1.5, high: -0.05, settles: null, source: CONT },
    others: { low: -1.5, high: 1 },
    basis: 'The source says that it is negative. The bounds are ours, wider for what is no share.',
  },
  {
    id: 'tail-1d',
    title: 'Tail index, 1 d',
    meaning: 'The largest days fall off as a power.',
    ...{ group: 'days', low: 2, high: 4.5, settles: FOUR_YEARS },
    source: 'Gopikrishnan et al. 1999, Physical Review E 60, 5305-5316',
    basis: 'About 3 for the S&P 500 and other indices. Of the largest 2 %.',
  },
  {
    id: 'large-days',
    title: 'Days beyond 4 deviations, of 1,000',
    meaning: 'Of normal days there would be one in 60 years.',
    ...{ group: 'days', low: 1.5, high: 12, settles: FOUR_YEARS, source: CONT },
    basis: 'What a tail index near 3 makes. The bounds are ours.',
  },
  {
    id: 'acf-magnitude-1d',
    title: 'ACF of |r|, 1 d',
    meaning: 'A restless day follows a restless one.',
    ...{ group: 'days', low: 0.1, high: 0.4, settles: FOUR_YEARS, source: DING },
    basis: 'About 0.3 for the S&P 500. Widened by us.',
  },
  {
    id: 'acf-magnitude-20d',
    title: 'ACF of |r|, 20 d',
    meaning: 'A month later there is still a trace.',
    ...{ group: 'days', low: 0.05, high: 0.25, settles: null, source: DING },
    basis: 'About 0.2 for the S&P 500 over 60 years, less over fewer. The bounds are ours.',
  },
  {
    id: 'acf-variance-1d',
    title: 'ACF of log realised variance, 1 d',
    meaning: 'What rows within a day say of its variance foretells the next one.',
    ...{ group: 'days', low: 0.5, high: 0.9, settles: FOUR_YEARS, source: ANDERSEN },
    basis: 'The source shows a slow fall. The bounds are ours.',
  },
  {
    id: 'acf-variance-5d',
    title: 'ACF of log realised variance, 5 d',
    meaning: 'A week later most of that is still there.',
    ...{ group: 'days', low: 0.35, high: 0.8, settles: FOUR_YEARS, source: ANDERSEN },
    basis: 'The source shows a slow fall. The bounds are ours.',
  },
  {
    id: 'volatility-deviation',
    title: 'Deviation of log daily volatility',
    meaning: 'How different days are: 0.5 is a factor of 1.6 either way.',
    ...{ group: 'days', low: 0.3, high: 0.7, settles: FOUR_YEARS, source: ANDERSEN },
    basis: 'The source shows that it is near normal in the logarithm. The bounds are ours.',
  },
  {
    id: 'wildest-year',
    title: 'Wildest year over calmest',
    meaning: 'Years differ too, by their volatility.',
    ...{ group: 'days', low: 1.4, high: 4, settles: null },
    source: 'Schwert 1989, Journal of Finance 44, 1115-1153',
    basis: 'The source shows a century of months. The bounds are ours.',
  },
  {
    id: 'leverage',
    title: 'Leverage, 1 to 10 d',
    meaning: 'Volatility rises after losses: of shares and indices, not of currencies.',
    ...{ group: 'days', low: -0.15, high: -0.02, settles: null },
    others: { low: -0.08, high: 0.05 },
    source: 'Bouchaud, Matacz & Potters 2001, Physical Review Letters 87, 228701',
    basis: 'The source says that it is negative, of shares. The bounds are ours.',
  },
  {
    id: 'zumbach',
    title: 'Zumbach effect, 1 to 10 d',
    meaning: 'Past returns foretell volatility better than past volatility foretells returns.',
    ...{ group: 'days', low: 0.01, high: 0.1, settles: null },
    others: { low: -0.02, high: 0.1 },
    source: 'Zumbach 2009, Quantitative Finance 9, 505-515',
    basis: 'The source says that it is positive. The bounds are ours, for four years.',
  },
  {
    id: 'night',
    title: 'Overnight gap over a day',
    meaning: 'What happens while a market is closed comes with the opening.',
    ...{ group: 'days', low: 0.3, high: 0.8, settles: 250 },
    source: 'French & Roll 1986, Journal of Financial Economics 17, 5-26',
    basis: 'Of deviations. The source compares variances of nights and days. The bounds are ours.',
  },
  {
    id: 'weekend',
    title: 'Weekend over weekdays',
    meaning: 'Where trading goes on at weekends, it does so more calmly.',
    ...{ group: 'days', low: 0.4, high: 0.75, settles: 250 },
    source: 'Eross et al. 2019, Research in International Business and Finance 49, 71-81',
    basis: 'Of mean magnitudes, of coins; shares and currencies have none. The bounds are ours.',
  },
]);

/** What instruments show together. Correlations of two seeds of one market differ by a factor. */
export const FACTS_OF_PAIRS = factList([
  {
    id: 'correlation-1s',
    title: 'Mean correlation of pairs, 1 s',
    meaning: 'From second to second instruments hardly move together,',
    ...{ group: 'pairs', low: 0, high: 0.12, settles: 200_000 },
    source: 'Epps 1979, Journal of the American Statistical Association 74, 291-298',
    basis: 'The source shows the fall towards short scales. The bounds are ours.',
  },
  {
    id: 'correlation-30min',
    title: 'Mean correlation of pairs, 30 min',
    meaning: 'and within half an hour they do, by one factor above all.',
    ...{ group: 'pairs', low: 0.2, high: 0.6, settles: null },
    source:
      'Laloux et al. 1999, Physical Review Letters 83, 1467-1470; ' +
      'Plerou et al. 1999, Physical Review Letters 83, 1471-1474',
    basis: 'The sources show one eigenvalue far above all others. The bounds are ours.',
  },
  {
    id: 'falls-less-rises',
    title: 'Correlation in falls less that in rises',
    meaning: 'What falls, falls together. Over 5 min, beyond a deviation of their mean.',
    ...{ group: 'pairs', low: 0.02, high: 0.3, settles: null, source: LONGIN },
    basis: 'The source says that it is positive, of months of indices. The bounds are ours.',
  },
]);
