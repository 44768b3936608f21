import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import type { Prices } from '../../../src/core/market/dtype.ts';
import {
  FIELDS,
  type Field,
  newTrades,
  type TradeSums,
  type Trades,
} from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { Market } from '../../../src/core/market/market.ts';
import type { Fold, Model } from '../../../src/core/market/models/model.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { marketOf } from '../../helpers/market.ts';

const MODELS = ['walk', 'gbm', 'ou', 'jump', 'crash-boom', 'range', 'regime', 'market'];
const SPEC = { seed: 8, count: 3 };
/** Rows are read around the ends of blocks, and from what has left the ring. */
const RINGS = [
  { capacity: 3_000, start: BLOCK_ROWS - 2_000 },
  { capacity: 50, start: BLOCK_ROWS / 2 },
];
/** A reader at the head comes back after a few rows, or after many. */
const rows = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 1_500 }));

/** A market whose rows from some index on can become others, as those of a future may. */
class Changing extends Market {
  readonly #changes: { readonly from: number; readonly number: number }[] = [];

  changeFrom(from: number): void {
    this.#changes.push({ from, number: this.#changes.length + 1 });
  }

  override fillBlock(out: Prices, column: number, block: number): void {
    super.fillBlock(out, column, block);
    for (let row = 0; row < BLOCK_ROWS; row++) out[row]! += this.#changeOf(block, row) % 7;
  }

  override fillTrades(out: Trades, column: number, block: number, from = 0, next = BLOCK_ROWS) {
    super.fillTrades(out, column, block, from, next);
    for (let row = from; row < next; row++) {
      const number = this.#changeOf(block, row);
      out.bid[row]! += number % 7;
      out.ask[row]! += number % 7;
      out.volume[row]! += number;
      out.trades[row]! += number;
      out.aggressor[row] = (out.aggressor[row]! + number) % 3;
    }
  }

  override fold(fold: Fold, column: number, from: number, next: number): void {
    for (const { block, rowFrom, rowNext } of parts(from, next)) {
      const prices = this.newPrices(BLOCK_ROWS);
      this.fillBlock(prices, column, block);
      fold.addPrices(prices, rowFrom, rowNext);
    }
  }

  override foldTrades(tradeSums: TradeSums, column: number, from: number, next: number): void {
    for (const { block, rowFrom, rowNext } of parts(from, next)) {
      const trades = newTrades(this.spec.dtype, BLOCK_ROWS);
      this.fillTrades(trades, column, block, rowFrom, rowNext);
      tradeSums.add(trades, rowFrom, rowNext);
    }
  }

  #changeOf(block: number, row: number): number {
    const index = block * BLOCK_ROWS + row;
    return this.#changes.findLast(({ from }) => from <= index)?.number ?? 0;
  }
}

function* parts(from: number, next: number) {
  for (let index = from; index < next; ) {
    const block = Math.floor(index / BLOCK_ROWS);
    const first = block * BLOCK_ROWS;
    const end = Math.min(next, first + BLOCK_ROWS);
    yield { block, rowFrom: index - first, rowNext: end - first };
    index = end;
  }
}

/** The rows themselves, as `market` makes them now. */
function truth(market: Market, field: Field, column: number, from: number, next: number): number[] {
  if (field === 'status') {
    const status = new Uint8Array(next - from);
    market.fillStatus(status, 0, column, from, next);
    return [...status];
  }
  return [...parts(from, next)].flatMap(({ block, rowFrom, rowNext }) => {
    const made = newTrades(market.spec.dtype, BLOCK_ROWS);
    const prices = market.newPrices(BLOCK_ROWS);
    if (field === 'last') market.fillBlock(prices, column, block);
    else market.fillTrades(made, column, block);
    return [...(field === 'last' ? prices : made[field]).subarray(rowFrom, rowNext)];
  });
}

function read(history: History, field: Field, column: number, from: number, next: number) {
  const out = history.newValues(field, next - from);
  history.copyField(out, 0, field, column, from, next);
  return [...out];
}

/** What is done with a history; each part is a step, so that forgetting may come between. */
type Deed =
  | { readonly kind: 'move' | 'forget'; readonly rows: number }
  | { readonly kind: 'prepare' | 'follow' }
  | { readonly kind: 'step'; readonly steps: number }
  | {
      readonly kind: 'read';
      readonly field: Field;
      readonly column: number;
      readonly back: number;
      readonly rows: number;
    };

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), rows }),
  fc.record({ kind: fc.constant('forget' as const), rows }),
  fc.record({ kind: fc.constantFrom('prepare' as const, 'follow' as const) }),
  fc.record({ kind: fc.constant('step' as const), steps: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    kind: fc.constant('read' as const),
    field: fc.constantFrom(...FIELDS),
    column: fc.integer({ min: 0, max: SPEC.count - 1 }),
    back: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6_000 })),
    rows: fc.integer({ min: 1, max: 2_000 }),
  }),
);

/** Does all of it; what is begun goes on between the others, and is read against `truthOf`. */
function live(
  history: History,
  start: number,
  list: readonly Deed[],
  onForget: (from: number) => void,
): void {
  for (const _ of history.moveTo(start));
  let begun: Generator<void, void, void> | undefined;
  const end = () => {
    for (const _ of begun ?? []);
    begun = undefined;
  };
  for (const deed of list) {
    switch (deed.kind) {
      case 'move':
        end();
        begun = history.moveTo(history.head + deed.rows);
        begun.next();
        break;
      case 'prepare':
        end();
        begun = history.ring.prepare();
        begun.next();
        break;
      case 'follow':
        end();
        begun = history.trades.follow([0, 1, 2]);
        begun.next();
        break;
      case 'step':
        for (let n = 0; n < deed.steps; n++) begun?.next();
        break;
      case 'forget': {
        const from = history.head + deed.rows;
        onForget(from);
        history.forgetFrom(from);
        break;
      }
      case 'read': {
        const { field, column } = deed;
        const from = Math.max(0, history.head - deed.back);
        const next = Math.min(history.head, from + deed.rows);
        const expected = truth(history.market, field, column, from, next);
        expect(read(history, field, column, from, next)).toEqual(expected);
        break;
      }
    }
  }
  end();
  for (const field of FIELDS) {
    const from = history.head - 700;
    const expected = truth(history.market, field, 1, from, history.head);
    expect(read(history, field, 1, from, history.head)).toEqual(expected);
  }
}

describe('rows that are forgotten', () => {
  it('are made again as they are by then, wherever they were kept, and none before them', () => {
    const lists = fc.array(deeds, { minLength: 10, maxLength: 40 });
    const property = fc.property(fc.constantFrom(...RINGS), lists, ({ capacity, start }, list) => {
      const market = new Changing(marketOf(SPEC).spec);
      live(new History(market, capacity), start, list, (from) => market.changeFrom(from));
    });
    fc.assert(property, { seed: 20261129, numRuns: 60 });
  });

  it.each(MODELS)('are the same bytes as if they never had been: %s', (model) => {
    const spec = { ...SPEC, defaults: { model } };
    const property = fc.property(fc.array(deeds, { minLength: 5, maxLength: 20 }), (list) => {
      const never = marketOf(spec);
      const history = new History(marketOf(spec), RINGS[0].capacity);
      live(history, RINGS[0].start, list, () => {});
      const { head } = history;
      for (const field of FIELDS) {
        const expected = truth(never, field, 0, head - 300, head);
        expect(read(history, field, 0, head - 300, head)).toEqual(expected);
      }
    });
    fc.assert(property, { seed: 20261129, numRuns: 3 });
  });

  it('are made again where so many columns are followed that no blocks are kept', () => {
    const market = new Changing(marketOf({ ...SPEC, count: 200 }).spec);
    const history = new History(market, 100);
    const column = 199;
    for (const _ of history.moveTo(1_000));
    for (const _ of history.trades.follow(market.instruments.map((_, n) => n)));
    market.changeFrom(1_001);
    history.forgetFrom(1_001);
    // The newest column of all that are followed is the last to have been made ahead.
    for (const _ of history.ring.moveTo(1_010));
    const expected = truth(market, 'trades', column, 995, 1_010);
    expect(read(history, 'trades', column, 995, 1_010)).toEqual(expected);
  });

  it('are forgotten by the market too', () => {
    const market = marketOf(SPEC);
    const told: number[] = [];
    market.forgetFrom = (index) => void told.push(index);
    new History(market).forgetFrom(12);
    expect(told).toEqual([12]);
  });

  it('are none that can be read already', () => {
    const history = new History(marketOf(SPEC));
    for (const _ of history.moveTo(100));
    expect(() => history.forgetFrom(99)).toThrow('index must be a whole number of at least the');
    expect(() => history.forgetFrom(100.5)).toThrow('index must be');
    history.forgetFrom(100);
  });
});

describe('working memory', () => {
  /** A model that counts how often its blocks are made. */
  function counting(): { model: Model; made: () => number } {
    let made = 0;
    const model: Model = {
      fillBlock: (out) => {
        made += 1;
        out.fill(made);
      },
      fillActivity: (out) => {
        made += 1;
        out.fill(made);
      },
      fillCoordinates: (out) => void out.fill(0),
    };
    return { model, made: () => made };
  }

  it.each([
    ['prices', (scratch: Scratch, model: Model) => scratch.pricesOf(model, 3)[0]],
    ['activity', (scratch: Scratch, model: Model) => scratch.activityOf(model, 3)[0]],
    ['the last price', (scratch: Scratch, model: Model) => scratch.lastPriceOf(model, 3)],
  ])('has %s at hand until rows of their block are forgotten', (_what, read) => {
    const { model, made } = counting();
    const scratch = new Scratch('uint16');
    expect(read(scratch, model)).toBe(1);
    scratch.forgetFrom(4 * BLOCK_ROWS);
    expect(read(scratch, model)).toBe(1);
    scratch.forgetFrom(4 * BLOCK_ROWS - 1);
    expect(read(scratch, model)).toBe(2);
    expect(made()).toBe(2);
  });

  it('has blocks and tables of eras at hand until rows of theirs are forgotten', () => {
    const scratch = new Scratch('uint16');
    const owner = scratch.newOwner();
    let made = 0;
    const block = () => scratch.block(owner, 3, (out) => out.fill(++made))[0];
    const era = () => scratch.era(owner, 2, () => Float64Array.of(++made))[0];
    expect([block(), era(), block(), era()]).toEqual([1, 2, 1, 2]);
    scratch.forgetFrom(3 * ERA_ROWS);
    expect([block(), era()]).toEqual([1, 2]);
    scratch.forgetFrom(3 * ERA_ROWS - 1);
    expect([block(), era()]).toEqual([1, 3]);
    scratch.forgetFrom(4 * BLOCK_ROWS - 1);
    expect([block(), era()]).toEqual([4, 5]);
  });

  it('has tables of days and ages at hand until anything is forgotten', () => {
    const scratch = new Scratch('uint16');
    const [a, b] = [scratch.newOwner(), scratch.newOwner()];
    let made = 0;
    const make = () => ({ number: ++made });
    const places = [-1, 0, 2 ** 25];
    const all = () => [
      ...places.map((place) => scratch.table(a, place, 8, make).number),
      scratch.table(b, 0, 8, make).number,
      scratch.segment(a, 0, 8, make).number,
    ];
    expect(all()).toEqual([1, 2, 3, 4, 5]);
    expect(all()).toEqual([1, 2, 3, 4, 5]);
    const { changes } = scratch;
    scratch.forgetFrom(1e9);
    expect(scratch.changes).toBe(changes + 1);
    expect(all()).toEqual([6, 7, 8, 9, 10]);
  });

  it('keeps the last price of a block for the next, until it is forgotten', () => {
    const { model, made } = counting();
    const scratch = new Scratch('uint16');
    scratch.keepLastPrice(model, 6, 77);
    expect(scratch.lastPriceOf(model, 6)).toBe(77);
    scratch.forgetFrom(6 * BLOCK_ROWS + 5);
    expect(scratch.lastPriceOf(model, 6)).toBe(1);
    expect(made()).toBe(1);
  });
});
