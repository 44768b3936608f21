import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../src/core/faults/kinds.ts';
import { KINDS, play, playMany, WAYS } from './faulty-clients.ts';

const RUNS = Number(process.env.TICKWELL_CLIENT_RUNS ?? 100);
const SEED = process.env.TICKWELL_SIM_SEED;
const HOUR_MS = 3_600_000;

/** How a kind is said that cannot stand alone, or would do more than can be seen. */
const HOW: Readonly<Record<string, string>> = {
  ...{ delay: 'delay:1s-4s', burst: 'burst:5s', stall: 'stall:1s-5s', slow: 'slow:1s' },
  ...{ skew: 'skew:1ms-999ms', throttle: 'throttle:500B/s', halfopen: 'halfopen@20s' },
};

describe('the client under faults', { timeout: HOUR_MS }, () => {
  it.each(FAULT_KINDS)('tells every row exactly once in the end: %s', async (kind) => {
    const how = HOW[kind] ?? kind;
    const profile = how.includes('@') ? how : `${how}@10%`;
    for (const [n, what] of KINDS.entries()) {
      const way = WAYS[(n + FAULT_KINDS.indexOf(kind)) % WAYS.length]!;
      const { code } = await play({ kind: what, way, profile, seed: 1, rows: 60 });
      expect(code, `${what} by ${way}`).toBeUndefined();
    }
  });

  it.each(KINDS)('tells all but rows beside a time that is off by whole rows: %s', async (kind) => {
    for (const [n, how] of [
      'skew:1s',
      'skew:2s+ahead',
      'skew:3s+behind',
      'skew:1s+behind',
    ].entries()) {
      const way = WAYS[n % WAYS.length]!;
      await play({ kind, way, profile: `${how}@5%`, seed: n, rows: 90 });
    }
  });

  it('does so under any of them together, or ends with an error that has a name', async () => {
    const seed = SEED === undefined ? undefined : Number(SEED);
    const { played, harmed, ended } = await playMany(RUNS, seed);
    expect(played).toBe(RUNS);
    expect(harmed).toBeGreaterThan(RUNS / 3);
    expect(ended).toBeLessThan(RUNS / 3);
  });
});
