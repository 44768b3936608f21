import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../../../src/core/faults/decider.ts';
import {
  FAULT_KINDS,
  type FaultKind,
  GARBAGE_TEXTS,
  isOfSymbols,
  MOST_RETRY_AFTER_S,
  MOST_TICKS_OFF,
} from '../../../src/core/faults/kinds.ts';
import { parseFaults } from '../../../src/core/faults/profile.ts';
import { decidingWord, keyOfClause, type Strike } from '../../../src/core/faults/strike.ts';
import { aProfile } from './profiles.ts';

const GRID = { originMs: Date.UTC(2026, 0, 1), intervalMs: 1000 };
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD'];
/** Beyond 32 bits, so that both words of the counter count. */
const FAR = 2 ** 33 - 5000;

function deciderOf(text: string, { grid = GRID, symbols = SYMBOLS } = {}): Decider {
  return new Decider(parseFaults(text), grid, symbols);
}

/** All that strikes row `index`. */
function allStrikes(decider: Decider, index: number): Strike[] {
  const ofSymbols = decider.symbols.flatMap((_, column) => decider.strikesOf(index, column));
  return [...decider.strikes(index), ...ofSymbols];
}

/** What strikes the rows from `from` on, with their indexes. */
function strikesFrom(decider: Decider, from: number, count: number): [number, Strike][] {
  const rows = Array.from({ length: count }, (_, n) => from + n);
  return rows.flatMap((index) =>
    allStrikes(decider, index).map((s): [number, Strike] => [index, s]),
  );
}

const strikesOf = (text: string, count = 2000) =>
  strikesFrom(deciderOf(text), 0, count).map(([, strike]) => strike);

describe('a rate', () => {
  // Of n rows, each struck with probability p, n p are, with a deviation of sqrt(n p (1 - p)); five
  // of them are passed once in two million.
  it.each([
    ['drop@1%', 0.01],
    ['cut@0.05%', 0.0005],
    ['halfopen@0.0001%', 0.000001],
    ['duplicate@50%', 0.5],
    ['status@99.9999%', 0.999999],
  ])('%s strikes so many of two million rows', (text, p) => {
    const decider = deciderOf(text);
    const count = 2_000_000;
    let found = 0;
    for (let n = 0; n < count; n++) found += decider.strikes(FAR + n).length;
    expect(Math.abs(found - count * p)).toBeLessThan(5 * Math.sqrt(count * p * (1 - p)) + 1);
  });

  it('strikes each instrument by itself', () => {
    const decider = deciderOf('stale@10%');
    const count = 100_000;
    let [first, second, both] = [0, 0, 0];
    for (let index = 0; index < count; index++) {
      const [a, b] = [decider.strikesOf(index, 0).length, decider.strikesOf(index, 1).length];
      first += a;
      second += b;
      both += a * b;
    }
    const within = (found: number, p: number) => {
      expect(Math.abs(found - count * p)).toBeLessThan(5 * Math.sqrt(count * p * (1 - p)));
    };
    within(first, 0.1);
    within(second, 0.1);
    within(both, 0.01);
    expect(decider.strikes(0)).toEqual([]);
  });

  it('strikes all rows or none at its ends', () => {
    expect(strikesOf('drop@100%')).toHaveLength(2000);
    expect(strikesOf('off')).toEqual([]);
  });

  it('strikes the rows of a lower one among others', () => {
    const rows = (text: string) => strikesFrom(deciderOf(text), FAR, 10_000).map(([at]) => at);
    const many = new Set(rows('drop@2%'));
    const few = rows('drop@1%');
    expect(few.length).toBeGreaterThan(50);
    expect(few.filter((at) => !many.has(at))).toEqual([]);
  });
});

describe('a period', () => {
  it.each([
    [1000, 0, '30s'],
    [1000, 300, '30s'],
    [7000, 0, '30s'],
    [7000, 123, '5m'],
    [250, 1, '1s'],
    [60_000, 0, '30s'],
    [1000, 999, '1ms'],
  ])('strikes first rows behind its multiples: rows of %i ms from %i on, %s', (...given) => {
    const [intervalMs, offsetMs, period] = given;
    const grid = { originMs: GRID.originMs + offsetMs, intervalMs };
    const ms = { '30s': 30_000, '5m': 300_000, '1s': 1000, '1ms': 1 }[period]!;
    const found = strikesFrom(deciderOf(`cut@${period}`, { grid }), 0, 500).map(([at]) => at);
    const expected: number[] = [];
    const timeOf = (index: number) => grid.originMs + index * intervalMs;
    for (let index = 0; index < 500; index++) {
      for (let at = timeOf(index); at > timeOf(index - 1); at--) {
        if (at % ms === 0) {
          expected.push(index);
          break;
        }
      }
    }
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(5);
  });

  it('strikes every instrument', () => {
    const found = strikesFrom(deciderOf('stale@10s'), 1, 10);
    const symbols = found.map(([index, strike]) => [index, 'symbol' in strike && strike.symbol]);
    expect(symbols).toEqual(SYMBOLS.map((symbol) => [10, symbol]));
  });
});

describe('a strike', () => {
  it('is settled within what its clause says, and comes near its ends', () => {
    const times = (text: string) =>
      strikesOf(text).map((strike) => ('ms' in strike ? strike.ms : 0));
    for (const kind of ['delay', 'burst', 'stall', 'slow'] as const) {
      const ms = times(`${kind}:200ms-299ms@100%`);
      expect([Math.min(...ms), Math.max(...ms), new Set(ms).size]).toEqual([200, 299, 100]);
      expect(new Set(times(`${kind}:3s@100%`))).toEqual(new Set([3000]));
    }
    const skews = times('skew:1ms-2ms@100%');
    expect([...new Set(skews)].sort()).toEqual([-1, -2, 1, 2]);
    expect([...new Set(times('skew:1s+ahead@100%'))]).toEqual([1000]);
    expect([...new Set(times('skew:1s+behind@100%'))]).toEqual([-1000]);
    const hours = times('skew:1ms-1h+ahead@100%');
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...hours)).toBeLessThanOrEqual(3_600_000);
    expect(Math.max(...hours)).toBeGreaterThan(3_500_000);
  });

  it('says what its clause says', () => {
    const first = (text: string) => allStrikes(deciderOf(text), 5)[0];
    expect(first('drop@100%')).toEqual({ kind: 'drop', clause: 0 });
    expect(first('delay:1s@100%')).toEqual({ kind: 'delay', clause: 0, ms: 1000, overtake: false });
    expect(first('delay:1s+overtake@100%')).toMatchObject({ overtake: true });
    expect(first('close@100%')).toEqual({ kind: 'close', clause: 0, code: 1001 });
    expect(first('close:4321@100%')).toEqual({ kind: 'close', clause: 0, code: 4321 });
    const pace = { kind: 'throttle', clause: 0, bytesPerSecond: 2000 };
    expect(first('throttle:2kB/s@100%')).toEqual(pace);
    expect(first('garbage:half@100%')).toEqual({ kind: 'garbage', clause: 0, form: 'half' });
    expect(first('status:500@100%')).toEqual({ kind: 'status', clause: 0, code: 500 });
    expect(first('stale@100%')).toEqual({ kind: 'stale', clause: 0, symbol: 'AAA' });
    expect(first('corrupt:null@100%')).toEqual({
      kind: 'corrupt',
      clause: 0,
      symbol: 'AAA',
      form: 'null',
    });
  });

  it('draws each form equally often', () => {
    const found = new Map<string, number>();
    for (const strike of strikesOf('corrupt@100%', 7000)) {
      if (strike.kind === 'corrupt') found.set(strike.form, (found.get(strike.form) ?? 0) + 1);
    }
    expect(found.size).toBe(7);
    // 4,000 of each are expected, with a deviation of 59.
    for (const count of found.values()) expect(Math.abs(count - 4000)).toBeLessThan(300);
    const codes = strikesOf('status:429+503@100%').map((s) => (s.kind === 'status' ? s.code : 0));
    expect([...new Set(codes)].sort()).toEqual([429, 503]);
  });

  it('moves a price by so many ticks, up or down', () => {
    const ticks = strikesOf('corrupt:ticks@100%').map((s) => ('ticks' in s ? s.ticks : 0));
    expect(Math.max(...ticks)).toBe(MOST_TICKS_OFF);
    expect(Math.min(...ticks)).toBe(-MOST_TICKS_OFF);
    expect(ticks).not.toContain(0);
    expect(new Set(ticks).size).toBe(2 * MOST_TICKS_OFF);
  });

  it('takes the price of any other instrument', () => {
    const decider = deciderOf('corrupt:other@100%');
    for (const [column, symbol] of SYMBOLS.entries()) {
      const others = new Set<string>();
      for (let index = 0; index < 200; index++) {
        const [strike] = decider.strikesOf(index, column);
        if (strike !== undefined && 'other' in strike) others.add(strike.other);
      }
      expect([...others].sort()).toEqual(SYMBOLS.filter((other) => other !== symbol));
    }
    const alone = deciderOf('corrupt:other@100%', { symbols: ['AAA'] });
    expect(alone.strikesOf(3, 0)[0]).toMatchObject({ form: 'ticks', symbol: 'AAA' });
  });

  it('sends garbage that is no JSON', () => {
    const texts = strikesOf('garbage:text@100%').map((s) => ('text' in s ? s.text : ''));
    expect(new Set(texts)).toEqual(new Set(GARBAGE_TEXTS));
    for (const text of GARBAGE_TEXTS) expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('says after how long to ask again, where the status has it', () => {
    const found = strikesOf('status@100%').filter((strike) => strike.kind === 'status');
    for (const { code, retryAfterS } of found) {
      expect(retryAfterS === undefined).toBe(code === 500 || code === 502);
    }
    const waits = new Set(found.map(({ retryAfterS }) => retryAfterS));
    expect(waits.size).toBe(MOST_RETRY_AFTER_S + 1);
  });
});

describe('what holds from the start of a connection', () => {
  it('strikes no row', () => {
    const decider = deciderOf('drop@1%,throttle:2kB/s,throttle:3kB/s@30s');
    expect(decider.standing).toEqual([{ kind: 'throttle', clause: 1, bytesPerSecond: 2000 }]);
    const paces = strikesFrom(decider, 0, 61).filter(([, { kind }]) => kind === 'throttle');
    expect(paces.map(([index, { clause }]) => [index, clause])).toEqual([
      [0, 2],
      [30, 2],
      [60, 2],
    ]);
  });
});

describe('who decides', () => {
  it('says the same whatever it was asked before, and whoever asks', () => {
    const decider = deciderOf('drop@10%,corrupt@10%,delay:1s-9s@10%,cut@7s');
    const forwards = strikesFrom(decider, FAR, 300);
    const other = deciderOf('drop@10%,corrupt@10%,delay:1s-9s@10%,cut@7s');
    const backwards = Array.from({ length: 300 }, (_, n) => FAR + 299 - n).flatMap((index) => {
      const strikes = allStrikes(other, index).map((strike): [number, Strike] => [index, strike]);
      return strikes.reverse();
    });
    expect(backwards.reverse()).toEqual(forwards);
    expect(forwards.length).toBeGreaterThan(100);
  });

  it('says something else by another seed', () => {
    const rows = (text: string) => strikesFrom(deciderOf(text), 0, 5000).map(([at]) => at);
    expect(rows('drop@1%:1')).not.toEqual(rows('drop@1%:2'));
    // Seeds of more than 32 bits are not cut.
    expect(rows(`drop@1%:${1 + 2 ** 32}`)).not.toEqual(rows('drop@1%:1'));
  });

  it('changes nothing of a clause for those that stand beside it', () => {
    const plain = (decider: Decider, kinds: ReadonlySet<FaultKind>) =>
      strikesFrom(decider, FAR, 50)
        .filter(([, { kind }]) => kinds.has(kind))
        .map(([index, { clause: _clause, ...strike }]) => [index, strike]);
    fc.assert(
      fc.property(aProfile(8), aProfile(8), (one, two) => {
        const kinds = (text: string) => new Set(text.split(',').map((c) => c.split(/[:@]/)[0]));
        const others = kinds(two);
        const own = new Set([...kinds(one)].filter((kind) => !others.has(kind)) as FaultKind[]);
        const joined = [two, one].filter((text) => text !== '').join(',');
        expect(plain(deciderOf(joined), own)).toEqual(plain(deciderOf(one), own));
      }),
      { numRuns: 200 },
    );
  });

  it('has the draws of a clause from its kind, and its place among those of its kind', () => {
    const rows = (text: string, clause: number) =>
      strikesFrom(deciderOf(text), 0, 3000)
        .filter(([, strike]) => strike.clause === clause)
        .map(([index]) => index);
    expect(rows('cut@5%,drop@5%,drop@5%', 1)).toEqual(rows('drop@5%', 0));
    expect(rows('drop@5%,drop@5%', 1)).not.toEqual(rows('drop@5%', 0));
    expect(rows('duplicate@5%', 0)).not.toEqual(rows('drop@5%', 0));
  });

  it('says the same of an instrument wherever it stands', () => {
    const [all, fewer] = [deciderOf('stale@10%'), deciderOf('stale@10%', { symbols: ['CCC'] })];
    for (let index = 0; index < 500; index++) {
      expect(fewer.strikesOf(index, 0)).toEqual(all.strikesOf(index, 2));
    }
  });

  it('draws the words of rows by both halves of their index', () => {
    const key = keyOfClause(1, 'drop', 0, '*');
    expect(decidingWord(key, 5)).not.toBe(decidingWord(key, 5 + 2 ** 32));
    expect(decidingWord(key, 2 ** 45)).toBe(decidingWord(key, 2 ** 45));
  });

  it('strikes by every kind', () => {
    for (const kind of FAULT_KINDS) {
      const how = { delay: ':1s', burst: ':1s', skew: ':1s', stall: ':1s', slow: ':1s' };
      const said = kind === 'throttle' ? ':1kB/s' : (how[kind as keyof typeof how] ?? '');
      const decider = deciderOf(`${kind}${said}@100%`);
      const strikes = isOfSymbols(kind) ? decider.strikesOf(9, 1) : decider.strikes(9);
      expect(strikes.map((strike) => strike.kind)).toEqual([kind]);
    }
  });
});
