import { FACTS, type FactId } from '../../src/core/realism/facts.ts';
import { formatRange, formatValue } from '../../src/realism/format.ts';
import { FIGHTS } from './fights.ts';
import { type Measured, type MeasuredRow, rangesOf } from './measured.ts';

/** What rows were by the law of engine version 1: shares / coins / pairs of currencies. */
const BEFORE: Partial<Record<FactId, string>> = {
  'kurtosis-1s': '5-6',
  'kurtosis-1min': '2',
  'kurtosis-1h': '0.4-0.7',
  'kurtosis-1d': '0.0-0.1',
  'tail-1s': '5.2',
  'tail-1min': '5.8',
  'tail-1d': '7',
  'large-days': '0-0.2',
  'acf-magnitude-1s': '.24',
  'acf-magnitude-60s': '.10',
  'acf-magnitude-3600s': '.026',
  'acf-magnitude-1d': '.01',
  'acf-magnitude-20d': '0',
  'acf-variance-1d': '.25',
  'acf-variance-5d': '-.08',
  'volatility-deviation': '.12',
  'wildest-year': '1.005',
  leverage: 'none',
  zumbach: 'none',
  'correlation-1s': '.37',
  'correlation-30min': '.37',
  'falls-less-rises': '0',
  'acf-return-1s': '-.42',
  'variance-ratio': '6.9',
  'signs-1': '0',
  'signs-100': '0',
  'tail-volume': '5-6',
  'tail-lots': 'bounded',
  waits: '.1-.5',
  night: 'none',
  weekend: '.88',
};
const TEN_YEARS_BEFORE = 'shares .09-3.3, coins .003-176';

/** docs/realism.md, of what was measured. */
export function measuredPage(measured: Measured): string {
  const { engineVersion, effort, markets } = measured;
  const presets = markets.map(({ preset }) => preset);
  const head = ['fact', 'real markets', 'version 1', ...presets];
  const rows = FACTS.map(({ id, title }) => [
    ...[title, realRange(id), BEFORE[id] ?? ''],
    ...markets.map(({ rows }) => cellOf(rows.find((row) => row.id === id))),
  ]);
  const tenYears = [
    ...['Price after ten years over start, 5, 50, 95 %', 'within reason', TEN_YEARS_BEFORE],
    ...markets.map(({ tenYears }) => tenYears.map(formatValue).join(' / ')),
  ];
  const table = [head, head.map(() => '---'), ...rows, tenYears];
  const lines = table.map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  const ids = markets.map(({ preset, marketId }) => `\`${preset}\` ${marketId}`).join(', ');
  return `# Presets beside real markets

Made by \`npm run soak -- realism\`, which writes this page and realism.json; nobody edits them. By engine version ${engineVersion}; presets: ${ids}.
A test refuses this page where the engine or a preset is another one.

Each number is the middle one of seeds, each of which counts as the middle one of its instruments (large days, leverage and Zumbach: their
mean); in brackets the lowest and the highest seed, and the part of seeds inside the range. Days: ${effort.daySeeds} seeds, four years of ${effort.dayInstruments}
instruments, as the report reads them. Seconds, trades and pairs: ${effort.rowSeeds} seeds, ${effort.rowDays} days of seconds of ${effort.rowInstruments} instruments (a month of all
instruments would take hours); of trades one by one the newest 131,072. Instruments are taken as far apart in the list as can be. **Bold** is
outside. What each fact is, and who reported it, is said in [models.md](models.md#realism).

${lines.join('\n')}

Of shares and currencies that trade round the clock weekends are like other days, and there are no nights: so that there is always something to see.
Version 1 was measured once, by other seeds.

## Rows that fight
${FIGHTS.map(({ preset, id, low, high, why }) => `- \`${preset}\`, ${titleOf(id)}: held to ${low} to ${high}. ${why}`).join('\n') || 'None.'}
`;
}

function titleOf(id: FactId): string {
  return FACTS.find((fact) => fact.id === id)!.title;
}

function realRange(id: FactId): string {
  const share = rangesOf(id, 'equities').range;
  const other = rangesOf(id, 'fx').range;
  const text = formatRange(share);
  return share.low === other.low ? text : `${text}; no share ${formatRange(other)}`;
}

function cellOf(row: MeasuredRow | undefined): string {
  if (row === undefined) return '';
  const { middle, lowest, highest, seedsInside, low, high } = row;
  const isOutside = (low !== null && middle < low) || (high !== null && middle > high);
  const value = isOutside ? `**${formatValue(middle)}**` : formatValue(middle);
  return `${value} (${formatValue(lowest)} to ${formatValue(highest)}, ${Math.round(100 * seedsInside)} %)`;
}
