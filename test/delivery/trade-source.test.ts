import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { tradesWantedOf } from '../../src/core/history/wanted.ts';
import { finish } from '../../src/core/market/finish.ts';
import { BLOCK_ROWS, timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { Frames } from '../../src/delivery/frames.ts';
import { FanOutGroups } from '../../src/delivery/groups.ts';
import { TradeSource } from '../../src/delivery/trade-source.ts';
import { newEncoders } from '../../src/protocols/tickwell/encoders.ts';
import { marketOf } from '../helpers/market.ts';
import { counted } from '../helpers/steps.ts';

/** What is half read of trades is kept for who waits for it, and no longer. */

const ROWS = 50_000;
const FROM = 5;
const COLUMNS = 3;
const PIECES = 1 + COLUMNS + 1;

function world(count = COLUMNS, model = 'walk') {
  const defaults = { model, tradesPerDay: 200_000 };
  const spec = { seed: 4, dtype: 'int32', count, interval: 1000, capacity: 8, defaults };
  const market = marketOf(spec);
  const feed = new Feed(market);
  finish(feed.fill(timeOf(market.grid, ROWS - 1)));
  const source = new TradeSource(feed.history, new Frames());
  const group = new FanOutGroups(4096).join(
    newEncoders(new Timeline(market)).json,
    'all',
    tradesWantedOf([...market.instruments.keys()]),
  );
  const paid: number[] = [];
  /** Reads as far as so many pieces can be paid; gives whether all could, and it came. */
  const read = (pieces: number, from = FROM) => {
    let left = pieces;
    const pay = (cost: number) => {
      if (left-- <= 0) return false;
      paid.push(cost);
      return true;
    };
    const isPaid = finish(source.read(group, from, pay));
    return isPaid && source.put(group, from) !== undefined;
  };
  const hold = (from = FROM) => source.hold(group, from, true);
  return { market, hold, read, paid };
}

describe('what is half read of trades', () => {
  it('is gone on with while somebody holds it, however many others are read', () => {
    const { hold, read } = world();
    hold();
    expect(read(PIECES - 1)).toBe(false);
    for (let n = 1; n <= 100; n++) {
      hold(FROM + n);
      expect(read(1, FROM + n)).toBe(false);
    }
    expect(read(1)).toBe(true);
  });

  it('is that of all who wait for the same', () => {
    const { hold, read } = world();
    const [one] = [hold(), hold()];
    expect(read(PIECES - 1)).toBe(false);
    one.letGo();
    expect(read(1)).toBe(true);
  });

  it('is gone when nobody waits for it any more', () => {
    const { hold, read } = world();
    const held = hold();
    expect(read(PIECES - 1)).toBe(false);
    held.letGo();
    expect(() => read(1)).toThrow('holds');
    hold();
    expect(read(PIECES - 1)).toBe(false);
    expect(read(1)).toBe(true);
  });

  it('may be let go of after it has come, and another was begun', () => {
    const { hold, read } = world();
    const held = hold();
    expect(read(PIECES)).toBe(true);
    const next = hold();
    expect(read(1)).toBe(false);
    held.letGo();
    expect(read(PIECES - 1)).toBe(true);
    next.letGo();
  });
});

describe('trades of more columns than blocks are kept of', () => {
  it('are read from their rows alone, and paid so', () => {
    const { market, hold, read, paid } = world(100, 'market');
    hold();
    const rowsOf = (...[, , , at = 0, stop = BLOCK_ROWS]: Parameters<typeof market.fillTrades>) =>
      stop - at;
    const made = counted(market as never, 'fillTrades' as never, rowsOf as never);
    expect(read(Number.POSITIVE_INFINITY)).toBe(true);
    expect(made()).toBeGreaterThan(0);
    expect(made()).toBeLessThan(BLOCK_ROWS);
    // Eras apart: these are the first that are read.
    const eras = 100 * (180_000 + 70 * 8000);
    expect(paid.reduce((sum, cost) => sum + cost, 0)).toBeLessThan(eras + 100 * 150_000);
  });
});
