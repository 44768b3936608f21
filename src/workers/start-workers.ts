import { Timeline } from '../core/timeline/timeline.ts';
import type { Control } from '../host/control/open-control.ts';
import { addressesOf } from '../host/listen.ts';
import { MarketClock } from '../host/market-clock.ts';
import { openLog } from '../server/open-log.ts';
import { freePortAt } from './free-port.ts';
import { Primary } from './primary.ts';
import type { PrimaryOptions } from './primary-options.ts';

/**
 * Serves a market by several processes at one port: each computes the same prices, so all that goes
 * between them is who holds how much of what is limited.
 *
 *     client - primary - worker: takes it in, and has it until its end
 *                 \
 *                  usage, gone: what the other workers hold
 *
 * Resolves when all listen. Throws what the first to fail says.
 */
export async function startWorkers(options: PrimaryOptions): Promise<Primary> {
  const addresses = await addressesOf(options.host);
  const port = options.port === 0 ? await freePortAt(addresses[0]!) : options.port;
  const timeline = new Timeline(options.market);
  const control = await openControl(options, timeline);
  const { logger, limits } = options;
  const clock = new MarketClock(options.clock, control.anchors);
  const shared = { control, timeline, clock, limits, logger };
  const primary = new Primary(options, { addresses, port, shared });
  try {
    await primary.listening;
  } catch (error) {
    await primary.cut();
    throw error;
  }
  return primary;
}

function openControl(options: PrimaryOptions, timeline: Timeline): Promise<Control> {
  const { logger, logBroke, anchors = [] } = options;
  const broke = (error: Error) => {
    logger.fatal({ err: error }, 'the log is broken: no row is made any more');
    logBroke(error);
  };
  return openLog(timeline, { ...options, anchors }, broke);
}
