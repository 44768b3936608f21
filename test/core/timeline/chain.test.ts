import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/core/market/entries/effects.ts';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';

const market = marketOf({ count: 2 });
const fall: Effect = { kind: 'shift', of: { all: true }, afterMs: 0, percent: -10 };
const rise: Effect = { ...fall, percent: 10 };
const entry = (index: number, effect: Effect, key = `${index}`): Entry => ({
  key,
  index,
  effects: [effect],
});

describe('the chain of ids', () => {
  it('begins with the id of the market, which speaks for all rows', () => {
    const timeline = new Timeline(market);
    expect(timeline.id).toBe(market.id);
    expect(timeline.idAt(0)).toBe(market.id);
    expect(timeline.idAt(1e9)).toBe(market.id);
    expect(timeline.nextChange(0)).toBe(Number.POSITIVE_INFINITY);
    expect(timeline.endOf(market.id)).toBe(Number.POSITIVE_INFINITY);
  });

  it('has an id for the rows from each entry on, which speaks for those before the next', () => {
    const timeline = new Timeline(market, [entry(10, fall), entry(20, rise)]);
    const [first, second, third] = [9, 10, 20].map((row) => timeline.idAt(row));
    expect(new Set([first, second, third]).size).toBe(3);
    expect(first).toBe(market.id);
    expect(timeline.idAt(19)).toBe(second);
    expect(timeline.id).toBe(third);
    expect([first, second, third].map((id) => timeline.endOf(id!))).toEqual([
      10,
      20,
      Number.POSITIVE_INFINITY,
    ]);
    expect([0, 9, 10, 19, 20].map((row) => timeline.nextChange(row))).toEqual([
      10,
      10,
      20,
      20,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('is in the order of effect, whatever the order of the log', () => {
    const [early, late] = [entry(10, fall), entry(20, rise)];
    const told = new Timeline(market, [early, late]);
    expect(new Timeline(market, [late, early]).id).toBe(told.id);
    expect(new Timeline(market, [late, early]).entries).toEqual([early, late]);
  });

  it('is the same in whatever order it grew', () => {
    const entries = Array.from({ length: 20 }, (_, n) => entry(10 * n, n % 3 === 0 ? rise : fall));
    const told = new Timeline(market, entries);
    const ids = (of: Timeline) => entries.map(({ index }) => of.idAt(index));
    const orders = fc.shuffledSubarray(entries, { minLength: entries.length });
    fc.assert(
      fc.property(orders, (order) => {
        const grown = new Timeline(market, order);
        expect(ids(grown)).toEqual(ids(told));
        expect(grown.id).toBe(told.id);
      }),
    );
  });

  it('has those of one row in the order of the log', () => {
    const [one, other] = [entry(10, fall, 'a'), entry(10, rise, 'b')];
    const timeline = new Timeline(market, [one, other]);
    expect(timeline.entries).toEqual([one, other]);
    expect(new Timeline(market, [other, one]).id).not.toBe(timeline.id);
    // The first of them is in force at no row: the id that it makes speaks for none before it.
    const between = new Timeline(market, [one]).id;
    expect(timeline.endOf(between)).toBe(10);
    expect(timeline.idAt(10)).toBe(timeline.id);
  });

  it('does not tell what another market, or another log, is', () => {
    const timeline = new Timeline(market, [entry(10, fall)]);
    const other = new Timeline(market, [entry(11, fall)]);
    expect(timeline.endOf(other.id)).toBeUndefined();
    expect(timeline.endOf(marketOf({ count: 3 }).id)).toBeUndefined();
    // The entry's key is its client's, and decides no price.
    expect(new Timeline(market, [entry(10, fall, 'x')]).id).toBe(timeline.id);
  });
});
