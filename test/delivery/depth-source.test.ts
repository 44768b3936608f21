import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { depthWantedOf, type Telling } from '../../src/core/history/wanted.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { DepthSource } from '../../src/delivery/depth-source.ts';
import { type FanOutGroup, FanOutGroups } from '../../src/delivery/groups.ts';
import { wantedKey } from '../../src/delivery/subscription.ts';
import { newEncoders } from '../../src/protocols/tickwell/encoders.ts';
import { bookOf, OF_EACH_MODEL } from '../helpers/books.ts';
import { marketOf } from '../helpers/market.ts';
import { ToyEncoder } from '../helpers/toy-encoder.ts';

/** What is made of books, for whom, and who pays, while the head moves on. */

const ROWS = 3000;
/** What stands around the levels of a message counts as so many. */
const MESSAGE = 8;
const WIDE = OF_EACH_MODEL.instruments.findIndex(({ symbol }) => symbol === 'WIDE');
const SHUT = OF_EACH_MODEL.instruments.findIndex(({ symbol }) => symbol === 'SHUT');

function world(columns: readonly number[], levels: number, rows = ROWS, telling?: Telling) {
  // On a Saturday, when one of them is closed.
  const origin = Date.UTC(2026, 0, 10);
  const market = marketOf({ ...OF_EACH_MODEL, origin, interval: 1000, capacity: 5000 });
  const feed = new Feed(market);
  const moveTo = (head: number) => {
    for (const _ of feed.fill(timeOf(market.grid, head - 1)));
  };
  moveTo(rows);
  const source = new DepthSource(feed.history);
  const groups = new FanOutGroups(16_384);
  const wanted = depthWantedOf(columns, levels, telling);
  const encoders = newEncoders(new Timeline(market));
  const join = (name: keyof typeof encoders) =>
    groups.join(encoders[name], wantedKey(market, wanted), wanted);
  return { market, feed, source, groups, wanted, moveTo, join };
}

type World = ReturnType<typeof world>;

/** Reads what comes next in one turn; gives what was paid, undefined if that was too much. */
function read(
  { source }: World,
  group: FanOutGroup,
  from: number,
  { hasBook = true, purse = Number.POSITIVE_INFINITY, between = () => {} } = {},
): number | undefined {
  let paid = 0;
  const pay = (cost: number) => {
    if (paid + cost > purse) return false;
    paid += cost;
    return true;
  };
  for (const steps = source.read(group, from, pay, hasBook); ; between()) {
    const step = steps.next();
    if (step.done) return step.value ? paid : undefined;
  }
}

/** How many levels differ between two rows, and how many there are at the second. */
function levelsOf({ market, wanted }: World, index: number): { changed: number; whole: number } {
  let [changed, whole] = [0, 0];
  for (const column of wanted.columns) {
    const [before, now] = [index - 1, index].map((n) => bookOf(market, column, n, wanted.levels!));
    for (const side of ['bids', 'asks'] as const) {
      const [old, own] = [new Map(before![side]), new Map(now![side])];
      whole += own.size;
      for (const price of new Set([...old.keys(), ...own.keys()])) {
        if (old.get(price) !== own.get(price)) changed += 1;
      }
    }
  }
  return { changed, whole };
}

describe('books for a reader', () => {
  it.each([
    [[WIDE], 1],
    [[WIDE], 20],
    [[WIDE], 100],
    [[0, 3, WIDE], 5],
    [[SHUT], 20],
    [[SHUT, 0], 100],
  ] as const)('of %j, %i levels, are whole as soon as changes are longer', (columns, levels) => {
    const one = world(columns, levels);
    const group = one.join('json');
    let [cost, sawChanges] = [0, false];
    for (let behind = 1; behind <= 40; behind++) {
      const from = ROWS - behind;
      const { changed, whole } = levelsOf(one, from);
      cost += MESSAGE + changed;
      expect(read(one, group, from)).toBeGreaterThanOrEqual(0);
      const part = one.source.put(group, from, true)!;
      const isWhole = cost > MESSAGE + whole || behind > 32;
      sawChanges ||= !isWhole;
      const next = isWhole ? ROWS : from + 1;
      expect([behind, part]).toEqual([behind, { from, next, leftOut: isWhole ? behind - 1 : 0 }]);
    }
    expect(sawChanges).toBe(levels > 5 || columns.length === 3);
  });

  it('are of the newest row for who has none, wherever that begins', () => {
    const one = world([WIDE], 20);
    const group = one.join('binary');
    for (const from of [ROWS, ROWS - 1, ROWS - 7, 0]) {
      read(one, group, from, { hasBook: false });
      const part = one.source.put(group, from, false)!;
      expect(part).toMatchObject({ from, next: ROWS });
      expect(part.leftOut).toBe(Math.max(0, ROWS - from - 1));
    }
  });

  it('are made and paid once for all who want the same, in whatever encoding', () => {
    const one = world([WIDE, 0], 20);
    const [json, binary, events] = (['json', 'binary', 'events'] as const).map(one.join);
    for (const from of [ROWS - 1, ROWS]) {
      if (from === ROWS) one.moveTo(ROWS + 1);
      expect(one.source.put(json!, from, true)).toBeUndefined();
      expect(read(one, binary!, from)).toBeGreaterThan(0);
      const parts = [json, binary, events].map((group) => one.source.put(group!, from, true));
      expect(new Set(parts.map((part) => JSON.stringify(part))).size).toBe(1);
      expect(parts[0]).toMatchObject({ from, next: from + 1 });
      for (const group of [json, events]) expect(read(one, group!, from)).toBe(0);
    }
  });

  it('wait until they can be paid, and go on then', () => {
    const one = world([WIDE], 20);
    const group = one.join('json');
    expect(read(one, group, ROWS - 1, { purse: 100 })).toBeUndefined();
    expect(one.source.put(group, ROWS - 1, true)).toBeUndefined();
    expect(read(one, group, ROWS - 1)).toBeGreaterThan(100);
    expect(one.source.put(group, ROWS - 1, true)).toBeDefined();
  });

  it('come by what was read, with what is behind it, where rows come faster', () => {
    const one = world([WIDE, 0, 1], 100);
    const group = one.join('json');
    let head = ROWS;
    const between = () => one.moveTo(++head);
    for (const hasBook of [false, true]) {
      const from = hasBook ? ROWS - 20 : ROWS;
      read(one, group, from, { hasBook, between });
      const part = one.source.put(group, from, hasBook)!;
      expect(part.next).toBeGreaterThan(part.from);
      expect(part.next).toBeLessThan(head);
    }
  });

  it('that may miss rows have all that any of those changed, in messages of some rows', () => {
    for (const everyRows of [1, 10]) {
      const one = world([WIDE], 20, ROWS, { how: 'since', everyRows });
      const group = one.join('json');
      const due = ROWS - (ROWS % everyRows);
      for (let from = due - 75; from < due; ) {
        const paid = read(one, group, from)!;
        const part = one.source.put(group, from, true)!;
        expect(part).toEqual({ from, next: Math.min(due, from + 32), leftOut: 0 });
        if (from === due - 75) expect(paid).toBeGreaterThan(0);
        from = part.next;
      }
      expect(group.dueAt(ROWS)).toBe(due);
      expect(group.isNear(due, ROWS)).toBe(true);
      expect(group.isNear(due - 1, ROWS)).toBe(false);
    }
  });

  it('that are told whole are those of the newest row, and rows before it are left out', () => {
    const one = world([WIDE], 20, ROWS, { how: 'whole', everyRows: 1 });
    const group = one.join('json');
    for (const behind of [1, 50]) {
      read(one, group, ROWS - behind);
      const part = one.source.put(group, ROWS - behind, true);
      expect(part).toMatchObject({ next: ROWS, leftOut: behind - 1 });
    }
  });

  it('are told without a turn where they are few and their quotes are at hand', () => {
    const told = { how: 'since', everyRows: 1 } as const;
    for (const [telling, isPrompt] of [[told, true] as const, [undefined, false] as const]) {
      const one = world([WIDE], 20, ROWS, telling);
      const group = one.join('json');
      expect(one.source.isPrompt(group)).toBe(false);
      expect(one.source.put(group, ROWS - 1, true)).toBeUndefined();
      expect(read(one, group, ROWS - 1)).toBeGreaterThan(0);
      expect(one.source.put(group, ROWS - 1, true)).toBeDefined();
      expect(one.source.isPrompt(group)).toBe(isPrompt);
      one.moveTo(ROWS + 1);
      expect(one.source.put(group, ROWS, true) !== undefined).toBe(isPrompt);
    }
  });

  it('are none of a market without a row', () => {
    const one = world([WIDE], 20, 0);
    const group = one.join('json');
    expect(one.source.put(group, 0, false)).toBeUndefined();
    one.moveTo(1);
    read(one, group, 0, { hasBook: false });
    expect(one.source.put(group, 0, false)).toEqual({ from: 0, next: 1, leftOut: 0 });
  });

  it('are none of a protocol that has no streams of them', () => {
    const { groups, wanted } = world([WIDE], 20);
    expect(() => groups.join(new ToyEncoder(), 'any', wanted)).toThrow(/must have books/);
  });
});
