import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CandleRange } from '../core/history/candle-cache.ts';
import { candlesIn } from '../core/history/candles.ts';
import { wantedOf } from '../core/history/wanted.ts';
import { headAt, indexFrom, MAX_ROWS, timeOf } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { candleStart, type Resolution } from '../core/market/resolution.ts';
import { formatTime } from '../core/market/time.ts';
import { Timeline } from '../core/timeline/timeline.ts';
import { cuttingOf } from '../protocols/tickwell/cutting.ts';
import { checkIndex, GROUP_ROWS } from '../protocols/tickwell/formats/parquet.ts';
import { checkColumns } from '../protocols/tickwell/formats/rows.ts';
import { TICKWELL_LIMITS } from '../protocols/tickwell/limits.ts';
import { candleFieldsOf, fieldsOf } from '../protocols/tickwell/requests.ts';
import { asServed, columnsOf, timeMsOf, timeRule } from './arguments.ts';
import { programNowMs } from './clock.ts';
import type { GenerateOptions } from './commands/generate.ts';
import { loadMarket } from './config.ts';
import { candlePieces, type Form, type Piece, partRowsOf, rowPieces } from './formats.ts';
import { writeOutput } from './output.ts';
import { newProgress } from './progress.ts';
import { checkTradesOptions, tradePieces, tradesOf } from './trades.ts';
import { UsageError } from './usage-error.ts';

export async function generate(options: GenerateOptions): Promise<void> {
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  const { from, next } = rangeOf(market, options);
  if (options.trades === true) {
    await generateTrades(market, columns, options, from, next);
    return;
  }
  const resolution = asServed(() => cuttingIn(market, options));
  const isRows = resolution === undefined;
  const rowFields = asServed(() => fieldsOf(isRows ? options.fields : undefined));
  const candleFields = asServed(() => candleFieldsOf(isRows ? undefined : options.fields));
  const { format, prices, time } = options;
  const notation = { prices, time };
  const wanted = wantedOf(rowFields, columns);
  const timeline = new Timeline(market);
  const isHeldToo = options.held;
  const form = { market, timeline, ...wanted, candleFields, isHeldToo, format, notation };
  const pieces = resolution
    ? candlesOf(form, resolution, wholeCandles(market, resolution, from, next, options.to))
    : rowsOf(form, from, next);
  await writeAll(options.out, pieces, (next - from) * columns.length, 'prices');
}

/** The single trades of the rows `[from, next)`. */
async function generateTrades(
  market: Market,
  columns: readonly number[],
  options: GenerateOptions,
  from: number,
  next: number,
): Promise<void> {
  checkTradesOptions(options);
  const { format, prices, time } = options;
  const timeline = new Timeline(market);
  const form = { market, timeline, columns, format, notation: { prices, time } };
  const { total, traded } = tradesOf(form, from, next);
  await writeAll(options.out, tradePieces(form, traded, next), total, 'trades');
}

/** Writes pieces as they are made, of `total` in all. */
async function writeAll(
  out: string,
  pieces: AsyncIterable<Piece>,
  total: number,
  unit: string,
): Promise<void> {
  await writeOutput(out, async (output) => {
    const progress = newProgress(total, unit, !output.isTerminal);
    try {
      for await (const { bytes, rows } of pieces) {
        await output.write(bytes);
        progress.add(rows);
        // Where nothing was written either, whoever wants us to end is heard.
        await nextTurn();
      }
    } finally {
      progress.stop();
    }
  });
}

/** How candles are to be cut; undefined for rows. */
function cuttingIn(market: Market, options: GenerateOptions): Resolution | undefined {
  const { resolution, tz, offset } = options;
  if (resolution !== undefined) {
    return cuttingOf({ market, head: 0 }, { resolution, tz, offset }, () => {});
  }
  for (const [name, value] of Object.entries({ tz, offset })) {
    if (value === undefined) continue;
    throw new UsageError([`${name} must come with resolution: rows are not cut; given: ${value}`]);
  }
  if (!options.held) {
    const rule = 'no-held must come with resolution: of rows, none is left out';
    throw new UsageError([`${rule}; given: --no-held`]);
  }
  return undefined;
}

function candlesOf(form: Form, resolution: Resolution, range: CandleRange) {
  if (form.format === 'parquet') {
    // Symbol, time and four prices stand before them.
    const columns = 6 + form.candleFields.length;
    const rows = candlesIn(resolution, range);
    const tables = form.columns.length;
    const extent = { rows, partRows: GROUP_ROWS, columns, tables };
    asServed(() => checkIndex({ what: 'candles', ...extent }));
  }
  return candlePieces(form, resolution, range);
}

function rowsOf(form: Form, from: number, next: number) {
  const { market, columns, fields, format } = form;
  // Of the others, a run has as many as it likes.
  const limit = format === 'parquet' ? TICKWELL_LIMITS.maxArrowSymbols.default : Infinity;
  asServed(() => {
    checkColumns(market, limit, format, form);
    if (format !== 'parquet') return;
    // The times are a column too.
    const all = columns.length * fields.length + 1;
    checkIndex({ what: 'rows', rows: next - from, partRows: partRowsOf(form), columns: all });
  });
  return rowPieces(form, from, next);
}

function rangeOf(market: Market, options: GenerateOptions): { from: number; next: number } {
  const { grid } = market;
  const fromMs = timeMsOf('from', options.from);
  if (fromMs < grid.originMs) {
    const plainRule = `must not be before the origin, ${formatTime(grid.originMs)}`;
    const rule = timeRule(market, plainRule, fromMs);
    throw new UsageError([`from ${rule}; given: ${options.from}`]);
  }
  const from = indexFrom(grid, fromMs);
  const toMs = options.to === 'now' ? undefined : timeMsOf('to', options.to);
  const next = toMs === undefined ? headAt(grid, programNowMs()) : indexFrom(grid, toMs);
  if (next <= from) {
    const plainRule = 'must be after from, by a row at least';
    const rule = toMs === undefined ? plainRule : timeRule(market, plainRule, toMs);
    throw new UsageError([`to ${rule}; given: ${options.to}`]);
  }
  if (next > MAX_ROWS) {
    const last = formatTime(timeOf(grid, MAX_ROWS));
    throw new UsageError([`to must not be after ${last}, the market's end; given: ${options.to}`]);
  }
  return { from, next };
}

/**
 * The candles whose rows all lie in `[from, next)`, for they never change; there is one at least.
 * Says on standard error what is left out at either end: nobody takes a part for all.
 */
function wholeCandles(
  market: Market,
  resolution: Resolution,
  from: number,
  next: number,
  to: string,
): CandleRange {
  const { grid } = market;
  const number = resolution.numberOf(timeOf(grid, from));
  const first = resolution.startOf(number);
  const isWhole = Math.max(0, indexFrom(grid, first)) === from;
  const fromMs = isWhole ? first : resolution.startOf(number + 1);
  // The candle of the first row that is left out is not whole.
  const toMs = candleStart(resolution, timeOf(grid, next));
  if (toMs <= fromMs) {
    const end = formatTime(resolution.startOf(resolution.numberOf(fromMs) + 1));
    throw new UsageError([
      `to must leave room for a whole candle, of which the first ends at ${end}; given: ${to}`,
    ]);
  }
  if (!isWhole) {
    const start = formatTime(first);
    process.stderr.write(
      `tickwell: the candle of ${start} begins before --from, and is left out\n`,
    );
  }
  if (indexFrom(grid, toMs) < next) {
    const start = formatTime(toMs);
    process.stderr.write(`tickwell: the candle of ${start} is not over at --to, and is left out\n`);
  }
  return { fromMs, toMs };
}
