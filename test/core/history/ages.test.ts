import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import type { Prices } from '../../../src/core/market/dtype.ts';
import { DEFAULT_FIELDS } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytes } from '../../../src/wire/binary.ts';
import { rowsMessageHeadJson, valuesJson } from '../../../src/wire/json.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';

const CAPACITY = 37;
const RINGS = 10;
/** Rows of one answer: more than a ring, so that many answers begin behind it and end in it. */
const ROWS = 50;
/** What the ring has, and makes ahead: see `Ring`. */
const SLOTS = CAPACITY + 1024;

const walks = (['uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32', 'float64'] as const).map(
  (dtype) => ({ seed: 11, count: 2, dtype }),
);
const gbm = { count: 2, defaults: { model: 'gbm', volatility: 8 } };
const specs = [...walks, { seed: 12, ...gbm }, { seed: 12, dtype: 'float64', ...gbm }];

/** Heads at which the rows of ten rings cross ends of blocks, ends of slots, or the first row. */
const heads = [
  20,
  CAPACITY,
  200,
  SLOTS + 5,
  3 * SLOTS + 100,
  BLOCK_ROWS - 1,
  BLOCK_ROWS,
  BLOCK_ROWS + 1,
  BLOCK_ROWS + CAPACITY,
  BLOCK_ROWS + 5 * CAPACITY,
  2 * BLOCK_ROWS + 10 * CAPACITY,
];

function historyAt(head: number, spec: object, capacity: number, step: number): History {
  const history = new History(marketOf(spec), capacity);
  // By steps at the end, as a market that is running does, so that slots are written over.
  for (let at = Math.max(1, head - 3 * SLOTS); at < head; at += step) {
    for (const _ of history.ring.moveTo(at));
  }
  for (const _ of history.ring.moveTo(head));
  return history;
}

/** The rows `[from, next)` as they go over the wire: text and bytes. */
function framesOf(history: History, from: number, next: number): string {
  const { market, head } = history;
  const prices: Prices[] = market.instruments.map((_, column) => {
    const out = market.newPrices(next - from);
    history.copy(out, 0, column, from, next);
    return out;
  });
  return encode(history, prices, from, next, head);
}

function encode(
  { market }: History,
  prices: readonly Prices[],
  from: number,
  next: number,
  head: number,
): string {
  const [since, until] = [timeOf(market.grid, from - 1), timeOf(market.grid, next - 1)];
  const { dtype } = market.spec;
  const lagRows = head - next;
  const bytes = new Uint8Array(ROWS_HEAD_BYTES);
  const rows = next - from;
  fillRowsHead(bytes, { dtype, id: 1, since, until, rows, columns: prices.length, lagRows });
  const body = Buffer.from(valuesBytes(DEFAULT_FIELDS, prices)).toString('latin1');
  const text = `${rowsMessageHeadJson(1, since, until, lagRows)}${valuesJson(DEFAULT_FIELDS, prices)}}`;
  return `${text}\n${Buffer.from(bytes).toString('latin1')}${body}`;
}

describe('rows of every age from 0 to 10 rings', () => {
  it.each(specs)('are the same bytes from the ring and made again: %j', (spec) => {
    for (const head of heads) {
      const small = historyAt(head, spec, CAPACITY, 97);
      const large = historyAt(head, spec, 3 * BLOCK_ROWS, head);
      const oldest = Math.max(0, head - RINGS * CAPACITY);
      const core = small.market.instruments.map((_, column) => {
        const right = small.market.newPrices(head - oldest);
        right.set(pricesOf(small.market, column, oldest, head));
        return right;
      });
      for (let from = head; from >= oldest; from--) {
        const next = Math.min(head, from + ROWS);
        const frames = framesOf(small, from, next);
        const cut = core.map((prices) => prices.subarray(from - oldest, next - oldest));
        // Not by expect: that would take longer than all the rest.
        const isLarge = frames === framesOf(large, from, next);
        const isCore = frames === encode(small, cut, from, next, head);
        if (!isLarge || !isCore) expect({ head, from, isLarge, isCore }).toBeUndefined();
      }
      expect(large.regeneratedPrices).toBe(0);
      expect(small.regeneratedPrices > 0).toBe(head > CAPACITY);
    }
  });
});
