import type { Command } from 'commander';
import { finish } from '../core/market/finish.ts';
import { indexFrom, MAX_ROWS } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { formatTime } from '../core/market/time.ts';
import { readColumn } from '../core/realism/reading.ts';
import { type MarketRealism, marketRealism, type RealismInput } from '../core/realism/report.ts';
import { systemClock } from '../host/clock.ts';
import { Slicer } from '../host/slicer.ts';
import { realismHtml } from '../realism/html.ts';
import { realismText } from '../realism/text.ts';
import { choice, columnsOf, timeMsOf, timeRule } from './arguments.ts';
import { addMarketOptions, loadMarket, type MarketOptions, UsageError } from './config.ts';
import { writeOutput } from './output.ts';
import { newProgress, type Progress } from './progress.ts';

const FORMATS = ['text', 'json', 'html'] as const;
/** The matrix of correlations grows with their square. */
const MOST_SYMBOLS = 500;
const LEAST_ROWS = 1000;
const MOST_ROWS = 2 ** 24;
const SLICE_MS = 50;

interface RealismOptions extends MarketOptions {
  readonly symbols: string;
  readonly rows: string;
  readonly from?: string;
  readonly format: (typeof FORMATS)[number];
  readonly out: string;
}

export function addRealism(program: Command): void {
  const command = program
    .command('realism')
    .summary('report what prices look like, beside real markets')
    .description(
      'Reports what the returns of a market look like: fat tails, bursts of volatility, memory, ' +
        'correlations; each beside what studies report of real markets.',
    );
  addMarketOptions(command)
    .option(
      '--symbols <list>',
      `symbols with commas between, at most ${MOST_SYMBOLS}; * for all`,
      '*',
    )
    .option('--rows <number>', 'how many rows to look at', String(2 ** 18))
    .option('--from <time>', 'time of the first of them (default the origin)')
    .addOption(choice('format', '--format <name>', 'how to write', FORMATS).default('text'))
    .option('-o, --out <file>', 'where to; - for standard output', '-')
    .addHelpText(
      'after',
      `
Examples:
  tickwell realism --preset equities --symbols NIMBO,VITRA
  tickwell realism --preset crypto --format html --out crypto.html
  tickwell realism -c market.yaml --rows 1000000 --format json | jq '.facts'`,
    )
    .action(realism);
}

async function realism(options: RealismOptions): Promise<void> {
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  if (columns.length > MOST_SYMBOLS) {
    throw new UsageError([
      `symbols must be at most ${MOST_SYMBOLS} for a report; given: ${columns.length}`,
    ]);
  }
  const { from, next } = rangeOf(market, options);
  await writeOutput(options.out, async (output) => {
    const progress = newProgress(columns.length, 'instruments', true);
    try {
      const steps = marketRealism(market.id, inputs(market, columns, from, next, progress));
      // In slices: whoever wants us to end is heard between them.
      const report = await new Slicer(systemClock, SLICE_MS).run(steps);
      progress.stop();
      await output.write(textOf(report, options.format));
    } finally {
      progress.stop();
    }
  });
}

/** One instrument after the other, so that only one of them is in memory. */
function* inputs(
  market: Market,
  columns: readonly number[],
  from: number,
  next: number,
  progress: Progress,
): Generator<RealismInput, void, void> {
  for (const column of columns) {
    yield finish(readColumn(market, column, from, next));
    progress.add(1);
  }
}

function textOf(report: MarketRealism, format: RealismOptions['format']): string {
  switch (format) {
    case 'text':
      return realismText(report);
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'html':
      return realismHtml(report);
  }
}

function rangeOf(market: Market, options: RealismOptions): { from: number; next: number } {
  const rows = /^\d{1,15}$/.test(options.rows) ? Number(options.rows) : Number.NaN;
  if (!(rows >= LEAST_ROWS && rows <= MOST_ROWS)) {
    throw new UsageError([
      `rows must be a whole number from ${LEAST_ROWS} to ${MOST_ROWS}; given: ${options.rows}`,
    ]);
  }
  const { grid } = market;
  const fromMs = options.from === undefined ? grid.originMs : timeMsOf('from', options.from);
  if (fromMs < grid.originMs) {
    const plainRule = `must not be before the origin, ${formatTime(grid.originMs)}`;
    const rule = timeRule(market, plainRule, fromMs);
    throw new UsageError([`from ${rule}; given: ${options.from}`]);
  }
  const from = indexFrom(grid, fromMs);
  if (from + rows > MAX_ROWS) {
    throw new UsageError([
      `from must leave ${rows} rows to the market's end; given: ${options.from}`,
    ]);
  }
  return { from, next: from + rows };
}
