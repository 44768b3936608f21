import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Feed } from '../core/feed/feed.ts';
import type { Market } from '../core/market/market.ts';
import { layOut } from '../core/market/nearest.ts';
import { selfTest } from '../core/market/selftest.ts';
import { BEAT_MS, Hub } from '../delivery/hub.ts';
import { type AccessOptions, AccessPolicy, ownNames } from '../host/access/access-policy.ts';
import { withinDescriptors } from '../host/access/descriptors.ts';
import { Addresses } from '../host/budgets/addresses.ts';
import { payerOf } from '../host/budgets/work.ts';
import { ClientLog } from '../host/client-log.ts';
import type { Clock } from '../host/clock.ts';
import { Failures } from '../host/failures.ts';
import { FeedWait } from '../host/feed-wait.ts';
import { AnswerCache } from '../host/http/answer-cache.ts';
import { addPage, newApp } from '../host/http/app.ts';
import { type Limits, limitsOf } from '../host/limits.ts';
import { addressesOf, listen, listenProblem } from '../host/listen.ts';
import { Metrics } from '../host/metrics/metrics.ts';
import { addMetrics } from '../host/metrics/route.ts';
import type { Peers } from '../host/peers.ts';
import type { Service } from '../host/service.ts';
import { Cancelled, Slicer } from '../host/slicer.ts';
import { addAsyncApi } from '../protocols/tickwell/asyncapi/route.ts';
import { loadArrow } from '../protocols/tickwell/formats/arrow.ts';
import { loadParquet } from '../protocols/tickwell/formats/parquet-file.ts';
import { addRoutes } from '../protocols/tickwell/http/routes.ts';
import { addSse } from '../protocols/tickwell/sse/sse-route.ts';
import { addHello } from '../protocols/tickwell/stream/hello-route.ts';
import { addStream } from '../protocols/tickwell/stream/upgrade.ts';
import { CLOSE_CODES } from '../wire/errors.ts';
import { settled } from './options.ts';
import { metricsReader } from './readings.ts';

export interface ServerOptions extends AccessOptions {
  /** Default: that of `tickwell serve`. */
  readonly market?: Market;
  /** Where to listen: `localhost` for this machine only, `0.0.0.0` for all. Default the former. */
  readonly host?: string;
  /** 0 for any free port. Default 8080. */
  readonly port?: number;
  /** Of pino, or with its methods. Default: one that says nothing. */
  readonly logger?: Logger;
  /** Lines that `logger` could not write, where it counts them. */
  readonly droppedLines?: () => number;
  /** Where to listen, instead of all addresses of `host`. */
  readonly addresses?: readonly string[];
  readonly clock?: Clock;
  /** Limits that differ from the default ones. */
  readonly limits?: Partial<Limits>;
  /** What answers that never change may take of the memory, kept for the next who asks. */
  readonly cacheMb?: number;
  /** The workers this one is of; none, if it is alone. */
  readonly peers?: Peers;
  /** Whether to listen only when rows flow, because there are others who serve meanwhile. */
  readonly listensWhenReady?: boolean;
}

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
 * Starts to listen, then fills the ring. Throws if this machine computes other prices, a
 * `TypeError` or `RangeError` with one sentence on an invalid option, an `Error` with one
 * sentence, and with Node's `code`, where it cannot listen. Nothing of it runs on then.
 */
export async function startServer(options: ServerOptions = {}): Promise<TickwellServer> {
  const failures = selfTest();
  if (failures.length > 0) {
    throw new Error(`This machine computes other prices than it must: ${failures.join('; ')}.`);
  }
  const { market, host, port, logger, clock, peers, cacheMb } = settled(options);
  const { limits, maxOwnConnections } = withinDescriptors(
    limitsOf(options.limits),
    peers?.workers ?? 1,
    logger,
  );
  const allowedHosts = [...(options.allowedHosts ?? []), ...ownNames(host)];
  const access = new AccessPolicy({ ...options, allowedHosts });
  const feed = new Feed(market);
  let isReady = false;
  let filledColumns = 0;
  const counted = new Metrics();
  const wait = new FeedWait(feed, clock, limits, logger);
  const service: Service = {
    feed,
    clock,
    wait,
    limits,
    maxOwnConnections,
    slicer: new Slicer(clock, limits.sliceMs),
    addresses: new Addresses(limits, clock),
    answers: new AnswerCache(cacheMb * 2 ** 20),
    metrics: counted,
    logger,
    droppedLines: options.droppedLines ?? (() => 0),
    failures: new Failures(logger, clock, counted),
    log: new ClientLog(logger, clock),
    version: packageVersion(),
    isReady: () => isReady,
    progress: () => filledColumns / market.instruments.length,
  };
  const { addresses, log, metrics, slicer } = service;
  const hub = new Hub(service);

  const { app, turns } = await newApp(service, access);
  addRoutes(app, service);
  const readOwn = metricsReader(service, hub, app);
  addMetrics(
    app,
    peers === undefined ? async () => [await readOwn()] : () => peers.read(),
    payerOf(service),
  );
  addSse(app, hub);
  addHello(app, hub, access);
  addAsyncApi(app, service, access, payerOf(service));
  await addPage(app, service, PAGE);
  addStream(app.server, hub, access, turns);
  const mostSockets = limits.maxConnections + limits.spareConnections;
  const mostOwnSockets = maxOwnConnections + limits.spareConnections;
  const sockets = new Set<Socket>();
  const drop = (socket?: Socket) => {
    metrics.droppedConnections += 1;
    log.tell('too many connections', { dropped: metrics.droppedConnections });
    socket?.destroy();
  };
  if (peers === undefined) {
    // Node counts those of one address that it listens at, and drops them before they cost
    // anything. Of several workers each would hand them to the next, for ever.
    app.server.maxConnections = mostSockets;
    app.server.on('drop', () => drop());
  }
  app.server.on('connection', (socket) => {
    // It is counted by now.
    if (sockets.size >= mostOwnSockets || addresses.count('sockets') > mostSockets) {
      drop(socket);
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  peers?.join({ addresses, read: readOwn });
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
    wait.look();
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
        if (!(error instanceof Cancelled)) service.failures.tell(error);
      })
      .finally(() => {
        isPreparing = false;
      });
  };
  const begin = async () => {
    // To lay out names or to read a library holds everything up: while no rows flow yet, nobody is
    // late by it.
    layOut(market.symbols);
    await Promise.all([slicer.run(fill()), loadArrow(), loadParquet()]);
    await peers?.filled();
    if (stopping !== undefined) return;
    isReady = true;
    filledColumns = market.instruments.length;
    run();
    logger.info({ market: market.id, head: feed.head }, 'ready');
  };

  // Who cannot listen leaves nothing that runs on, unless others serve already.
  const early = options.listensWhenReady === true ? begin() : undefined;
  await early;
  const unlisten = await listenOrEnd();
  const beat = setInterval(() => hub.beat(), BEAT_MS);
  const ready = early ?? begin();

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

  async function listenOrEnd(): Promise<() => void> {
    try {
      return await listen(app, options.addresses ?? (await addressesOf(host)), port, logger);
    } catch (error) {
      stopping = Promise.resolve();
      clearTimeout(tick);
      await app.close();
      const { code } = error as NodeJS.ErrnoException;
      const fault = listenProblem(code, host, port);
      if (fault === undefined) throw error;
      throw Object.assign(new Error(fault, { cause: error }), { code });
    }
  }

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

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
