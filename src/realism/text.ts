import { FACTS, type FactId } from '../core/realism/facts.ts';
import type { MarketRealism } from '../core/realism/report.ts';
import { formatRange, formatSpan, formatTime, formatValue, grouped } from './format.ts';

/** The facts' names where there is room for seven letters. */
const HEADS: Readonly<Record<FactId, string>> = {
  'kurtosis-row': 'kurt',
  'kurtosis-hour': 'kurt-1h',
  'acf-return-1': 'acf-r',
  'acf-magnitude-1': 'acf1',
  'acf-magnitude-100': 'acf100',
  'variance-ratio-60': 'vr60',
  'tail-index': 'tail',
  'hurst-return': 'H-r',
  'hurst-magnitude': 'H-|r|',
  'volume-volatility': 'vol-|r|',
  hours: 'hours',
  leverage: 'lever',
  'pair-correlation': 'pairs',
};

/** Behind a value that is not within what is reported: which side of it. */
const MARKS = { inside: ' ', below: '-', above: '+', unknown: ' ' } as const;

const CELL = 8;

/** The report for a terminal, 110 columns wide: an instrument in each line, then what is what. */
export function realismText(market: MarketRealism): string {
  const width = Math.max(6, ...market.instruments.map(({ symbol }) => symbol.length));
  const instrumentIds = market.instruments[0]?.facts.map(({ id }) => id) ?? [];
  const head = instrumentIds.map((id) => `${HEADS[id].padStart(CELL - 1)} `).join('');
  const lines = market.instruments.map(({ symbol, facts }) => {
    const cells = facts.map(({ value, verdict }) => formatValue(value) + MARKS[verdict]);
    return (symbol.padEnd(width) + cells.map((cell) => cell.padStart(CELL)).join('')).trimEnd();
  });
  const pairs = market.facts.map(
    ({ id, value, verdict }) => `${HEADS[id]}: ${formatValue(value)}${MARKS[verdict]}`,
  );
  const legend = FACTS.map(
    ({ id, title, ...range }) =>
      `${HEADS[id].padEnd(CELL)}${title.padEnd(32)}${formatRange(range)}`,
  );
  return [
    `Synthetic data: market ${market.marketId}`,
    `${formatTime(market.firstMs)} to ${formatTime(market.lastMs)}`,
    `${grouped(market.rows)} rows, ${formatSpan(market.intervalMs)} apart`,
    '',
    `${''.padEnd(width)}${head}`.trimEnd(),
    ...lines,
    '',
    ...pairs.map((pair) => pair.trimEnd()),
    '',
    'Reported of real markets (+ above it, - below it, – not known):',
    ...legend,
    '',
  ].join('\n');
}
