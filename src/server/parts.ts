import { Feed } from '../core/feed/feed.ts';
import type { Timeline } from '../core/timeline/timeline.ts';
import { Hub } from '../delivery/hub.ts';
import { DELIVERY_LIMITS } from '../delivery/limits.ts';
import type { Protocol, ServerParts } from '../delivery/protocol.ts';
import type { DeliveryService } from '../delivery/service.ts';
import { AccessPolicy, ownNames } from '../host/access/access-policy.ts';
import { withinDescriptors } from '../host/access/descriptors.ts';
import { AwaitedRows } from '../host/awaited-rows.ts';
import { Addresses } from '../host/budgets/addresses.ts';
import { ClientLog } from '../host/client-log.ts';
import type { Control } from '../host/control/open-control.ts';
import { aheadOf } from '../host/control/own-director.ts';
import { Failures } from '../host/failures.ts';
import { Fates } from '../host/faults/fates.ts';
import { FaultSettings } from '../host/faults/fault-settings.ts';
import { FeedWait } from '../host/feed-wait.ts';
import { HOST_LIMITS } from '../host/host-limits.ts';
import { AnswerCache } from '../host/http/answer-cache.ts';
import { limitsIn } from '../host/limits.ts';
import { MarketClock } from '../host/market-clock.ts';
import { Metrics } from '../host/metrics/metrics.ts';
import { Slicer } from '../host/slicer.ts';
import { candlesMb } from './defaults.ts';
import { limitRules } from './limits.ts';
import type { Settled } from './options.ts';
import { packageVersion } from './version.ts';

/** What changes while a server starts and ends. */
export interface ServerState {
  isReady: boolean;
  isDraining: boolean;
}

/** What every part of a server works with. Throws a `RangeError` on an invalid limit or address. */
export function newParts(
  options: Settled,
  timeline: Timeline,
  control: Control,
): {
  readonly parts: ServerParts;
  /** That of the parts, to be filled. */
  readonly spoken: Protocol[];
  readonly state: ServerState;
} {
  const { host, logger, clock, peers, cacheMb } = options;
  const workers = peers?.workers ?? 1;
  const rules = limitRules(options.protocols.map(({ limits }) => limits ?? {}));
  const { limits, maxOwnConnections } = withinDescriptors(
    limitsIn(rules.settle(options.limits), { ...HOST_LIMITS, ...DELIVERY_LIMITS }),
    workers,
    logger,
  );
  const allowedHosts = [...(options.allowedHosts ?? []), ...ownNames(host)];
  const access = new AccessPolicy({ ...options, allowedHosts });
  const state: ServerState = { isReady: false, isDraining: false };
  const feed = new Feed(timeline);
  const marketClock = new MarketClock(clock, control.anchors);
  const own = () => control.direct({ ahead: aheadOf(feed), clock: marketClock, limits, logger });
  const director = peers?.direct(feed, marketClock, own) ?? own();
  const metrics = new Metrics();
  const service: DeliveryService = {
    feed,
    director,
    clock: marketClock,
    wait: new FeedWait(feed, marketClock, director, limits, logger),
    awaited: new AwaitedRows(feed),
    limits,
    limitTexts: rules.texts,
    maxOwnConnections,
    slicer: new Slicer(clock, limits.sliceMs),
    addresses: new Addresses(limits, clock),
    answers: new AnswerCache((cacheMb - candlesMb(cacheMb)) * 2 ** 20),
    metrics,
    faults: new FaultSettings(options.faults),
    fates: new Fates(options.market),
    logger,
    droppedLines: options.droppedLines ?? (() => 0),
    failures: new Failures(logger, clock, metrics),
    log: new ClientLog(logger, clock),
    version: packageVersion(),
    isReady: () => state.isReady,
    isDraining: () => state.isDraining,
    progress: () => (state.isReady ? 1 : feed.progress),
  };
  const spoken: Protocol[] = [];
  return { parts: { service, hub: new Hub(service), access, spoken }, state, spoken };
}
