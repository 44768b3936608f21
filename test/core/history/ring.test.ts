import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../../src/core/history/ring.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';

const market = marketOf({ seed: 3, dtype: 'int32', count: 3 });
/** Column by column, from row 0: an endless list, as far as a test looks. */
const ROWS = 4 * BLOCK_ROWS;
const list = market.instruments.map((_, column) => pricesOf(market, column, 0, ROWS));

function moveTo(ring: Ring, head: number): void {
  for (const _ of ring.moveTo(head));
}

function read(ring: Ring, column: number, from: number, next: number): number[] {
  const out = market.newPrices(next - from);
  ring.copy(out, 0, column, from, next);
  return [...out];
}

/** Checks all that a ring holds against the list, by copies, views and single prices. */
function expectTail(ring: Ring): void {
  const { head, tail } = ring;
  for (const [column, prices] of list.entries()) {
    const expected = prices.slice(tail, head);
    expect(read(ring, column, tail, head)).toEqual(expected);
    const views = head > tail ? ring.views(column, tail, head) : [];
    expect(views.flatMap((view) => [...view])).toEqual(expected);
    for (const index of [tail, Math.floor((tail + head) / 2), head - 1]) {
      if (index >= tail) expect(ring.priceAt(column, index)).toBe(prices[index]);
    }
  }
}

describe('a ring that is half way to a new head', () => {
  it('shows no row that has been written over, and keeps the rest', () => {
    const ring = new Ring(market, 2000);
    moveTo(ring, 5000);
    const steps = ring.moveTo(9000);
    for (let step = steps.next(); !step.done; step = steps.next()) {
      expect(ring.head).toBe(5000);
      for (let index = ring.tail; index < ring.head; index++) {
        for (const column of list.keys()) {
          expect(ring.priceAt(column, index)).toBe(list[column][index]);
        }
      }
    }
    expectTail(ring);
  });

  it('makes no more than a block between two yields, and again what is forgotten meanwhile', () => {
    const ring = new Ring(market, 3 * BLOCK_ROWS);
    let [made, most] = [0, 0];
    const counting = Object.assign(Object.create(market) as typeof market, {
      fillBlock: (...args: Parameters<typeof market.fillBlock>) => {
        made += 1;
        market.fillBlock(...args);
      },
      instruments: market.instruments,
      newPrices: (rows: number) => market.newPrices(rows),
    });
    const counted = new Ring(counting, 3 * BLOCK_ROWS);
    for (const _ of counted.moveTo(3 * BLOCK_ROWS)) {
      most = Math.max(most, made);
      made = 0;
    }
    expect(most).toBe(1);
    const steps = ring.moveTo(3 * BLOCK_ROWS);
    for (let n = 0; n < 5; n++) steps.next();
    ring.forgetFrom(100);
    expect(ring.progress).toBeLessThan(1);
    for (const _ of steps);
    expect(ring.progress).toBe(1);
    expectTail(ring);
  });

  it('is not taken back by what was begun before', () => {
    const ring = new Ring(market, 2000);
    const steps = ring.moveTo(5000);
    steps.next();
    moveTo(ring, 9000);
    for (const _ of steps);
    expect(ring.head).toBe(9000);
    expectTail(ring);
  });
});

describe('a ring', () => {
  it('is the tail of an endless list, wherever its head goes and whatever it holds', () => {
    const capacities = fc.oneof(
      fc.constantFrom(
        1,
        2,
        3,
        1023,
        1024,
        1025,
        BLOCK_ROWS - 1,
        BLOCK_ROWS,
        BLOCK_ROWS + 1,
        40_001,
      ),
      fc.integer({ min: 1, max: 50_000 }),
    );
    const moves = fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2500 }),
        fc.integer({ min: 1, max: 40_000 }),
      ),
      { minLength: 1, maxLength: 8 },
    );
    // How much is prepared after each move: nothing, a column, all.
    const prepared = fc.infiniteStream(fc.constantFrom(0, 1, 3));
    const property = fc.property(capacities, moves, prepared, (capacity, steps, columns) => {
      const ring = new Ring(market, capacity);
      let head = 0;
      for (const step of steps) {
        head = Math.min(ROWS, head + step);
        moveTo(ring, head);
        expect(ring.head).toBe(head);
        expect(ring.tail).toBe(Math.max(0, head - capacity));
        expectTail(ring);
        const preparing = ring.prepare();
        for (let count = columns.next().value; count > 0; count--) preparing.next();
        expect(ring.head).toBe(head);
        expectTail(ring);
      }
    });
    fc.assert(property, { seed: 20260101, numRuns: 15 });
  });

  it('is right at every row around the ends of its slots and of blocks', () => {
    for (const capacity of [1, 2, 7, 500]) {
      const ring = new Ring(market, capacity);
      const slots = capacity + 1024 + 128;
      for (const near of [slots, 2 * slots, BLOCK_ROWS, 3 * BLOCK_ROWS]) {
        for (let head = near - 4; head <= near + 4; head++) {
          moveTo(ring, head);
          expectTail(ring);
        }
      }
    }
  });

  it('has nothing to make when rows are due for which it was prepared', () => {
    const ring = new Ring(market, 300);
    for (let head = 3; head < 5000; head += 1 + (head % 100)) {
      const before = ring.head;
      const steps = [...ring.moveTo(head)];
      if (before > 0) expect(steps).toEqual([]);
      for (const _ of ring.prepare());
      expectTail(ring);
    }
    // Whoever did not prepare finds them made all the same.
    for (let head = 5000; head < 9000; head += 700) {
      moveTo(ring, head);
      expectTail(ring);
    }
  });

  it('is prepared no more than once for the same rows, and not before its first one', () => {
    const ring = new Ring(market, 300);
    expect([...ring.prepare()]).toEqual([]);
    moveTo(ring, 1000);
    for (const _ of ring.prepare());
    expect([...ring.prepare()]).toEqual([]);
  });

  it('is readable up to a new head only when all columns are there', () => {
    const ring = new Ring(market, 100);
    moveTo(ring, 50);
    const filling = ring.moveTo(5000);
    while (!filling.next().done) expect(ring.head === 50 || ring.head === 5000).toBe(true);
    expect(ring.head).toBe(5000);
    expectTail(ring);
  });

  it('stays where it is when it is sent back', () => {
    const ring = new Ring(market, 100);
    moveTo(ring, 500);
    for (const head of [499, 1, 0, -1]) moveTo(ring, head);
    expect(ring.head).toBe(500);
    expectTail(ring);
  });

  it('is empty before its first row', () => {
    const ring = new Ring(market, 100);
    moveTo(ring, 0);
    expect([ring.head, ring.tail]).toEqual([0, 0]);
  });

  it('copies to where it is told and nowhere else', () => {
    const ring = new Ring(market, 1000);
    moveTo(ring, 3000);
    const out = market.newPrices(10).fill(-1);
    ring.copy(out, 3, 1, 2020, 2025);
    expect([...out]).toEqual([-1, -1, -1, ...list[1].slice(2020, 2025), -1, -1]);
  });
});
