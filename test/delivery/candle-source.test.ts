import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { candlesWantedOf, cutOf } from '../../src/core/history/wanted.ts';
import type { CandleLists } from '../../src/core/market/candle-lists.ts';
import { PaidSums } from '../../src/core/market/fields.ts';
import { finish } from '../../src/core/market/finish.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { CandleSource } from '../../src/delivery/candle-source.ts';
import type { CandlesEncoder, Encoder } from '../../src/delivery/encoder.ts';
import { Frames } from '../../src/delivery/frames.ts';
import { FanOutGroups } from '../../src/delivery/groups.ts';
import { TRADES_COST } from '../../src/host/budgets/cost.ts';
import { newEncoders } from '../../src/protocols/tickwell/encoders.ts';
import { marketOf } from '../helpers/market.ts';

/** What is read of candles, and paid, while the head moves on. */

const COLUMNS = Array.from({ length: 20 }, (_, column) => column);
/** The candles are those of 600 rows. */
const CANDLE_ROWS = 600;
const ROWS = 100_000;

function world(
  encoderOf = (market: Market): Encoder => newEncoders(new Timeline(market)).json,
  isPaid = false,
) {
  const market = marketOf({ seed: 4, count: COLUMNS.length, interval: 1000, capacity: 8 });
  const feed = new Feed(market);
  const moveTo = (rows: number) => {
    for (const _ of feed.fill(timeOf(market.grid, rows - 1)));
  };
  moveTo(ROWS);
  const source = new CandleSource(feed.history, new Frames());
  const cut = cutOf(market.grid, parseResolution('10m')!, 1, { isPaid });
  const encoder = encoderOf(market);
  const wanted = candlesWantedOf([], COLUMNS, cut);
  const group = new FanOutGroups(16_384).join(encoder, '10m', wanted);
  return { source, group, moveTo, feed };
}

/** Reads until what follows row `from - 1` is at hand; every other time nothing can be paid. */
function readAll(
  { source, group }: ReturnType<typeof world>,
  from: number,
  waited: (times: number) => void,
) {
  let [paid, asked, times] = [0, 0, 0];
  const pay = (cost: number) => {
    if (asked++ % 2 === 0) return false;
    paid += cost;
    return true;
  };
  for (;;) {
    const part = source.put(group, from);
    if (part !== undefined) return { part, paid };
    let isPaid = true;
    for (const steps = source.read(group, from, pay); ; ) {
      const step = steps.next();
      if (!step.done) continue;
      isPaid = step.value;
      break;
    }
    if (!isPaid) waited(++times);
  }
}

describe('candles that say what was paid', () => {
  it('say it final and as they form, and it is paid for', () => {
    const told: { lists: CandleLists; isFinal: boolean }[] = [];
    const writing = (market: Market): Encoder => {
      const { json } = newEncoders(new Timeline(market));
      const { candles } = json;
      const encode: CandlesEncoder['encode'] = (...given) => {
        const [lists, isFinal] = given;
        told.push({ lists, isFinal });
        return candles!.encode(...given);
      };
      Object.defineProperty(json, 'candles', {
        value: Object.assign(Object.create(candles!), { encode }),
      });
      return json;
    };
    const paid = world(writing, true);
    const { history } = paid.feed;
    const from = ROWS - (ROWS % CANDLE_ROWS) - 2 * CANDLE_ROWS;
    const finals = readAll(paid, from, () => {});
    const forming = readAll(paid, from + 2 * CANDLE_ROWS, () => {});
    expect(told.map(({ isFinal }) => isFinal)).toEqual([true, false]);
    expect([finals.part.next, forming.part.next]).toEqual([from + 2 * CANDLE_ROWS, ROWS]);
    for (const [n, column] of COLUMNS.entries()) {
      const sumsOf = (first: number, next: number) => {
        const sums = new PaidSums();
        finish(history.trades.foldPaid(sums, column, first, next));
        return [sums.notional.value, sums.bought, sums.boughtNotional.value];
      };
      for (const [at, { lists }, begin, end] of [
        [2 * n, told[0]!, from, from + CANDLE_ROWS],
        [2 * n + 1, told[0]!, from + CANDLE_ROWS, from + 2 * CANDLE_ROWS],
        [n, told[1]!, from + 2 * CANDLE_ROWS, ROWS],
      ] as const) {
        const { notional, bought, boughtNotional } = lists.paid!;
        expect([notional[at], bought[at], boughtNotional[at]]).toEqual(sumsOf(begin, end));
      }
    }
    // As much as making what was traded in all of their rows, at least.
    const plain = world();
    const least = COLUMNS.length * 2 * CANDLE_ROWS * TRADES_COST;
    expect(finals.paid - readAll(plain, from, () => {}).paid).toBeGreaterThan(least);
  });
});

describe('candles that are read while the head moves on', () => {
  it('are paid once, final ones', () => {
    const still = world();
    // Two candles back: more will be final while it waits.
    const from = ROWS - (ROWS % CANDLE_ROWS) - 2 * CANDLE_ROWS;
    const right = readAll(still, from, () => {});
    expect(right.part.candles).toBe(2);
    const moving = world();
    const { part, paid } = readAll(moving, from, (times) => {
      if (times < 20) moving.moveTo(ROWS + times * CANDLE_ROWS);
    });
    expect(part).toEqual(right.part);
    expect(paid).toBe(right.paid);
    // And the next go on behind them, to all that are final by now.
    const { part: next } = readAll(moving, part.next, () => {});
    expect(next.from).toBe(part.next);
    expect(next.candles).toBeGreaterThan(5);
  });

  it('are paid once by all who want them', () => {
    const one = world();
    const from = ROWS - (ROWS % CANDLE_ROWS) - 2 * CANDLE_ROWS;
    const first = readAll(one, from, () => {});
    one.moveTo(ROWS + 3 * CANDLE_ROWS);
    const second = readAll(one, from, () => {});
    expect(second.part).toEqual(first.part);
    expect(second.paid).toBe(0);
  });

  it('are read anew when the one that formed is final', () => {
    const moving = world();
    const begin = ROWS - (ROWS % CANDLE_ROWS);
    // Half of it is read when it ends: of the next one all is.
    const { part } = readAll(moving, begin, (times) => {
      if (times === COLUMNS.length / 2) moving.moveTo(begin + CANDLE_ROWS + 100);
    });
    expect(part).toEqual({ from: begin, next: begin + CANDLE_ROWS, candles: 1 });
    const { part: next } = readAll(moving, part.next, () => {});
    expect(next).toEqual({ from: part.next, next: moving.feed.head, candles: 1 });
  });
});
