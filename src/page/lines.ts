import { fetchRows, fetchSparklines } from '../client/index.ts';
import type { LinesAnswer, LinesQuery } from './following.ts';
import { inTime } from './in-time.ts';
import { askNamed } from './market-id.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';
import { DAY_MS } from './time/resolution.ts';

/** The last 24 hours of instruments, and whether they trade now. */
export function fetchLines(model: Model, { points, ...query }: LinesQuery): Promise<LinesAnswer> {
  return askNamed(model, async (market) => {
    const asked = { url: SERVER, fetch: inTime(fetch), market, ...query };
    const [{ prices }, { status }] = await Promise.all([
      fetchSparklines({ ...asked, points, spanMs: DAY_MS }),
      // A row may be long in coming, where time stands still.
      fetchRows({ ...asked, fields: ['status'], last: 1 }),
    ]);
    return { prices, statuses: status };
  });
}
