import { afterEach, describe, expect, it } from 'vitest';
import { killAll } from './server-process.ts';
import { slow } from './slow.ts';

/** A tenth of the times that are the default; so pongs must come with less data, too. */
const LIMITS = {
  stallMs: 4000,
  pongMs: 3000,
  pingMs: 1000,
  pingBytes: 1024,
  frameBytes: 1024,
};

afterEach(killAll);

describe('clients that never read, and clients at 1 kB/s', () => {
  it('leave healthy ones alone; the stuck are closed with 4001, the slow never', async () => {
    const options = { healthy: 50, stuck: 5, slow: 5, rounds: 1, limits: LIMITS };
    const report = await slow({ ...options, aloneMs: 2000, besideMs: 9000 });
    expect(report.violations, report.table).toEqual([]);
    expect(report.closedMs).toHaveLength(5);
    expect(Math.min(...report.closedMs)).toBeGreaterThan(3900);
  }, 60_000);
});
