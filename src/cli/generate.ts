import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CandleRange } from '../core/history/candles.ts';
import { areUsual, CANDLE_FIELDS, FIELDS, USUAL_FIELDS } from '../core/market/fields.ts';
import { headAt, indexFrom, MAX_ROWS, timeOf } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { candleStart, parseResolution, type Resolution } from '../core/market/resolution.ts';
import { formatTime } from '../core/market/time.ts';
import { unitFault } from '../core/market/unit.ts';
import { unknownName } from '../core/market/unknown.ts';
import {
  type Notation,
  PRICE_NOTATIONS,
  TIME_NOTATIONS,
  USUAL_NOTATION,
} from '../server/http/formats/notation.ts';
import { indexFault } from '../server/http/formats/parquet.ts';
import { DEFAULT_LIMITS } from '../server/limits.ts';
import { choice, columnsOf, timeMsOf, timeRule } from './asked.ts';
import { programClock } from './clock.ts';
import { addMarketOptions, loadMarket, type MarketOptions, UsageError } from './config.ts';
import {
  CANDLES_PER_PART,
  candlePieces,
  FORMATS,
  type Form,
  type FormatName,
  partRowsOf,
  rowPieces,
} from './formats.ts';
import { writeOutput } from './output.ts';
import { newProgress } from './progress.ts';

interface GenerateOptions extends MarketOptions {
  readonly symbols: string;
  readonly from: string;
  readonly to: string;
  readonly resolution?: string;
  readonly fields?: string;
  readonly format: FormatName;
  readonly out: string;
  readonly prices: Notation['prices'];
  readonly time: Notation['time'];
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('write rows or candles to a file')
    .description(
      'Writes rows, or candles, of a market to a file or to standard output: the same prices ' +
        'that a server of that market serves, past or future.',
    );
  addMarketOptions(command)
    .option('--symbols <list>', 'symbols with commas between, * for all', '*')
    .requiredOption('--from <time>', 'time of the first row, RFC 3339 or ms since 1970')
    .requiredOption('--to <time>', 'time after the last row; now for what is due by now')
    .option('--resolution <width>', 'whole candles of this width instead of rows: 1m, 4h, 1d, 1w')
    .option(
      '--fields <list>',
      `of rows: ${FIELDS.join(',')}; of candles: ${CANDLE_FIELDS.join(',')}`,
    )
    .addOption(choice('format', '--format <name>', 'how to write', FORMATS).default('csv'))
    .option('-o, --out <file>', 'where to; - for standard output', '-')
    .addOption(
      choice(
        'notation of prices',
        '--prices <how>',
        'whole ticks, or decimals: ticks * tick size',
        PRICE_NOTATIONS,
      ).default(USUAL_NOTATION.prices),
    )
    .addOption(
      choice(
        'notation of time',
        '--time <how>',
        'ms since 1970, or text like 2026-01-31T12:00:00.000Z',
        TIME_NOTATIONS,
      ).default(USUAL_NOTATION.time),
    )
    .addHelpText(
      'after',
      `
Examples:
  tickwell generate --from 2026-01-01 --to 2026-01-02 --prices decimal --time iso --out day.csv
  tickwell generate --symbols ticker_07 --from 2026-01-01 --to now --resolution 1d
  tickwell generate --from 2026-01-01 --to 2026-02-01 --format parquet --out month.parquet
  tickwell generate --symbols ticker_00,ticker_01 --from 2026-03-01T09:00:00Z \\
      --to 2026-03-01T17:30:00Z --format ndjson | head -n 3

The file of --out appears under its name once it is whole, and keeps the permissions it had. Until
then it is .tickwell-*.part beside it, which only SIGKILL and power cuts can leave behind. Pipes and
devices are written to as rows are made.`,
    )
    .action(generate);
}

async function generate(options: GenerateOptions): Promise<void> {
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  const { from, next } = rangeOf(market, options);
  const resolution = resolutionOf(market, options.resolution);
  const rowFields = fieldsOf('rows', resolution ? undefined : options.fields, FIELDS, USUAL_FIELDS);
  const candleFields = fieldsOf(
    'candles',
    resolution ? options.fields : undefined,
    CANDLE_FIELDS,
    [],
  );
  const { format, prices, time } = options;
  const notation = { prices, time };
  const form = { market, columns, fields: rowFields, candleFields, format, notation };
  const pieces = resolution
    ? candlesOf(form, resolution, wholeCandles(market, resolution, from, next, options.to))
    : rowsOf(form, from, next);
  await writeOutput(options.out, async (output) => {
    const total = (next - from) * columns.length;
    const progress = newProgress(total, 'prices', !output.isTerminal);
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

function candlesOf(form: Form, resolution: Resolution, range: CandleRange) {
  const columns = 'symbol,time,open,high,low,close'.split(',').length + form.candleFields.length;
  const rows = (range.toMs - range.fromMs) / resolution.ms;
  const tables = form.columns.length;
  checkIndex(form, { what: 'candles', rows, partRows: CANDLES_PER_PART, columns, tables });
  return candlePieces(form, resolution, range);
}

function rowsOf(form: Form, from: number, next: number) {
  const { columns, fields, format } = form;
  checkNames(form);
  const values = columns.length * fields.length;
  const limit = DEFAULT_LIMITS.maxArrowSymbols;
  if (format === 'parquet' && values > limit) {
    const times = areUsual(fields) ? '' : ` times ${fields.length} fields`;
    const given = `${columns.length}${times}`;
    throw new UsageError([`symbols must be at most ${limit} in parquet; given: ${given}`]);
  }
  const rows = next - from;
  checkIndex(form, { what: 'rows', rows, partRows: partRowsOf(form), columns: values + 1 });
  return rowPieces(form, from, next);
}

/** Throws if the index of a Parquet file would be longer than may be held. */
function checkIndex({ format }: Form, extent: Parameters<typeof indexFault>[0]): void {
  const fault = format === 'parquet' ? indexFault(extent) : undefined;
  if (fault !== undefined) throw new UsageError([fault.message]);
}

/** Throws if two columns of a table would have one name. */
function checkNames({ market, columns, fields, format }: Form): void {
  const column = market.columnOf('time');
  const isTable = format === 'csv' || format === 'arrow' || format === 'parquet';
  if (!isTable || !areUsual(fields) || column === undefined || !columns.includes(column)) return;
  throw new UsageError([
    `symbols cannot hold the name of the first column of ${format}; given: time`,
  ]);
}

/** Those of `known` that `text` names, each once. */
function fieldsOf<F extends string>(
  of: string,
  text: string | undefined,
  known: readonly F[],
  usual: readonly F[],
): readonly F[] {
  if (text === undefined) return usual;
  const names = text.split(',') as F[];
  for (const [n, name] of names.entries()) {
    if (!known.includes(name)) {
      throw new UsageError([unknownName({ kind: 'field', name, known, of })]);
    }
    if (names.indexOf(name) !== n)
      throw new UsageError([`fields must differ; given twice: ${name}`]);
  }
  return names;
}

function rangeOf(market: Market, options: GenerateOptions): { from: number; next: number } {
  const { grid } = market;
  const fromMs = timeMsOf('from', options.from);
  if (fromMs < grid.originMs) {
    const usual = `must not be before the origin, ${formatTime(grid.originMs)}`;
    const rule = timeRule(market, usual, fromMs);
    throw new UsageError([`from ${rule}; given: ${options.from}`]);
  }
  const from = indexFrom(grid, fromMs);
  const toMs = options.to === 'now' ? undefined : timeMsOf('to', options.to);
  const next = toMs === undefined ? headAt(grid, nowMs()) : indexFrom(grid, toMs);
  if (next <= from) {
    const usual = 'must be after from, by a row at least';
    const rule = toMs === undefined ? usual : timeRule(market, usual, toMs);
    throw new UsageError([`to ${rule}; given: ${options.to}`]);
  }
  if (next > MAX_ROWS) {
    const last = formatTime(timeOf(grid, MAX_ROWS));
    throw new UsageError([`to must not be after ${last}, the market's end; given: ${options.to}`]);
  }
  return { from, next };
}

/** The time; says so if it is not the real one. */
function nowMs(): number {
  const { clock, warning } = programClock();
  if (warning !== undefined) process.stderr.write(`tickwell: ${warning}\n`);
  return clock.nowMs();
}

function resolutionOf(market: Market, text: string | undefined): Resolution | undefined {
  if (text === undefined) return undefined;
  const { intervalMs } = market.grid;
  const resolution = parseResolution(text);
  const fault = unitFault(text);
  if (fault !== undefined) throw new UsageError([fault]);
  if (resolution !== undefined && resolution.ms % intervalMs === 0) return resolution;
  throw new UsageError([
    'resolution must be a number and one of ms s m h d w, at most 520w and a multiple of the ' +
      `interval of ${intervalMs} ms; given: ${text}`,
  ]);
}

/**
 * The candles whose rows all lie in `[from, next)`, for they never change; there is one at least.
 * Says on standard error what is left out at the end: nobody takes a part for all.
 */
function wholeCandles(
  market: Market,
  resolution: Resolution,
  from: number,
  next: number,
  to: string,
): CandleRange {
  const { grid } = market;
  const first = candleStart(resolution, timeOf(grid, from));
  const isWhole = Math.max(0, indexFrom(grid, first)) === from;
  const fromMs = isWhole ? first : first + resolution.ms;
  // The candle of the first row that is left out is not whole.
  const toMs = candleStart(resolution, timeOf(grid, next));
  if (toMs <= fromMs) {
    const end = formatTime(fromMs + resolution.ms);
    throw new UsageError([
      `to must leave room for a whole candle, of which the first ends at ${end}; given: ${to}`,
    ]);
  }
  if (indexFrom(grid, toMs) < next) {
    const start = formatTime(toMs);
    process.stderr.write(`tickwell: the candle of ${start} is not over at --to, and is left out\n`);
  }
  return { fromMs, toMs };
}
