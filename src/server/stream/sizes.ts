import { DTYPES } from '../../core/market/dtype.ts';
import { dtypeOfField, type Field } from '../../core/market/fields.ts';
import { BLOCK_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { Wanted } from '../answers.ts';
import type { Encoding } from './frames.ts';

/** What stands around the prices of a frame, at most. */
const HEAD_BYTES = 256;

/** Rows of what is wanted that fit `frameBytes`, however many digits they have; at least one. */
export function rowsPerFrame(
  market: Market,
  encoding: Encoding,
  { fields, columns }: Wanted,
  frameBytes: number,
): number {
  const bytes = fields.reduce((sum, field) => sum + valueBytes(market, encoding, field), 0);
  const around = HEAD_BYTES + 2 * columns.length * fields.length;
  const rows = Math.floor((frameBytes - around) / (columns.length * bytes));
  return Math.max(1, Math.min(BLOCK_ROWS, rows));
}

/** What a value of a field takes at most, and what stands between it and the next. */
function valueBytes(market: Market, encoding: Encoding, field: Field): number {
  const dtype = dtypeOfField(field, market.spec.dtype);
  if (encoding === 'binary') return DTYPES[dtype].bytes;
  if (field === 'aggressor') return 2;
  if (field === 'volume' || field === 'trades') return 11;
  const digits = market.instruments.reduce(
    (most, { minTicks, maxTicks }) =>
      Math.max(most, String(minTicks).length, String(maxTicks).length),
    1,
  );
  return digits + 1;
}
