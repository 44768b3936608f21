import { Feed } from '../core/feed/feed.ts';
import { Hub } from '../delivery/hub.ts';
import type { House } from '../delivery/protocol.ts';
import { AccessPolicy, ownNames } from '../host/access/access-policy.ts';
import { withinDescriptors } from '../host/access/descriptors.ts';
import { Addresses } from '../host/budgets/addresses.ts';
import { ClientLog } from '../host/client-log.ts';
import { Failures } from '../host/failures.ts';
import { FeedWait } from '../host/feed-wait.ts';
import { AnswerCache } from '../host/http/answer-cache.ts';
import { limitsOf } from '../host/limits.ts';
import { Metrics } from '../host/metrics/metrics.ts';
import type { Service } from '../host/service.ts';
import { Slicer } from '../host/slicer.ts';
import type { Settled } from './options.ts';
import { packageVersion } from './version.ts';

/** What changes while a server starts and ends. */
export interface ServerState {
  isReady: boolean;
  /** Of the ring. */
  filledColumns: number;
}

/** What every part of a server works with. Throws a `RangeError` on an invalid limit or address. */
export function newHouse(options: Settled): { readonly house: House; readonly state: ServerState } {
  const { market, host, logger, clock, peers, cacheMb } = options;
  const workers = peers?.workers ?? 1;
  const { limits, maxOwnConnections } = withinDescriptors(
    limitsOf(options.limits),
    workers,
    logger,
  );
  const allowedHosts = [...(options.allowedHosts ?? []), ...ownNames(host)];
  const access = new AccessPolicy({ ...options, allowedHosts });
  const state: ServerState = { isReady: false, filledColumns: 0 };
  const feed = new Feed(market);
  const metrics = new Metrics();
  const service: Service = {
    feed,
    clock,
    wait: new FeedWait(feed, clock, limits, logger),
    limits,
    maxOwnConnections,
    slicer: new Slicer(clock, limits.sliceMs),
    addresses: new Addresses(limits, clock),
    answers: new AnswerCache(cacheMb * 2 ** 20),
    metrics,
    logger,
    droppedLines: options.droppedLines ?? (() => 0),
    failures: new Failures(logger, clock, metrics),
    log: new ClientLog(logger, clock),
    version: packageVersion(),
    isReady: () => state.isReady,
    progress: () => state.filledColumns / market.instruments.length,
  };
  return { house: { service, hub: new Hub(service), access }, state };
}
