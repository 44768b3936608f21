import { afterEach, describe, expect, it } from 'vitest';
import { killAll } from './server-process.ts';
import { soak } from './soak.ts';

afterEach(killAll);

describe('clients behind a bad network, of a server that is killed again and again', () => {
  it('are given every row once, as it was', async () => {
    const report = await soak({ seconds: 10, clients: 12, kills: 4, seed: 1, isShort: true });
    expect(report.violations, report.table).toEqual([]);
    expect(report.kills).toBe(4);
    expect(report.reconnects).toBeGreaterThan(12);
    expect(report.rows).toBeGreaterThan(12 * 100);
  }, 90_000);
});
