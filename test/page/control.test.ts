import { describe, expect, test } from 'vitest';
import { commandText, curlText } from '../../src/page/control/command.ts';
import {
  endOf,
  haltsOf,
  isForGood,
  type LoggedEffect,
  type LoggedEntry,
  marksOf,
  signOf,
} from '../../src/page/control/log.ts';
import { picturePath, shortText } from '../../src/page/control/picture.ts';
import {
  effectsText,
  effectText,
  leftText,
  spanText,
  targetText,
} from '../../src/page/control/words.ts';

const NIMBO = { symbol: 'NIMBO', sector: 'Technology' };
const SECOND_MS = 1_000;

function entry(time: number, ...effects: LoggedEffect[]): LoggedEntry {
  return { key: `at ${time}`, index: time / SECOND_MS, time, market: 'm1', effects };
}

const halt = (forMs: number, more: Partial<LoggedEffect> = {}): LoggedEffect => ({
  ...{ kind: 'halt', for: forMs, resume: 'base' },
  ...more,
});
const shift = (percent: number, more: Partial<LoggedEffect> = {}): LoggedEffect => ({
  ...{ kind: 'shift', percent },
  ...more,
});

describe('halts of an instrument', () => {
  test('are those for it, for its sector and for all, and no others', () => {
    const entries = [
      entry(1_000, halt(2_000, { symbol: 'NIMBO' })),
      entry(10_000, halt(2_000, { sector: 'Technology' })),
      entry(20_000, halt(2_000)),
      entry(30_000, halt(2_000, { symbol: 'GENVO' })),
      entry(40_000, halt(2_000, { sector: 'Energy' })),
      entry(50_000, shift(3)),
    ];
    expect(haltsOf(entries, NIMBO, SECOND_MS)).toEqual([
      { fromMs: 1_000, untilMs: 3_000 },
      { fromMs: 10_000, untilMs: 12_000 },
      { fromMs: 20_000, untilMs: 22_000 },
    ]);
  });

  test('that touch are one, and last whole rows', () => {
    const entries = [
      entry(1_000, halt(5_000), halt(1_500, { after: 4_000 })),
      entry(7_000, halt(100)),
      entry(9_000, halt(1_000)),
    ];
    expect(haltsOf(entries, NIMBO, SECOND_MS)).toEqual([
      { fromMs: 1_000, untilMs: 8_000 },
      { fromMs: 9_000, untilMs: 10_000 },
    ]);
  });
});

describe('marks of an instrument', () => {
  test('stand where an entry begins for it, and where a halt or a jump of it begins later', () => {
    const breaker = entry(
      60_000,
      { kind: 'volatility', factor: 3, for: 4_000 },
      { kind: 'ramp', percent: -7, over: 4_000 },
      halt(5_000, { after: 4_000 }),
      { kind: 'liquidity', after: 9_000, volume: 4, for: 6_000 },
    );
    const marks = marksOf([breaker, entry(90_000, shift(2, { symbol: 'GENVO' }))], NIMBO);
    expect(marks.map((mark) => [mark.timeMs, signOf(mark)])).toEqual([
      [60_000, 'R'],
      [64_000, 'II'],
    ]);
    expect(marks[0]!.effects).toHaveLength(4);
  });
});

test('an entry ends when the last of its effects does, though prices stay where it led them', () => {
  expect(endOf(entry(1_000, halt(2_000), halt(1_000, { after: 5_000 })))).toBe(7_000);
  const back = { kind: 'ramp', percent: 1, over: 100, backPercent: 100, backOver: 50 } as const;
  for (const [percent, end, isStaying] of [
    [100, 1_150, false],
    [85, 1_150, true],
    [0, 1_100, true],
  ] as const) {
    const one = entry(1_000, { ...back, backPercent: percent });
    expect([endOf(one), isForGood(one)]).toEqual([end, isStaying]);
  }
  const shifted = entry(1_000, halt(2_000), shift(1));
  expect([endOf(shifted), isForGood(shifted)]).toEqual([3_000, true]);
  expect(isForGood(entry(1_000, halt(2_000)))).toBe(false);
});

test.each<[LoggedEffect, string]>([
  [shift(-2.5), 'shift −2.5 %'],
  [{ kind: 'ramp', percent: -8, over: 90_000 }, 'ramp −8 % over 90 s'],
  [
    { kind: 'ramp', percent: 9, over: 60_000, backPercent: 50, backOver: 120_000 },
    'ramp +9 % over 1 m, 50 % of it back over 2 m',
  ],
  [{ kind: 'volatility', factor: 3, for: 600_000 }, 'volatility ×3 for 10 m'],
  [{ kind: 'drift', percentPerDay: -4, for: 86_400_000 }, 'drift −4 % a day for 1 d'],
  [halt(30_000), 'halt for 30 s'],
  [
    { kind: 'liquidity', spread: 3, depth: 1, volume: 0.5, for: 1_500 },
    'spread ×3, volume ×0.5 for 1500 ms',
  ],
])('%j is said as %j', (effect, text) => {
  expect(effectText(effect)).toBe(text);
});

test('what is done to several is said once, and so is for whom', () => {
  const effects = [
    shift(1, { symbol: 'A' }),
    shift(1, { symbol: 'B' }),
    halt(1_000, { after: 60_000 }),
  ];
  expect(effectsText(effects)).toBe('shift +1 %; after 1 m halt for 1 s');
  expect(targetText({ effects })).toBe('A and 2 more');
  expect(targetText({ effects: [shift(1)] })).toBe('all');
  expect(targetText({ effects: [shift(1, { sector: 'Energy' })] })).toBe('Energy');
});

test.each([
  [-1, '0:00'],
  [1, '0:01'],
  [252_000, '4:12'],
  [3_599_001, '1 h 0 min'],
  [5 * 3_600_000 + 12 * 60_000, '5 h 12 min'],
  [63 * 3_600_000, '2 d 15 h'],
])('%i ms are left as %j', (ms, text) => {
  expect(leftText(ms)).toBe(text);
});

describe('what is done by a press', () => {
  const server = new URL('http://localhost:8080/');

  test('can be done by a command', () => {
    const scenario = { path: '/scenarios', body: { scenario: 'depeg', symbol: 'NIMBO' } } as const;
    expect(commandText(scenario, server)).toBe('tickwell control scenario depeg --symbol NIMBO');
    expect(commandText(scenario, new URL('https://feed.example/x/'))).toBe(
      'tickwell control scenario depeg --symbol NIMBO --url https://feed.example/x/',
    );
    const body = { kind: 'ramp', percent: -5, over: '90s', backPercent: 50, sector: "Bob's 1" };
    expect(commandText({ path: '/events', body }, server)).toBe(
      "tickwell control ramp --percent -5 --over 90s --back-percent 50 --sector 'Bob'\\''s 1'",
    );
  });

  test('says what the clock does', () => {
    const text = (clock: object) => commandText({ path: '/clock', body: { ...clock } }, server);
    expect(text({ speed: 60 })).toBe('tickwell control speed 60');
    expect(text({ speed: 0 })).toBe('tickwell control speed 0');
    expect(text({ step: 1 })).toBe('tickwell control step 1');
    expect(text({ paused: true })).toBe('tickwell control pause');
    const elsewhere = new URL('https://feed.example/x/');
    const resume = { path: '/clock', body: { paused: false } } as const;
    expect(commandText(resume, elsewhere)).toBe(
      'tickwell control resume --url https://feed.example/x/',
    );
  });

  test('says where a token goes, and not what it is', () => {
    const action = { path: '/clock', body: { speed: 60 } } as const;
    expect(commandText(action, server, true)).toBe(
      'tickwell control speed 60 --token-file token.txt',
    );
    expect(curlText(action, server, true)).toContain('-H "Authorization: Bearer $TOKEN" \\\n');
  });

  test('can be asked for by curl', () => {
    expect(curlText({ path: '/events', body: { kind: 'halt', sector: "it's" } }, server)).toBe(
      "curl -H 'content-type: application/json' \\\n" +
        '  http://localhost:8080/v1/control/events \\\n' +
        `  -d '{"kind":"halt","sector":"it'\\''s"}'`,
    );
  });
});

describe('a picture of a scenario', () => {
  const pointsOf = (effects: readonly LoggedEffect[]) =>
    picturePath(effects, 44, 26)
      .slice(1)
      .split('L')
      .map((point) => point.split(' ').map(Number) as [number, number]);

  test('goes down where the price falls, and stays within its box', () => {
    const points = pointsOf([{ kind: 'ramp', percent: -8, over: 60_000 }]);
    const [first, last] = [points[0]!, points.at(-1)!];
    expect([first[0], last[0]]).toEqual([0, 44]);
    expect(last[1] - first[1]).toBeGreaterThan(15);
    for (const [, y] of points) {
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(26);
    }
  });

  test('is flat while the price stands still, and jumps after it', () => {
    const points = pointsOf([halt(60_000), shift(8, { after: 60_000 })]);
    const inHalt = points.slice(8, 36).map(([, y]) => y);
    expect(new Set(inHalt).size).toBe(1);
    expect(points.at(-1)![1]).toBeLessThan(inHalt[0]! - 15);
  });

  test('has a few words below it', () => {
    const ramps: LoggedEffect[] = [
      { kind: 'ramp', percent: 3, over: 1_000 },
      { kind: 'ramp', percent: -7, over: 240_000 },
      halt(300_000),
    ];
    expect(shortText(ramps, spanText)).toBe('−7 % in 4 m, halt 5 m');
    expect(shortText([{ kind: 'liquidity', volume: 0.1, for: 1 }], spanText)).toBe('volume ×0.1');
  });
});
