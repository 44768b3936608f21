import { newTrades } from '../market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { eachBlock } from '../market/pieces.ts';
import { newEachTrade } from '../market/trading/each-trade.ts';
import type { RealismInput } from './report.ts';
import type { Steps } from './steps.ts';
import { calendarOfColumn, openStretches, type Stretch } from './stretches.ts';

/** Trades that are looked at one by one: the newest. */
const MOST_TRADES = 2 ** 17;
/** Trades that are read between two yields, at about a microsecond each. */
const TRADES_SLICE = 1024;

/**
 * The rows `[from, next)` of a column in open hours, with what was traded, made for a report of
 * them; a block at a time. Of the model `market` they are the middle of bid and ask: `last` bounces
 * between these.
 */
export function* readColumn(
  market: Market,
  column: number,
  from: number,
  next: number,
): Steps<RealismInput> {
  const { symbol, name, model, tickSize } = market.instruments[column]!;
  const { grid } = market;
  const isMid = model.kind === 'market';
  const stretches = openStretches(market, column, from, next);
  const rows = stretches.reduce((sum, { from, next }) => sum + next - from, 0);
  const prices = market.newPrices(isMid ? 0 : BLOCK_ROWS);
  const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  const ticks = isMid ? new Float64Array(rows) : market.newPrices(rows);
  const volume = new Uint32Array(rows);
  const sides = new Uint8Array(rows);
  let done = 0;
  for (const stretch of stretches) {
    for (const { number, at, stop } of eachBlock(stretch.from, stretch.next)) {
      market.fillTrades(trades, column, number, at, stop);
      yield;
      if (isMid) fillMids(ticks, done, trades, at, stop);
      else {
        // They were made for what was traded.
        market.fillBlock(prices, column, number);
        ticks.set(prices.subarray(at, stop), done);
      }
      volume.set(trades.volume.subarray(at, stop), done);
      sides.set(trades.aggressor.subarray(at, stop), done);
      done += stop - at;
      yield;
    }
  }
  const { intervalMs } = grid;
  const about = { symbol, name, model: model.kind, tickSize, intervalMs };
  return {
    ...{ ...about, of: isMid ? 'mid' : 'last', ticks, volume, sides },
    isShare: model.kind !== 'market' || model.asymmetry > 0,
    firstMs: timeOf(grid, from),
    lastMs: timeOf(grid, next - 1),
    gridRows: next - from,
    openHours: Math.ceil(24 * (calendarOfColumn(market, column)?.openShare ?? 1)),
    stretches: stretches.map(({ from, next }) => ({
      rows: next - from,
      firstMs: timeOf(grid, from),
    })),
    ...(yield* readTrades(market, column, stretches)),
  };
}

function fillMids(
  out: { [i: number]: number },
  done: number,
  { bid, ask }: { bid: ArrayLike<number>; ask: ArrayLike<number> },
  at: number,
  stop: number,
): void {
  for (let i = at; i < stop; i++) out[done + i - at] = (bid[i]! + ask[i]!) / 2;
}

/**
 * Lots of the newest trades of stretches, and how long each came after the one before it, in
 * microseconds; an opening ends no wait.
 */
function* readTrades(
  market: Market,
  column: number,
  stretches: readonly Stretch[],
): Steps<{ lots: Float64Array; waits: Float64Array }> {
  const lots: Float64Array[] = [];
  const waits: Float64Array[] = [];
  const intervalMicros = market.grid.intervalMs * 1000;
  const made = newEachTrade(TRADES_SLICE);
  let left = MOST_TRADES;
  for (const { from, next } of [...stretches].reverse()) {
    // An opening row has the trades of a night.
    const first = market.tradesBefore(column, from + 1);
    const end = market.tradesBefore(column, next);
    const begin = Math.max(first, end - left);
    let before = Number.NaN;
    for (let number = begin; number < end; number += TRADES_SLICE) {
      const stop = Math.min(end, number + TRADES_SLICE);
      market.fillEachTrade(made, column, number, stop);
      const waited = new Float64Array(stop - number);
      for (let i = 0; i < waited.length; i++) {
        const at = made.rows[i]! * intervalMicros + made.micros[i]!;
        waited[i] = at - before;
        before = at;
      }
      lots.push(made.lots.slice(0, stop - number));
      waits.push(number === begin ? waited.subarray(1) : waited);
      yield;
    }
    left -= end - begin;
    if (left <= 0) break;
  }
  return { lots: joined(lots), waits: joined(waits) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
