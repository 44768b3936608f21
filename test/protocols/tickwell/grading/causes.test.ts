import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../../../../src/core/faults/decider.ts';
import { FAULT_KINDS } from '../../../../src/core/faults/kinds.ts';
import { parseFaults } from '../../../../src/core/faults/profile.ts';
import { CandlesTruth } from '../../../../src/core/grading/candles-truth.ts';
import { CAUSES } from '../../../../src/core/grading/causes.ts';
import { RowsTruth } from '../../../../src/core/grading/rows-truth.ts';
import { TradesTruth } from '../../../../src/core/grading/trades-truth.ts';
import type { Graded, Truth } from '../../../../src/core/grading/truth.ts';
import { parseResolution } from '../../../../src/core/market/resolution.ts';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { gradeOf } from '../../../helpers/grading.ts';
import { marketOf } from '../../../helpers/market.ts';
import {
  type Habits,
  type Message,
  messagesOf,
  type Taken,
  takenBy,
} from '../../../helpers/naive-consumers.ts';
import { pick, seededRandom } from '../../../helpers/random.ts';

const market = marketOf({ interval: 1000, count: 3, origin: '2026-01-01' });
const timeline = new Timeline(market);
const { grid, symbols } = market;
const COLUMNS = [0, 2];
const FROM = 6000;
const ROWS = 400;
const timeAt = (index: number) => grid.originMs + index * grid.intervalMs;
const SOURCE = { timeline, head: () => 2 ** 40, columns: 2 };
const resolution = parseResolution('5s')!;

const TRUTHS: Readonly<Record<Graded, Truth>> = {
  rows: new RowsTruth(SOURCE, ['last']),
  trades: new TradesTruth(SOURCE),
  candles: new CandlesTruth(SOURCE, { resolution, sums: [], isHeldWanted: true }),
};
/** The fields that are written down. */
const FIELDS: Readonly<Record<Graded, readonly string[]>> = {
  rows: ['last'],
  trades: ['time', 'price', 'lots', 'side'],
  candles: ['open', 'high', 'low', 'close'],
};
const MESSAGES: Readonly<Record<Graded, readonly Message[]>> = {
  rows: messagesOf(TRUTHS.rows, COLUMNS, FROM, FROM + ROWS),
  trades: messagesOf(TRUTHS.trades, COLUMNS, FROM, FROM + ROWS),
  candles: messagesOf(TRUTHS.candles, COLUMNS, FROM, FROM + ROWS),
};

/** What was taken as CSV; times of trades in milliseconds with decimals. */
function csvOf(what: Graded, taken: readonly Taken[]): string {
  const fields = FIELDS[what];
  const lines = taken.map(({ column, key, values }) => {
    const cells = fields.map((field, n) => {
      return field === 'time' ? (Number(values[n]) / 1000).toFixed(3) : values[n];
    });
    return `${key},${symbols[column]},${cells.join()}\n`;
  });
  return `${what === 'trades' ? 'id' : 'time'},symbol,${fields.join()}\n${lines.join('')}`;
}

function noExcuses(what: Graded, taken: readonly Taken[], text: string) {
  const request = {
    what,
    resolution: what === 'candles' ? resolution : undefined,
    columns: COLUMNS,
    sinceMs: timeAt(FROM - 1),
    untilMs: timeAt(FROM + ROWS - (what === 'candles' ? 5 : 1)),
    faults: parseFaults(text),
  };
  const { faults } = gradeOf(csvOf(what, taken), { timeline, request, chunkBytes: 10_000 });
  const { noExcuse, kinds } = faults!;
  for (const { strikes, recovered, notRecovered } of Object.values(kinds)) {
    expect(recovered + notRecovered).toBe(strikes);
  }
  return { noExcuse, kinds };
}

const NOTHING = { missing: 0, twice: 0, outOfOrder: 0, wrong: 0, offGrid: 0, tooLate: 0 };

const CLAUSES = [
  ...['drop@1%', 'duplicate@1%', 'reorder@1%', 'delay:1s@1%', 'delay:1s-3s+overtake@1%'],
  ...['burst:2s@40s', 'corrupt@0.5%', 'stale@0.5%', 'skew:1ms-900ms@0.5%', 'skew:1s-2s@0.5%'],
  ...['skew:2s+ahead@55s', 'cut@45s', 'close:1012@70s', 'halfopen@2m', 'stall:2s@50s'],
  ...['throttle:1kB/s', 'throttle:1kB/s@50s', 'garbage:half@0.5%', 'garbage:text@0.5%'],
  ...['status:503@1%', 'truncate@1%', 'slow:1s@1%'],
];
const profile = fc.uniqueArray(fc.constantFrom(...CLAUSES), { minLength: 1, maxLength: 7 });
const habits = fc.record({
  isStrict: fc.boolean(),
  givesUp: fc.boolean(),
  asksAgain: fc.constantFrom('nothing', 'too much', 'late'),
  pollRows: fc.constantFrom(0, 0, 1, 5, 10),
});
const what = fc.constantFrom<Graded>('rows', 'trades', 'candles');
const RUNS = { numRuns: 250 };

/** Rows on both sides of a record in which nothing is struck, so that nothing is of a strike. */
const SPARED: Readonly<Record<Graded, number>> = { rows: 18, trades: 18, candles: 40 };

/** Spoils one record that no strike has come near; gives what that is, or undefined. */
function spoilt(
  of: Graded,
  taken: readonly Taken[],
  decider: Decider,
  random: () => number,
): { readonly taken: Taken[]; readonly sin: keyof typeof NOTHING } | undefined {
  const truth = TRUTHS[of];
  const beside = SPARED[of];
  const isSpared = (index: number) => {
    for (let at = index - beside; at <= index + beside; at++) {
      if (decider.strikes(at).length > 0) return false;
      if (symbols.some((_, column) => decider.strikesOf(at, column).length > 0)) return false;
    }
    return true;
  };
  const indexOf = ({ column, key }: Taken) => {
    const place = truth.placeOf(column, key);
    return place < 0 ? -1 : truth.rowOf(column, place);
  };
  const spared = taken.flatMap((record, n) => {
    const index = indexOf(record);
    return index > FROM + beside && index < FROM + ROWS - beside && isSpared(index) ? [n] : [];
  });
  if (spared.length === 0) return undefined;
  const n = pick(random, spared);
  const record = taken[n]!;
  const sin = pick(random, ['missing', 'twice', 'outOfOrder', 'wrong', 'offGrid'] as const);
  const field = of === 'trades' ? 1 : of === 'candles' ? 3 : 0;
  const others = taken.toSpliced(n, 1);
  if (sin === 'missing') return { sin, taken: others };
  if (sin === 'twice') return { sin, taken: taken.toSpliced(n, 0, record) };
  if (sin === 'outOfOrder') {
    const next = others.findIndex(({ column }, at) => at >= n && column === record.column);
    return { sin, taken: others.toSpliced(next + 1, 0, record) };
  }
  if (sin === 'wrong') {
    const values = record.values.with(field, Number(record.values[field]) + 1);
    return { sin, taken: taken.with(n, { ...record, values }) };
  }
  const off = { ...record, key: of === 'trades' ? -1 : grid.originMs - 86_400_000 * 7 - 13 };
  return { sin, taken: taken.toSpliced(n, 0, off) };
}

describe('the table of docs/grading.md', () => {
  const text = readFileSync(new URL('../../../../docs/grading.md', import.meta.url), 'utf8');
  const [, under = ''] = text.split('## Under faults');
  const table = [...under.matchAll(/^\| `.*\|$/gm)].map(([row]) => {
    return row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  });
  const sins = ['missing', 'twice', 'outOfOrder', 'wrong', 'offGrid'] as const;

  it.each(FAULT_KINDS)('says of %s what the code has it cause', (kind) => {
    const of = table.filter(([names]) => new RegExp(`\`${kind}\`(?! with)`).test(names!));
    expect(of).toHaveLength(1);
    const { ofItself, behindIt } = CAUSES[kind];
    for (const [n, sin] of sins.entries()) {
      const cell = of[0]![n + 1]!;
      if (kind === 'skew' && (sin === 'offGrid' || sin === 'wrong')) continue;
      expect(/its (record|price)/.test(cell), `${kind} ${sin}`).toBe(ofItself.includes(sin));
      const isBehind = behindIt !== undefined && ['missing', 'twice', 'outOfOrder'].includes(sin);
      expect(/what (follows|is asked)/.test(cell), `${kind} ${sin}`).toBe(isBehind);
    }
  });
});

describe('what a program has of a feed that misbehaves', () => {
  it('has an excuse all the same, whatever its habits; what else is wrong has none', () => {
    const found = { spoilt: 0, struck: 0 };
    fc.assert(
      fc.property(profile, habits, what, fc.nat(1e6), (clauses, how, of, seed) => {
        const text = `${clauses.join()}:${seed}`;
        const decider = new Decider(parseFaults(text), grid, symbols);
        const random = seededRandom(seed);
        const taken = takenBy(TRUTHS[of], decider, MESSAGES[of], { ...how, random } as Habits);
        const { noExcuse, kinds } = noExcuses(of, taken, text);
        expect(noExcuse).toEqual(NOTHING);
        if (Object.values(kinds).some(({ notRecovered }) => notRecovered > 0)) found.struck += 1;
        const spoiling = spoilt(of, taken, decider, random);
        if (spoiling === undefined) return;
        found.spoilt += 1;
        const { sin } = spoiling;
        expect(noExcuses(of, spoiling.taken, text).noExcuse).toEqual({ ...NOTHING, [sin]: 1 });
      }),
      RUNS,
    );
    // Neither is left out by accident.
    expect(found.spoilt).toBeGreaterThan(RUNS.numRuns / 5);
    expect(found.struck).toBeGreaterThan(RUNS.numRuns / 3);
  }, 120_000);
});
