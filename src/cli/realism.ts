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
import { columnsOf, timeMsOf, timeRule } from './arguments.ts';
import type { RealismOptions } from './commands/realism.ts';
import { loadMarket } from './config.ts';
import { writeOutput } from './output.ts';
import { newProgress, type Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

const LEAST_ROWS = 1000;
const MOST_ROWS = 2 ** 24;
const SLICE_MS = 50;

export async function realism(options: RealismOptions, mostSymbols: number): Promise<void> {
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  if (columns.length > mostSymbols) {
    throw new UsageError([
      `symbols must be at most ${mostSymbols} for a report; given: ${columns.length}`,
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
