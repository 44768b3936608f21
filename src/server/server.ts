import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Feed } from '../core/feed/feed.ts';
import type { Market } from '../core/market/market.ts';
import { selfTest } from '../core/market/selftest.ts';
import { CLOSE_CODES } from '../wire/errors.ts';
import { addAsyncApi } from './asyncapi/route.ts';
import { ClientLog } from './client-log.ts';
import { type Clock, systemClock } from './clock.ts';
import { Addresses } from './guards/addresses.ts';
import { descriptorLimit } from './guards/descriptors.ts';
import { type DoorOptions, Doors, ownNames } from './guards/doors.ts';
import { AnswerCache } from './http/answer-cache.ts';
import { addPage, newApp } from './http/app.ts';
import { addRoutes } from './http/routes.ts';
import { type Limits, limitsOf } from './limits.ts';
import { addressesOf, listen } from './listen.ts';
import { Metrics } from './metrics/metrics.ts';
import { addMetrics } from './metrics/prometheus.ts';
import type { Service } from './service.ts';
import { Slicer, Unwanted } from './slicer.ts';
import { addEvents } from './stream/events-route.ts';
import { BEAT_MS, Hub } from './stream/hub.ts';
import { addStream } from './stream/upgrade.ts';

export interface ServerOptions extends DoorOptions {
  readonly market: Market;
  /** Where to listen: `localhost` for this machine only, `0.0.0.0` for every network. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly logger: Logger;
  /** Where to listen, instead of all addresses of `host`. */
  readonly addresses?: readonly string[];
  readonly clock?: Clock;
  /** Limits that differ from the default ones. */
  readonly limits?: Partial<Limits>;
  /** What answers that never change may take of the memory, kept for the next who asks. */
  readonly cacheMb?: number;
}

/** Of `cacheMb`: ten whole answers. */
export const DEFAULT_CACHE_MB = 64;

/** A market that is served. */
export interface TickwellServer {
  /** Where the page is. */
  readonly url: string;
  readonly feed: Feed;
  /** Resolves when the ring is full and rows flow. */
  readonly ready: Promise<void>;
  /** How much of the ring is filled, from 0 to 1. */
  readonly progress: () => number;
  /** Says goodbye to every client and ends within a few seconds. */
  stop(): Promise<void>;
}

/** As seen from `dist/server` and from `dist/bin`, where all is in one file. */
const PAGE = fileURLToPath(new URL('../page/', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);
/** A wall clock that moved by this much more or less than the steady one has been set. */
const CLOCK_STEP_MS = 500;

/** While it stops, how often connections that have become idle are closed. */
const SWEEP_MS = 50;

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

/**
 * Starts to listen, then fills the ring. Throws if this machine computes other prices, or on an
 * option that is none.
 */
export async function startServer(options: ServerOptions): Promise<TickwellServer> {
  const failures = selfTest();
  if (failures.length > 0) {
    throw new Error(`This machine computes other prices than it must: ${failures.join('; ')}.`);
  }
  const { market, host, port, logger } = options;
  const clock = options.clock ?? systemClock;
  const limits = withinDescriptors(limitsOf(options.limits), logger);
  const allowedHosts = [...(options.allowedHosts ?? []), ...ownNames(host)];
  const doors = new Doors({ ...options, allowedHosts });
  const feed = new Feed(market);
  let isReady = false;
  let filledColumns = 0;
  const service: Service = {
    feed,
    clock,
    limits,
    slicer: new Slicer(clock, limits.sliceMs),
    addresses: new Addresses(limits, clock),
    answers: new AnswerCache((options.cacheMb ?? DEFAULT_CACHE_MB) * 2 ** 20),
    metrics: new Metrics(),
    logger,
    log: new ClientLog(logger, clock),
    version: packageVersion(),
    isReady: () => isReady,
    progress: () => filledColumns / market.instruments.length,
  };
  const { log, metrics, slicer } = service;
  const hub = new Hub(service);

  const app = await newApp(service, doors);
  addRoutes(app, service);
  addMetrics(app, service, hub);
  addEvents(app, hub);
  addAsyncApi(app, service);
  await addPage(app, PAGE);
  addStream(app.server, hub, doors);
  const mostSockets = limits.maxConnections + limits.spareConnections;
  const sockets = new Set<Socket>();
  const drop = (socket?: Socket) => {
    metrics.droppedConnections += 1;
    log.tell('too many connections', { dropped: metrics.droppedConnections });
    socket?.destroy();
  };
  // Node counts those of one address that it listens at, and drops them before they cost anything.
  app.server.maxConnections = mostSockets;
  app.server.on('drop', () => drop());
  app.server.on('connection', (socket) => {
    if (sockets.size >= mostSockets) {
      drop(socket);
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const addresses = options.addresses ?? (await addressesOf(host));
  const unlisten = await listen(app, addresses, port, logger);
  const beat = setInterval(() => hub.beat(), BEAT_MS);
  let tick: NodeJS.Timeout | undefined;
  let stopping: Promise<void> | undefined;
  let offsetMs = clock.nowMs() - clock.steadyMs();

  const run = () => {
    if (stopping !== undefined) return;
    noteClockStep();
    if (feed.advance(clock.nowMs()) > 0) {
      hub.advanced();
      prepare();
    }
    // Looked at each second at least: a clock that stepped back may step forward again.
    const waitMs = Math.min(1000, Math.max(1, feed.nextDueMs() - clock.nowMs()));
    tick = setTimeout(run, waitMs);
  };
  let isPreparing = false;
  const prepare = () => {
    if (isPreparing) return;
    isPreparing = true;
    slicer
      .run(feed.prepare(), () => stopping === undefined)
      .catch((error: unknown) => {
        if (!(error instanceof Unwanted)) logger.error({ err: error }, 'failed');
      })
      .finally(() => {
        isPreparing = false;
      });
  };
  const ready = slicer.run(fill()).then(() => {
    if (stopping !== undefined) return;
    isReady = true;
    filledColumns = market.instruments.length;
    run();
    logger.info({ market: market.id, head: feed.head }, 'ready');
  });

  return {
    url: urlOf(app, host),
    feed,
    ready,
    progress: service.progress,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };

  function* fill(): Generator<void, void, void> {
    for (const _ of feed.fill(clock.nowMs())) {
      filledColumns += 1;
      yield;
    }
  }

  async function stop(): Promise<void> {
    isReady = false;
    unlisten();
    clearTimeout(tick);
    clearInterval(beat);
    hub.closeAll(CLOSE_CODES.shuttingDown, 'shutting down');
    // Whose request has been answered by now need not wait for the others.
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, limits.closeGraceMs);
    await app.close();
    clearTimeout(cut);
    clearInterval(sweep);
    logger.info('stopped');
  }

  function noteClockStep(): void {
    const nowMs = clock.nowMs() - clock.steadyMs();
    const stepMs = Math.round(nowMs - offsetMs);
    offsetMs = nowMs;
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return;
    metrics.clockSteps += 1;
    logger.warn({ stepMs }, 'the clock was set, or the machine slept');
  }
}

/** Node says nothing when descriptors run out: connections are kept below what there are. */
function withinDescriptors(limits: Limits, logger: Logger): Limits {
  const most = descriptorLimit();
  const spareConnections = Math.min(limits.spareConnections, Math.floor(most / 4));
  const maxConnections = Math.min(limits.maxConnections, most - OWN_DESCRIPTORS - spareConnections);
  if (maxConnections < 1) {
    throw new RangeError(
      `the limit of open files (ulimit -n) must be at least ${2 * OWN_DESCRIPTORS}; given: ${most}`,
    );
  }
  if (maxConnections < limits.maxConnections) {
    logger.warn({ maxConnections, openFiles: most }, 'fewer connections than the limit');
  }
  return { ...limits, maxConnections, spareConnections };
}

/** Node's own files and pipes, files of the page that are being sent, the log. */
const OWN_DESCRIPTORS = 48;

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
