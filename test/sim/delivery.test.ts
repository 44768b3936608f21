import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Story, stories } from './commands.ts';
import { World } from './world.ts';

/** `npm run soak` sets the number of runs; a seed that failed can be run again. */
const RUNS = Number(process.env.TICKWELL_SIM_RUNS ?? 10_000);
const SEED = process.env.TICKWELL_SIM_SEED;

/** What must have happened for the test to mean something. */
const EVENTS = [
  'settled after lapped reads',
  'settled after a wrap of the ring',
  'rows with lag',
  'rows up to the head',
  'rows with fields',
  'skipped',
  'unsubscribed',
  'fetched',
  'folded',
  'forming',
  'forming with lag',
  'a final candle',
  'final candles',
  'a final candle of the past',
  'final candles of the past',
  'candles with fields',
  'final by a zone',
  'final by months',
  'trades with lag',
  'trades up to the head',
  'heartbeat',
  'market ids',
  ...['shift', 'ramp', 'volatility', 'drift', 'halt', 'liquidity'].map((kind) => `entry ${kind}`),
  'cut amid bytes',
  'resume elsewhere',
  'error rate_limited',
  'error too_many',
  'closed 4000',
  'closed 4001',
  'closed 4002',
];

describe('delivery', () => {
  it('sends every row and trade exactly once, in order, and candles as they form, whatever happens', {
    timeout: 3_600_000,
  }, async () => {
    const failures: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
    const counts = new Map<string, number>();
    const count = (event: string) => void counts.set(event, (counts.get(event) ?? 0) + 1);
    const property = fc.asyncProperty(stories, async ({ conditions, commands }: Story) => {
      const world = new World(conditions, logger, count);
      for (const command of commands) await world.run(command);
      await world.settle();
      expect(failures.splice(0)).toEqual([]);
    });
    const seed = SEED === undefined ? {} : { seed: Number(SEED) };
    await fc.assert(property, { numRuns: RUNS, ...seed });
    for (const event of RUNS < 1000 ? [] : EVENTS)
      expect(counts.get(event), event).toBeGreaterThan(0);
    // biome-ignore lint/suspicious/noConsole: what happened how often, when asked.
    if (process.env.TICKWELL_SIM_COUNTS) console.log(Object.fromEntries([...counts].sort()));
  });
});
