import { describe, expect, it, onTestFinished } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import type { History } from '../../../src/core/history/history.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { Market } from '../../../src/core/market/market.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import type { Listed } from '../../../src/protocols/alpaca/http/items.ts';
import { ListedBars } from '../../../src/protocols/alpaca/http/listed-bars.ts';
import { ListedQuotes } from '../../../src/protocols/alpaca/http/listed-quotes.ts';
import { ListedTrades } from '../../../src/protocols/alpaca/http/listed-trades.ts';
import { newestBooks } from '../../../src/protocols/alpaca/http/newest-quotes.ts';
import { Page } from '../../../src/protocols/alpaca/http/pages.ts';
import { writtenPage } from '../../../src/protocols/alpaca/http/pages-route.ts';
import { type PageStart, pageOf } from '../../../src/protocols/alpaca/http/parameters.ts';
import { snapshotsCost } from '../../../src/protocols/alpaca/http/snapshots.ts';
import { Moment } from '../../../src/protocols/alpaca/moment.ts';
import { AlpacaSymbols } from '../../../src/protocols/alpaca/symbols.ts';
import { marketOf } from '../../helpers/market.ts';
import { startTestServer, UNHURRIED } from '../../helpers/server.ts';
import { counted, mostPerStep } from '../../helpers/steps.ts';
import { get, iso, ORIGIN, ROWS, SPEC } from './world.ts';

const NAMES = ['bars', 'trades', 'quotes'] as const;
const COUNT = 4;
const SOME_ROWS = 6 * BLOCK_ROWS;

/** Stocks with New York's hours, a row every ten seconds. */
function historyOf(): History {
  const stock = { assetClass: 'stock', model: 'market', calendar: 'new-york', tickSize: 0.01 };
  const market = marketOf({
    ...{ origin: ORIGIN, interval: 10_000, capacity: 64, dtype: 'uint32', count: undefined },
    defaults: { startPrice: 80 },
    instruments: Array.from({ length: COUNT }, (_, n) => ({ symbol: `S${n}`, ...stock })),
  });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, SOME_ROWS - 1)));
  return feed.history;
}

interface Asked {
  readonly history: History;
  readonly name: Listed['name'];
  readonly workBurst?: number;
  readonly start?: PageStart | undefined;
  readonly isDown?: boolean;
  readonly pay?: (cost: number) => void;
}

/** All that there is, by so many on a page. */
function planOf(asked: Asked): Generator<void, Page, void> {
  const { history, name, workBurst = 1e15, start, isDown = false, pay = () => {} } = asked;
  const { head, market } = history;
  const range = { startMicros: ORIGIN * 1000, endMicros: timeOf(market.grid, head) * 1000 };
  const about = { history, head, range, isDown, pay };
  const listed =
    name === 'bars'
      ? new ListedBars({ ...about, resolution: parseResolution('1h')! })
      : name === 'trades'
        ? new ListedTrades(about)
        : new ListedQuotes(history, head, range, isDown);
  const symbols = new AlpacaSymbols(market);
  const columns = symbols.all('stock');
  const bounds = { limit: 3000, mostRows: 2 ** 31, workBurst };
  return Page.plan({ listed, symbols, columns, start, isDown, pay, ...bounds });
}

function ended<T>(steps: Generator<unknown, T, void>): T {
  return mostPerStep(steps, () => 0).result;
}

describe('a page', () => {
  it('ends where it would be of too much work, and others go on from there', () => {
    const whole = historyOf();
    const all = ended(ended(planOf({ history: whole, name: 'bars' })).read());
    expect(all.next).toBeNull();
    for (const isDown of [false, true]) {
      const history = historyOf();
      // A quarter of it is three blocks of the six.
      const workBurst = 4 * 9_000_000;
      const bars = new Map<number, unknown[]>();
      let [start, pages]: [PageStart | undefined, number] = [undefined, 0];
      do {
        let paid = 0;
        const pay = (cost: number) => {
          paid += cost;
        };
        const page: Page = ended(planOf({ history, name: 'bars', workBurst, start, isDown, pay }));
        expect(page.cost).toBeLessThanOrEqual(workBurst / 4);
        expect(paid).toBeGreaterThan(0);
        const { of, next } = ended(page.read());
        for (const { column, items } of of) {
          bars.set(column, [...(bars.get(column) ?? []), ...items]);
        }
        start = next === null ? undefined : pageOf({ page_token: next });
        pages += 1;
      } while (start !== undefined);
      expect(pages).toBeGreaterThan(COUNT);
      expect([...bars.keys()]).toEqual(all.of.map(({ column }) => column));
      for (const { column, items } of all.of) {
        const list = bars.get(column)!;
        expect(isDown ? list.toReversed() : list).toEqual(items);
      }
    }
  });

  it('is refused in a sentence where one item of it could never be paid', () => {
    const history = historyOf();
    for (const [name, asked] of [
      ['bars', 'timeframe'],
      ['trades', 'one of trades'],
      ['quotes', 'one of quotes'],
    ] as const) {
      const workBurst = 1_000_000;
      expect(() => ended(planOf({ history, name, workBurst }))).toThrow(
        `${asked} must take at most 875000 prices of work; given: `,
      );
    }
  });

  it('is paid in full before it is read', async () => {
    const query = { symbols: 'ACME,NIMBO', start: iso(ORIGIN), timeframe: '1Hour', limit: 10_000 };
    // Where nothing is kept, what is asked for first is not cheaper for whoever comes later.
    const limits = { ...UNHURRIED, workBurst: 40_000_000, workPerSecond: 40_000_000 };
    const poor = await startTestServer({ spec: SPEC, rows: ROWS, limits, cacheMb: 0 });
    onTestFinished(() => poor.stop());
    let [hours, token, pages]: [number, string | undefined, number] = [0, undefined, 0];
    do {
      // As long as it takes to have a full budget again.
      poor.clock.passSteadily(1000);
      const { json, status } = await get(poor, '/v2/stocks/bars', { ...query, page_token: token });
      expect(status).toBe(200);
      hours += json.bars.ACME?.length ?? 0;
      token = json.next_page_token ?? undefined;
      pages += 1;
    } while (token !== undefined);
    expect(pages).toBeGreaterThan(1);
    expect(hours).toBe(Math.ceil((ROWS - 40) / 60));
  });
});

/**
 * A slice ends at the first yield after 5 ms: each step is well below that. Looking at the clock of
 * trades takes 50 us where it is cold; a row that is sought takes some thirty looks.
 */
describe('a step', () => {
  it.each(NAMES)('that plans %s looks at one column, for two rows at most', (name) => {
    const history = historyOf();
    const { market } = history;
    const looked = counted(market as never, 'tradesBefore' as never);
    const plan = planOf({ history, name, workBurst: 40_000_000 });
    const { most, yields, result } = mostPerStep(plan, looked);
    expect(result.cost).toBeGreaterThan(0);
    expect(yields).toBeGreaterThan(2);
    if (name !== 'quotes') expect(looked()).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(60);
  });

  it.each(NAMES)('that reads and writes %s makes a block, or some items', (name) => {
    const history = historyOf();
    const made = counted(Market.prototype as never, 'fillTrades' as never);
    const priced = counted(Market.prototype as never, 'fillBlock' as never);
    const written = counted(Moment.prototype as never, 'toJSON' as never);
    const page = ended(planOf({ history, name }));
    const symbols = new AlpacaSymbols(history.market);
    const steps = writtenPage(page, name, (column) => symbols.nameOf(column), undefined);
    const blocks = () => made() + priced();
    const { most, yields, result } = mostPerStep(steps, () => 1000 * blocks() + written());
    expect(blocks()).toBeGreaterThan(0);
    const { [name]: by } = JSON.parse(Buffer.concat([...result.pieces]).toString());
    const lists = Object.values(by as Record<string, unknown[]>);
    const items = lists.reduce((sum, { length }) => sum + length, 0);
    expect(written()).toBe(items);
    expect(items).toBeGreaterThan(250);
    expect(yields).toBeGreaterThan(items / 256);
    // The block that is wanted, and the one before it.
    expect(most).toBeLessThanOrEqual(3000 + 256);
  });

  it('that finds out what snapshots cost looks at one column; one that makes books, at some', () => {
    const history = historyOf();
    const columns = Array.from({ length: 40 }, (_, n) => n % COUNT);
    const looked = counted(history.candles as never, 'missing' as never);
    const { head } = history;
    const cost = mostPerStep(snapshotsCost(history, columns, head), looked);
    expect(cost.result).toBeGreaterThan(0);
    expect(looked()).toBeGreaterThanOrEqual(2 * columns.length);
    expect(cost.most).toBeLessThanOrEqual(2);
    const filled = counted(history.market as never, 'bookOf' as never);
    const books = mostPerStep(newestBooks(history, columns, head, 20), filled);
    expect([books.result.length, filled()]).toEqual([columns.length, columns.length]);
    expect(books.most).toBeLessThanOrEqual(16);
  });
});
