import { headAt, timeOf } from '../../src/core/market/grid.ts';
import { ManualClock } from './clock.ts';
import { marketOf } from './market.ts';
import { startTestServer, type TestServer, type TestServerOptions, UNHURRIED } from './server.ts';

/** A little before the next row is due, so that the server looks often at a clock that was moved. */
const BEFORE_MS = 15;

/** A server whose rows come when the test says so, be they as far apart as they may. */
export interface RowsServer extends TestServer {
  /** Lets so many rows come. */
  rows(count: number): void;
  /** The time of the newest row that is due. */
  newest(): number;
}

export async function startRows(
  spec: { readonly interval: number; readonly origin: number },
  rows: number,
  options: Omit<TestServerOptions, 'spec' | 'clock'> = {},
): Promise<RowsServer> {
  const { grid } = marketOf(spec);
  const clock = new ManualClock(timeOf(grid, rows) - Math.min(BEFORE_MS, grid.intervalMs));
  const limits = { ...UNHURRIED, ...options.limits };
  const server = await startTestServer({ ...options, spec, rows, clock, limits });
  return {
    ...{ ...server, clock },
    rows: (count) => clock.pass(count * spec.interval),
    newest: () => timeOf(grid, headAt(grid, clock.nowMs()) - 1),
  };
}
