/** Things that are done while an instrument is closed, or go on over it. */
import type { Effect } from '../../../src/core/market/entries/effects.ts';
import type { Entry } from '../../../src/core/market/entries/entry.ts';

/** Mondays of seconds, closed around noon: rows 7,201 to 12,599 are held. */
export const NOON = {
  origin: '2026-01-05T09:00:00Z',
  calendar: { days: ['mon'], open: '09:00', close: '15:00', lunch: ['11:00', '12:30'] },
};
export const NOON_HELD = { from: 7_201, next: 12_600 };
/** The rows around it, with what begins and ends in sessions. */
export const NOON_ROWS = { from: 6_500, next: 13_500 };

/** From row to row: what begins or ends in closed hours, or has them within. */
const PLACES = {
  'from a session into the night': [6_900, 9_003],
  'by night': [8_001, 9_003],
  'from the night into a session': [9_003, 12_900],
  'from one session to the next': [6_900, 12_900],
  'from the last row on': [7_200, 7_201],
  'to the first row': [7_201, 12_600],
} as const;

const of = { all: true } as const;

/** Each kind of effect, for so long. */
function effectsFor(forMs: number): readonly Effect[] {
  const common = { of, afterMs: 0 };
  const ramp = { kind: 'ramp', ...common, percent: 8, overMs: forMs } as const;
  const thin = { spread: 7, depth: 0.3, volume: 4 };
  return [
    { kind: 'shift', ...common, percent: -12 },
    { ...ramp, backPercent: 0, backOverMs: 1 },
    { ...ramp, overMs: forMs / 2, backPercent: 60, backOverMs: forMs / 2 },
    { kind: 'volatility', ...common, factor: 3, forMs },
    { kind: 'drift', ...common, percentPerDay: 400, forMs },
    { kind: 'halt', ...common, forMs, resume: 'base' },
    { kind: 'halt', ...common, forMs, resume: 'frozen' },
    { kind: 'liquidity', ...common, ...thin, forMs },
  ];
}

/** Of each kind at each place an entry alone; and logs of many that overlap. */
export const NIGHT_LOGS: readonly { readonly name: string; readonly log: readonly Entry[] }[] = [
  ...Object.entries(PLACES).flatMap(([place, [from, next]]) =>
    effectsFor((next - from) * 1000).map((effect) => ({
      name: `${nameOf(effect)} ${place}`,
      log: [{ key: 'one', index: from, effects: [effect] }],
    })),
  ),
  {
    name: 'all kinds, one behind the other',
    log: Object.values(PLACES).flatMap(([from, next], n) =>
      effectsFor((next - from) * 1000).map((effect, k) => ({
        ...{ key: `${n} ${k}`, index: from + 7 * k, effects: [effect] },
      })),
    ),
  },
  {
    name: 'halts that touch by night',
    log: [6_900, 7_900, 9_500, 12_300].map((index, n) => ({
      ...{ key: `${n}`, index },
      effects: effectsFor(900_000 + n * 50_000).filter(({ kind }) => kind === 'halt'),
    })),
  },
];

function nameOf(effect: Effect): string {
  if (effect.kind === 'ramp') return effect.backPercent === 0 ? 'ramp' : 'ramp and back';
  return effect.kind === 'halt' ? `halt, ${effect.resume}` : effect.kind;
}
