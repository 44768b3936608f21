import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { CANDLE_PRICES } from '../../../core/market/candle-lists.ts';
import { DTYPES, type Dtype } from '../../../core/market/dtype.ts';
import type { CandleField } from '../../../core/market/fields.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { CandleRequest, CandlesBounds } from '../answers.ts';
import type { CandlesFormat } from '../formats/format.ts';
import type { Limits } from '../limits.ts';
import type { CandlesQuery } from './queries.ts';

/** What the schema of `/v1/candles` cannot say of a query. */

/**
 * Checks whose candles are asked for: of `symbol` alone, or of `symbols`. To be called before the
 * schema is looked at, which knows no parameter that another one needs.
 */
export function checkSubject(limits: Limits) {
  return (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const { symbol, symbols, whole, count, last } = request.query as Readonly<
      Record<string, unknown>
    >;
    if (symbol === undefined && symbols === undefined) {
      throw new TickwellError('bad_request', 'symbol is missing: one symbol, or symbols for more');
    }
    if (symbol !== undefined && symbols !== undefined) {
      const given = `${quoted(symbol)} and ${quoted(symbols)}`;
      throw new TickwellError(
        'bad_request',
        `symbol cannot stand beside symbols, which are several; given: ${given}`,
      );
    }
    if (symbol !== undefined) {
      if (whole === 'true') {
        const rule = 'whole must stand beside symbols, or be left out';
        throw new TickwellError('bad_request', `${rule}; given: ${quoted(whole)}`);
      }
      for (const [field, given] of Object.entries({ count, last })) {
        const value = typeof given === 'string' ? Number(given) : undefined;
        if (value !== undefined) checkCount(field, value, given, limits.maxCandlesPerAnswer);
      }
    }
    done();
  };
}

function checkCount(field: string, value: number, given: unknown, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new TickwellError(
    'bad_request',
    `${field} must be a whole number from 1 to ${most}; given: ${quoted(given)}`,
  );
}

/** What was asked of the time of candles. */
export function requestOf(query: CandlesQuery): CandleRequest {
  const { from, to, count, last } = query;
  const given = [from, to, count, last].map((value) => value !== undefined);
  const [hasFrom, hasTo, hasCount, hasLast] = given;
  const isRange = hasFrom && hasTo !== hasCount && !hasLast;
  const isLast = hasLast && !hasFrom && !hasTo && !hasCount;
  if (!isRange && !isLast) {
    throw new TickwellError(
      'bad_request',
      'candles need from and to, from and count, or last; given: ' +
        quoted(['from', 'to', 'count', 'last'].filter((_, n) => given[n]).join(', ') || 'none'),
    );
  }
  return { from, to, count: count ?? last };
}

/** What a candle takes that is held, of prices of 32 bits alone; and what each sum takes. */
const HELD_BYTES = CANDLE_PRICES.length * 4;
const SUM_BYTES = 8;

/** Candles of so many columns, whose prices are of a type. */
interface BoundedCandles {
  readonly columns: number;
  readonly fields: readonly CandleField[];
  readonly dtype: Dtype;
}

/** How many candles of each of several symbols an answer may hold: as many prices as of rows. */
export function manyBounds(
  limits: Limits,
  { columns, fields, dtype }: BoundedCandles,
  format: CandlesFormat,
  isWhole: boolean,
): CandlesBounds {
  const of = ' of each symbol';
  const values = valuesOf(fields);
  const each = (all: number) => Math.floor(all / columns);
  if (!isWhole) {
    const candles = each(Math.floor(limits.maxPricesPerAnswer / values));
    return { candles, rows: each(limits.maxRowsPerAnswer), of };
  }
  const bytes = CANDLE_PRICES.length * DTYPES[dtype].bytes + fields.length * SUM_BYTES;
  const held = Math.floor((limits.maxWholeJsonCandles * HELD_BYTES) / Math.max(HELD_BYTES, bytes));
  const candles = format === 'json' ? each(held) : Infinity;
  return { candles, rows: Infinity, of };
}

/** Values of a candle: its prices, and so many sums. */
export function valuesOf(fields: readonly unknown[]): number {
  return CANDLE_PRICES.length + fields.length;
}
