import { type CorrelationMatrix, correlationsOf, meanCorrelation } from './correlation.ts';
import { factsOf, MARKET_FACT, type MeasuredFact, measuredFact } from './facts.ts';
import { MIN_RETURNS, profileOf, stridesOf } from './moments.ts';
import { type ReturnKind, returnsOf } from './returns.ts';
import { type Statistics, statisticsOf } from './statistics.ts';
import type { Steps } from './steps.ts';

/** An instrument and the rows of it to look at. */
export interface RealismInput {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  /** The price of each row, in ticks. */
  readonly ticks: ArrayLike<number>;
  readonly tickSize: number;
  /** Lots traded in each row. */
  readonly volume?: ArrayLike<number>;
  readonly intervalMs: number;
  /** The time of the first row, in milliseconds since the Unix epoch. */
  readonly firstMs: number;
}

/** What an instrument's returns look like, beside what is reported of real ones. Plain data. */
export interface InstrumentRealism extends Statistics {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  readonly tickSize: number;
  readonly rows: number;
  readonly intervalMs: number;
  /** The times of the first and the last row, in ms since the Unix epoch; null without rows. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** What all numbers are of: differences of log prices, or of prices in ticks. */
  readonly returns: ReturnKind;
  readonly facts: readonly MeasuredFact[];
}

/** How the instruments of a market move together, in returns over `rows` rows each. */
export interface Correlations {
  readonly symbols: readonly string[];
  readonly rows: number;
  /** How many returns each has. */
  readonly count: number;
  readonly matrix: CorrelationMatrix;
  /** Of all pairs. */
  readonly mean: number | null;
}

/** What the returns of a market look like, beside what is reported of real ones. Plain data. */
export interface MarketRealism {
  readonly marketId: string;
  /** The times of the first and the last row, in ms since the Unix epoch; null without rows. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly intervalMs: number;
  /** Rows of each instrument. */
  readonly rows: number;
  readonly instruments: readonly InstrumentRealism[];
  readonly correlations: Correlations;
  /** What is a fact of the market and of no single instrument. */
  readonly facts: readonly MeasuredFact[];
}

/** Makes the report of one instrument: 0.4 us a row, in steps of about a millisecond. */
export function* realismOf(input: RealismInput): Steps<InstrumentRealism> {
  return (yield* examine(input)).realism;
}

/** The report, and the returns that it is of. */
function* examine(input: RealismInput) {
  const { symbol, name, model, tickSize, intervalMs, firstMs } = input;
  const rows = input.ticks.length;
  const returns = yield* returnsOf(input.ticks);
  const statistics = yield* statisticsOf(returns, { firstMs, intervalMs }, input.volume);
  const lastMs = firstMs + (rows - 1) * intervalMs;
  const times = rows === 0 ? { firstMs: null, lastMs: null } : { firstMs, lastMs };
  const about = { symbol, name, model, tickSize, rows, intervalMs, ...times };
  const facts = factsOf(statistics);
  const realism: InstrumentRealism = { ...about, returns: returns.kind, ...statistics, facts };
  return { realism, values: returns.values };
}

/** Correlations are of returns this long if 100 of them remain: the first that does. */
const CORRELATION_ROWS = [60, 10, 1];

/**
 * Makes the report of several instruments, all of the same rows.
 *
 * They are taken one by one, so that an iterable that makes their rows as they are asked for needs
 * no more memory than one of them. The matrix takes 0.5 ns for each pair and return: callers decide
 * how many instruments they give.
 */
export function* marketRealism(
  marketId: string,
  inputs: Iterable<RealismInput>,
): Steps<MarketRealism> {
  const instruments: InstrumentRealism[] = [];
  const columns: Float64Array[] = [];
  let rows = 1;
  for (const input of inputs) {
    const { realism, values } = yield* examine(input);
    const enough = (each: number) => values.length >= each * MIN_RETURNS;
    rows = CORRELATION_ROWS.find(enough) ?? 1;
    columns.push(yield* stridesOf(yield* profileOf(values), rows));
    instruments.push(realism);
  }
  const matrix = yield* correlationsOf(columns);
  const mean = meanCorrelation(matrix);
  const symbols = instruments.map(({ symbol }) => symbol);
  const first = instruments[0];
  return {
    marketId,
    firstMs: first?.firstMs ?? null,
    lastMs: first?.lastMs ?? null,
    intervalMs: first?.intervalMs ?? 0,
    rows: first?.rows ?? 0,
    instruments,
    correlations: { symbols, rows, count: columns[0]?.length ?? 0, matrix, mean },
    facts: [measuredFact(MARKET_FACT, mean)],
  };
}
