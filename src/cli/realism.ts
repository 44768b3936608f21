import { indexFrom, MAX_ROWS, timeOf } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { formatTime } from '../core/market/time.ts';
import { readColumn } from '../core/realism/reading.ts';
import { type MarketRealism, MarketRealismMaker } from '../core/realism/report.ts';
import type { Steps } from '../core/realism/steps.ts';
import { DayReader, yearsMs } from '../core/realism/years.ts';
import { systemClock } from '../host/clock.ts';
import { Slicer } from '../host/slicer.ts';
import { realismHtml } from '../realism/html.ts';
import { realismText } from '../realism/text.ts';
import { columnsOf, timeMsOf, timeRule } from './arguments.ts';
import type { RealismOptions } from './commands/realism.ts';
import { loadMarket } from './config.ts';
import { writeOutput } from './output.ts';
import { newProgress, type Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

const LEAST_ROWS = 1000;
const MOST_ROWS = 2 ** 24;
const MOST_YEARS = 40;
const SLICE_MS = 50;

export async function realism(options: RealismOptions, mostSymbols: number): Promise<void> {
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  if (columns.length > mostSymbols) {
    throw new UsageError([
      `symbols must be at most ${mostSymbols} for a report; given: ${columns.length}`,
    ]);
  }
  const range = rangeOf(market, options);
  const years = yearsIn(options);
  await writeOutput(options.out, async (output) => {
    const progress = newProgress(columns.length, 'instruments', true);
    try {
      const steps = reportOf(market, columns, { ...range, years }, progress);
      // In slices: whoever wants us to end is heard between them.
      const report = await new Slicer(systemClock, SLICE_MS).run(steps);
      progress.stop();
      await output.write(textOf(report, options.format));
    } finally {
      progress.stop();
    }
  });
}

interface Looked {
  readonly from: number;
  readonly next: number;
  readonly years: number;
}

/** One instrument after the other, so that the rows of only one of them are in memory. */
function* reportOf(
  market: Market,
  columns: readonly number[],
  { from, next, years }: Looked,
  progress: Progress,
): Steps<MarketRealism> {
  const maker = new MarketRealismMaker(market.id);
  const reader = new DayReader(market, columns);
  const fromMs = timeOf(market.grid, from);
  for (const column of columns) {
    const input = yield* readColumn(market, column, from, next);
    if (years === 0) yield* maker.add(input);
    else {
      const days = yield* reader.read(column, fromMs, fromMs + yearsMs(years));
      yield* maker.add({ ...input, days });
    }
    progress.add(1);
  }
  return yield* maker.report();
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

function yearsIn({ years }: RealismOptions): number {
  const number = /^\d{1,3}$/.test(years) ? Number(years) : Number.NaN;
  if (number <= MOST_YEARS) return number;
  throw new UsageError([`years must be a whole number from 0 to ${MOST_YEARS}; given: ${years}`]);
}
