import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER, type Order, Seen } from '../../../src/core/grading/seen.ts';

/** The same by a set of all that was seen, which grows. */
class NaiveSeen {
  readonly seen = new Set<number>();
  last = -1;

  take(place: number): Order {
    if (this.seen.has(place)) return ORDER.twice;
    const isLate = place < this.last;
    this.seen.add(place);
    this.last = Math.max(this.last, place);
    return isLate ? ORDER.late : ORDER.next;
  }

  missing(from: number): number[] {
    const all: number[] = [];
    for (let place = from; place < this.last; place++) if (!this.seen.has(place)) all.push(place);
    return all;
  }
}

function missingOf(seen: Seen): number[] {
  return [...seen.holes()].flatMap(([from, next]) => {
    return Array.from({ length: next - from }, (_, n) => from + n);
  });
}

const PLACES = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 120 });

describe('what was seen', () => {
  it('is as by a set of it, in any order', () => {
    fc.assert(
      fc.property(PLACES, (places) => {
        const [seen, naive] = [new Seen(1000, () => expect.fail()), new NaiveSeen()];
        for (const place of places) expect(seen.take(place)).toBe(naive.take(place));
        expect(seen.next).toBe(naive.last + 1);
        expect(seen.first).toBe(Math.min(...places));
        expect(missingOf(seen)).toEqual(naive.missing(seen.first));
      }),
      { numRuns: 2000 },
    );
  });

  it('is as by a set where all from a place on is wanted', () => {
    fc.assert(
      fc.property(PLACES, (places) => {
        const [seen, naive] = [new Seen(1000, () => expect.fail()), new NaiveSeen()];
        seen.expectFrom(0);
        for (const place of places) expect(seen.take(place)).toBe(naive.take(place));
        expect(missingOf(seen)).toEqual(naive.missing(0));
      }),
      { numRuns: 1000 },
    );
  });

  it('forgets the older half of too many holes, and counts each place once', () => {
    fc.assert(
      fc.property(PLACES, fc.integer({ min: 1, max: 8 }), (places, most) => {
        const lost: number[] = [];
        const seen = new Seen(most, (from, next) => {
          for (let place = from; place < next; place++) lost.push(place);
        });
        const naive = new NaiveSeen();
        let tooLate = 0;
        for (const place of places) {
          const order = seen.take(place);
          expect([...seen.holes()].length).toBeLessThanOrEqual(most);
          // What comes behind what is forgotten is neither of these.
          if (order === ORDER.tooLate) tooLate += 1;
          else expect(order).toBe(naive.take(place));
        }
        const missing = [...lost, ...missingOf(seen)];
        expect(new Set(missing).size).toBe(missing.length);
        expect(missing).toEqual(naive.missing(seen.first));
        expect(tooLate === 0 || lost.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('needs no more than a number for places in order, however many', () => {
    const seen = new Seen(1, () => expect.fail());
    for (let place = 7; place < 1_000_007; place++) seen.take(place);
    expect([...seen.holes()]).toEqual([]);
    expect([seen.first, seen.next]).toEqual([7, 1_000_007]);
  });
});
