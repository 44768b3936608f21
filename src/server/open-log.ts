import type { Logger } from 'pino';
import { clusterOptions, type NatsLogOptions } from '../cluster/cluster-options.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { Timeline } from '../core/timeline/timeline.ts';
import type { Clock } from '../host/clock.ts';
import { type Control, openControl } from '../host/control/open-control.ts';

/** Where the log of a market is, and what it begins with. */
export interface LogPlace {
  /** A file. */
  readonly log?: string | undefined;
  /** Or NATS. */
  readonly nats?: NatsLogOptions | undefined;
  readonly anchors: readonly Anchor[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens the log of a market: a file, one in NATS, or none, which ends with this process. Throws one
 * sentence if it cannot be used.
 */
export async function openLog(
  timeline: Timeline,
  { log, nats, anchors, clock, logger }: LogPlace,
  broke: (error: Error) => void,
): Promise<Control> {
  if (nats === undefined) {
    return openControl(timeline, { path: log, anchors, clock, logger, broke });
  }
  // Most servers are alone, and start without a client of NATS.
  const { openCluster } = await import('../cluster/open-cluster.ts');
  const cluster = clusterOptions(nats);
  return openCluster(timeline, { cluster, anchors, clock, logger, broke });
}
