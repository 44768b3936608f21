import type { Fields } from '../check.ts';

/** What is done to some instruments in one go, as users say it: all of it, or nothing. */
export interface Scenario {
  /** What people read of it. */
  readonly text: string;
  /** Times count from its start; who it is for is said when it is started. */
  readonly effects: readonly Fields[];
}

/** Those with a name. */
export const SCENARIOS = {
  'flash-crash': {
    text: 'Falls by 12 % within 90 seconds while the book empties, and comes back by most of it.',
    effects: [
      { kind: 'volatility', factor: 25, for: '8m' },
      { kind: 'ramp', percent: -12, over: '90s', backPercent: 85, backOver: '6m' },
      { kind: 'liquidity', spread: 8, depth: 0.1, volume: 8, for: '3m' },
      { kind: 'liquidity', after: '3m', spread: 3, depth: 0.4, volume: 3, for: '5m' },
    ],
  },
  'circuit-breaker': {
    text: 'Falls by 7 % within four minutes, is halted for five, and opens again where it stood.',
    effects: [
      { kind: 'ramp', percent: -7, over: '4m' },
      { kind: 'volatility', factor: 12, for: '4m' },
      { kind: 'liquidity', spread: 4, depth: 0.3, volume: 5, for: '4m' },
      { kind: 'halt', after: '4m', for: '5m', resume: 'frozen' },
      { kind: 'volatility', after: '9m', factor: 5, for: '6m' },
      { kind: 'liquidity', after: '9m', spread: 2, depth: 0.6, volume: 4, for: '6m' },
    ],
  },
  'earnings-gap': {
    text: 'Is halted for two minutes while news comes, and opens 8 % higher, in heavy trading.',
    effects: [
      { kind: 'halt', for: '2m', resume: 'frozen' },
      { kind: 'shift', after: '2m', percent: 8 },
      { kind: 'volatility', after: '2m', factor: 12, for: '10m' },
      { kind: 'liquidity', after: '2m', spread: 2, depth: 0.7, volume: 10, for: '3m' },
      { kind: 'liquidity', after: '5m', spread: 1.3, depth: 0.9, volume: 4, for: '7m' },
    ],
  },
  'melt-up': {
    text: 'Climbs by 20 % within 20 minutes, faster and faster, and gives back a third.',
    effects: [
      { kind: 'ramp', percent: 5, over: '12m' },
      { kind: 'ramp', after: '12m', percent: 14.3, over: '8m', backPercent: 45, backOver: '10m' },
      { kind: 'volatility', factor: 5, for: '12m' },
      { kind: 'volatility', after: '12m', factor: 12, for: '12m' },
      { kind: 'liquidity', volume: 3, for: '12m' },
      { kind: 'liquidity', after: '12m', spread: 2, depth: 0.5, volume: 6, for: '12m' },
    ],
  },
  'dead-market': {
    text: 'Hardly moves for half an hour: few trades, a wide spread, a thin book.',
    effects: [
      { kind: 'volatility', factor: 0.05, for: '30m' },
      { kind: 'liquidity', spread: 4, depth: 0.2, volume: 0.05, for: '30m' },
    ],
  },
  depeg: {
    text: 'Loses its peg in two steps, 12 % in all, and finds most of it again within the hour.',
    effects: [
      { kind: 'ramp', percent: -3, over: '10m', backPercent: 90, backOver: '40m' },
      { kind: 'ramp', after: '10m', percent: -9.3, over: '5m', backPercent: 90, backOver: '35m' },
      { kind: 'volatility', factor: 10, for: '10m' },
      { kind: 'volatility', after: '10m', factor: 40, for: '25m' },
      { kind: 'liquidity', spread: 4, depth: 0.4, volume: 4, for: '10m' },
      { kind: 'liquidity', after: '10m', spread: 12, depth: 0.1, volume: 12, for: '25m' },
    ],
  },
  'fat-finger': {
    text: 'One order far too large: 5 % down at once in an empty book, back in 15 seconds.',
    effects: [
      { kind: 'ramp', percent: -5, over: '1s', backPercent: 100, backOver: '15s' },
      { kind: 'liquidity', spread: 6, depth: 0.1, volume: 30, for: '2s' },
      { kind: 'liquidity', after: '2s', spread: 3, depth: 0.4, volume: 5, for: '15s' },
    ],
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export function isScenarioName(value: unknown): value is ScenarioName {
  return typeof value === 'string' && Object.hasOwn(SCENARIOS, value);
}
