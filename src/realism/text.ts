import { FACTS, type Fact, type FactId, type MeasuredFact } from '../core/realism/facts.ts';
import type { MarketRealism } from '../core/realism/report.ts';
import { formatRange, formatSpan, formatTime, formatValue, grouped } from './format.ts';

/** The facts' names where there is room for seven letters. */
const HEADS: Readonly<Record<FactId, string>> = {
  'kurtosis-1s': 'kurt-1s',
  'kurtosis-1min': 'kurt-1m',
  'tail-1s': 'tail-1s',
  'tail-1min': 'tail-1m',
  'acf-return-1s': 'acf-r',
  'variance-ratio': 'var-rat',
  'acf-magnitude-1s': '|r|-1s',
  'acf-magnitude-60s': '|r|-60s',
  'acf-magnitude-3600s': '|r|-1h',
  'hurst-return': 'H-r',
  'hurst-magnitude': 'H-|r|',
  hours: 'hours',
  'signs-1': 'sign-1',
  'signs-100': 'sign100',
  'tail-volume': 'volume',
  'tail-lots': 'lots',
  waits: 'waits',
  'volume-volatility': 'vol-|r|',
  'kurtosis-1h': 'kurt-1h',
  'kurtosis-1d': 'kurt-1d',
  'skewness-1d': 'skew',
  'tail-1d': 'tail-1d',
  'large-days': 'large',
  'acf-magnitude-1d': '|r|-1d',
  'acf-magnitude-20d': '|r|-20d',
  'acf-variance-1d': 'rv-1d',
  'acf-variance-5d': 'rv-5d',
  'volatility-deviation': 'vol-dev',
  'wildest-year': 'year',
  leverage: 'lever',
  zumbach: 'zumbach',
  night: 'night',
  weekend: 'weekend',
  'correlation-1s': 'pair-1s',
  'correlation-30min': 'pair30m',
  'falls-less-rises': 'falls',
};

/** Behind a value: which side of what is reported it is on, and whether that may be chance. */
const MARKS = { inside: ' ', below: '-', above: '+', unknown: ' ' } as const;
const UNCERTAIN_MARKS = { inside: '~', below: '<', above: '>', unknown: ' ' } as const;

const CELL = 8;
const MOST_CELLS = 12;

/** The report for a terminal, 110 columns wide: tables with a line for each instrument. */
export function realismText(market: MarketRealism): string {
  return [
    `Synthetic data: market ${market.marketId}`,
    `${formatTime(market.firstMs)} to ${formatTime(market.lastMs)}`,
    `${grouped(market.rows)} rows, ${formatSpan(market.intervalMs)} apart`,
    ...daysLine(market),
    '',
    ...tablesOf(market),
    ...market.facts.map((fact) => `${HEADS[fact.id]}: ${cellOf(fact)}`.trimEnd()),
    '',
    ...reasonsOf(market),
    'Reported of real markets (+ above it, - below it; > and < the same, ~ inside, but of too',
    'little to be sure; – not measured):',
    ...FACTS.map(
      (fact) => `${HEADS[fact.id].padEnd(CELL)}${fact.title.padEnd(42)}${rangesOf(fact)}`,
    ),
    '',
  ].join('\n');
}

function daysLine({ instruments }: MarketRealism): string[] {
  const years = instruments.map(({ years }) => years).filter((years) => years !== null);
  const [first] = years;
  if (first === undefined || first.days === 0) return [];
  const span = `${formatTime(first.firstMs)} to ${formatTime(first.lastMs)}`;
  return [`${grouped(first.days)} days of business, ${span}: one market, and few years`];
}

/** By groups of facts, as many as fit in a line. */
function tablesOf({ instruments }: MarketRealism): string[] {
  const width = Math.max(6, ...instruments.map(({ symbol }) => symbol.length));
  const known = instruments[0]?.facts.map(({ id }) => id) ?? [];
  const groups = ['seconds', 'trades', 'days'].flatMap((group) => {
    const ids = FACTS.filter((fact) => fact.group === group && known.includes(fact.id));
    const parts = Math.ceil(ids.length / MOST_CELLS);
    const each = Math.ceil(ids.length / parts);
    return Array.from({ length: parts }, (_, n) => ids.slice(n * each, (n + 1) * each));
  });
  return groups.flatMap((facts) => {
    const heads = facts.map(({ id }) => `${HEADS[id].padStart(CELL - 1)} `).join('');
    const lines = instruments.map(({ symbol, facts: measured }) => {
      const cells = facts.map(({ id }) => cellOf(measured.find((fact) => fact.id === id)!));
      return (symbol.padEnd(width) + cells.map((cell) => cell.padStart(CELL)).join('')).trimEnd();
    });
    return [`${''.padEnd(width)}${heads}`.trimEnd(), ...lines, ''];
  });
}

function cellOf({ value, verdict, isUncertain }: MeasuredFact): string {
  return formatValue(value) + (isUncertain ? UNCERTAIN_MARKS : MARKS)[verdict];
}

/** Why values are missing, each reason once. */
function reasonsOf({ instruments, facts }: MarketRealism): string[] {
  const heads = new Map<string, Set<string>>();
  for (const { id, reason } of [...instruments.flatMap((of) => of.facts), ...facts]) {
    if (reason === undefined) continue;
    heads.set(reason, (heads.get(reason) ?? new Set()).add(HEADS[id]));
  }
  if (heads.size === 0) return [];
  const lines = [...heads].map(([reason, of]) => wrapped(`${reason}: ${[...of].join(', ')}`));
  return ['Not measured:', ...lines.flat(), ''];
}

/** Lines of at most 100 columns. */
function wrapped(text: string): string[] {
  return text.match(/.{1,100}(?: |$)/g)?.map((line) => line.trimEnd()) ?? [];
}

function rangesOf(fact: Fact): string {
  const { others } = fact;
  return formatRange(fact) + (others ? `, of what is no share ${formatRange(others)}` : '');
}
