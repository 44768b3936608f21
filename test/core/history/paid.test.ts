import { describe, expect, it } from 'vitest';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { readRows } from '../../../src/core/history/read-rows.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import type { Exact } from '../../../src/core/market/exact-sum.ts';
import { PAID_FIELDS, PaidSums } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../../src/core/market/grid.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { candleStart, parseResolution } from '../../../src/core/market/resolution.ts';
import { marketOf } from '../../helpers/market.ts';
import { counter } from '../../helpers/steps.ts';
import { sequence } from '../market/statistics.ts';

const HEAD = Math.floor(2.2 * BLOCK_ROWS);

function historyOf(spec: object, head = HEAD): History {
  const history = new History(marketOf({ seed: 11, capacity: 500, ...spec }));
  finish(history.moveTo(head));
  return history;
}

type Paid = readonly [notional: bigint, bought: bigint, boughtNotional: bigint];

/** Plain sums over rows as every reader gets them, in bigints: by what was paid before each row. */
function plainOf(history: History, column: number): (from: number, next: number) => Paid {
  const wanted = wantedOf(['last', 'volume', 'aggressor'], [column]);
  const rows = finish(readRows(history, wanted, 0, history.head));
  const [last, volume, aggressor] = [rows.at(0), rows.at(1), rows.at(2)];
  const before: Paid[] = [[0n, 0n, 0n]];
  for (let i = 0; i < history.head; i++) {
    const lots = BigInt(volume[i]!);
    const paid = BigInt(last[i]!) * lots;
    const isBought = aggressor[i] === 1;
    const [notional, bought, boughtNotional] = before[i]!;
    before.push([
      notional + paid,
      isBought ? bought + lots : bought,
      isBought ? boughtNotional + paid : boughtNotional,
    ]);
  }
  return (from, next) => {
    const [first, end] = [before[from]!, before[next]!];
    return [end[0] - first[0], end[1] - first[1], end[2] - first[2]];
  };
}

function paidIn(history: History, column: number, from: number, next: number): Paid {
  const sums = new PaidSums();
  finish(history.trades.foldPaid(sums, column, from, next));
  const { notional, bought, boughtNotional } = sums;
  return [BigInt(notional.value), BigInt(bought), BigInt(boughtNotional.value)];
}

const BIG = { tickSize: 1, startPrice: 2 ** 47, lotsPerTrade: 1e6, tradesPerDay: 2e5 };
const MARKETS = [
  ...MODEL_KINDS.flatMap((model) =>
    (['uint16', 'uint32', 'float64'] as const).map((dtype) => [model, { dtype }] as const),
  ),
  ...MODEL_KINDS.map((model) => [model, { ...BIG, dtype: 'float64' }] as const),
  ['walk', { dtype: 'int32', startPrice: 0, tickSize: 1, tradesPerDay: 1e6 }],
  ['market', { dtype: 'uint32', tradesPerDay: 3000, calendar: 'new-york' }],
] as const;

function specOf(model: string, { dtype, calendar, ...fields }: Record<string, unknown>): object {
  const own = calendar === undefined ? {} : { calendar };
  return {
    dtype,
    instruments: [
      { symbol: 'a', model, ...own, ...fields },
      { symbol: 'b', model },
    ],
  };
}

describe('what was paid in rows', () => {
  it.each(MARKETS)('of %s %j is the plain sum over them, of any range', (model, fields) => {
    const history = historyOf(specOf(model, fields));
    const plain = plainOf(history, 0);
    const next = sequence(5);
    for (let round = 0; round < 6; round++) {
      const from = Math.floor(next() * history.head);
      const most = round % 2 === 0 ? 100 : history.head - from;
      const end = Math.min(history.head, from + Math.floor(next() * most));
      const paid = paidIn(history, 0, from, end);
      expect(paid).toEqual(plain(from, end));
      // Whole blocks are kept by now.
      expect(paidIn(history, 0, from, end)).toEqual(paid);
    }
    const all = paidIn(history, 0, 0, history.head);
    if ('lotsPerTrade' in fields) expect(all[0]).toBeGreaterThan(2n ** 63n);
    expect(all).toEqual(plain(0, history.head));
  });

  it('is known of a whole block without making it twice', () => {
    const history = historyOf({ count: 2 });
    const made = counter(history.market as never, 'fillTrades' as never);
    const first = paidIn(history, 1, 0, 2 * BLOCK_ROWS);
    expect(made.counted()).toBe(2);
    expect(history.trades.hasPaid(1, 1)).toBe(true);
    expect(history.trades.hasPaid(0, 1)).toBe(false);
    expect(paidIn(history, 1, 0, 2 * BLOCK_ROWS)).toEqual(first);
    expect(made.counted()).toBe(2);
    made.restore();
  });

  it('is added up in pieces of at most a block, on wide grids of a few rows', () => {
    const sums = new PaidSums();
    const steps = (history: History, next: number) => [
      ...history.trades.foldPaid(sums, 0, 10, next),
    ];
    const rows = steps(historyOf({ count: 1 }), HEAD - 1);
    expect(Math.max(...rows)).toBeLessThanOrEqual(BLOCK_ROWS);
    expect(rows.reduce((sum, n) => sum + n, 0)).toBe(HEAD - 11);
    const instruments = [{ symbol: 'w', model: 'market' }];
    const wide = historyOf({ interval: 3_600_000, instruments }, 500);
    expect(Math.max(...steps(wide, 400))).toBeLessThanOrEqual(64);
    expect(paidIn(wide, 0, 7, 311)).toEqual(plainOf(wide, 0)(7, 311));
  });
});

describe('candles that say what was paid', () => {
  it.each(['7s', '1m', '17m', '1h', '1d'])('of %s are the plain sums of their rows', (text) => {
    const resolution = parseResolution(text)!;
    const instruments = [
      { symbol: 'a', model: 'market', tradesPerDay: 50_000 },
      { symbol: 'b', model: 'gbm', ...BIG },
    ];
    const history = historyOf({ dtype: 'float64', instruments });
    const { grid } = history.market;
    const toMs = resolution.startOf(resolution.numberOf(timeOf(grid, history.head - 1)) + 1);
    const fromMs = candleStart(resolution, Math.max(grid.originMs, toMs - 40 * resolution.ms));
    for (const column of [0, 1]) {
      const plain = plainOf(history, column);
      const read = () => {
        const candles = newCandles(['volume', ...PAID_FIELDS]);
        finish(foldCandles(candles, history, column, resolution, { fromMs, toMs }));
        return candles;
      };
      const { time, notional, bought, boughtNotional, volume } = read();
      for (const [n, start] of time.entries()) {
        const from = Math.max(0, indexFrom(grid, start));
        const next = Math.min(history.head, indexFrom(grid, start + resolution.ms));
        const said = [notional!, bought!, boughtNotional!].map((of: Exact[]) => BigInt(of[n]!));
        expect(said).toEqual(plain(from, next));
        expect(bought![n]).toBeLessThanOrEqual(volume![n]!);
      }
      // And once they are kept; alone too.
      expect(read().notional).toEqual(notional);
      const alone = newCandles(['notional']);
      finish(foldCandles(alone, history, column, resolution, { fromMs, toMs }));
      expect(alone.notional).toEqual(notional);
      expect([alone.bought, alone.volume]).toEqual([undefined, undefined]);
    }
  });

  it('are kept once they are final: no row is made again', () => {
    const history = historyOf({ count: 1 });
    const resolution = parseResolution('1h')!;
    const fromMs = history.market.grid.originMs;
    const range = { fromMs, toMs: fromMs + 10 * resolution.ms };
    const read = () => {
      const candles = newCandles(PAID_FIELDS);
      finish(foldCandles(candles, history, 0, resolution, range));
      return candles;
    };
    expect([...history.paid.missing(0, resolution, range)]).toEqual([range]);
    const first = read();
    const made = counter(history.market as never, 'fillTrades' as never);
    expect(read()).toEqual(first);
    expect(made.counted()).toBe(0);
    made.restore();
    expect([...history.paid.missing(0, resolution, range)]).toEqual([]);
    expect([...history.paid.missing(1, resolution, range)]).toEqual([range]);
  });
});
