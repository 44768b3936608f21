import { afterEach, describe, expect, it } from 'vitest';
import { killAll } from './server-process.ts';
import { slow } from './slow.ts';

const STUCK = 50;
const SLOW = 50;
/** What may be unread by one connection, the server's and the kernel's together. */
const UNREAD_BYTES = 262_144;

afterEach(killAll);

describe('fifty clients that never read and fifty at 1 kB/s', () => {
  it('are not noticed by five hundred others, nor by the memory; only the stuck are closed', async () => {
    const say = (line: string) => void process.stdout.write(line);
    say('\nSlow readers\n');
    const options = { healthy: 500, stuck: STUCK, slow: SLOW, rounds: 2, limits: {} };
    const report = await slow({ ...options, aloneMs: 25_000, besideMs: 50_000 }, say);
    say(report.table);
    expect(report.violations).toEqual([]);
    expect(report.closedMs).toHaveLength(2 * STUCK);
    expect(Math.min(...report.closedMs)).toBeGreaterThan(29_000);
    expect(Math.max(...report.closedMs)).toBeLessThan(40_000);
    // Other programs share the machine: what happens in one round of two is noise.
    expect(report.ratio).toBeLessThan(2);
    // The slack is what the collector has not looked at yet.
    const most = (STUCK + SLOW) * UNREAD_BYTES + 64 * 2 ** 20;
    expect(report.grownBytes ?? 0).toBeLessThan(most);
  }, 300_000);
});
