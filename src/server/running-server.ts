import type { FastifyInstance } from 'fastify';
import { layOut } from '../core/market/nearest.ts';
import { BEAT_MS } from '../delivery/hub.ts';
import type { Protocol, ServerParts } from '../delivery/protocol.ts';
import { SocketCap } from '../host/access/socket-cap.ts';
import { BackgroundCandles } from '../host/candles/background-candles.ts';
import { turnClock } from '../host/control/turn-clock.ts';
import { FeedLoop } from '../host/feed-loop.ts';
import { addressesOf, listen, listenProblem } from '../host/listen.ts';
import { CLOSE_CODES } from '../wire/errors.ts';
import { candlesMb } from './defaults.ts';
import type { Settled } from './options.ts';
import type { ServerState } from './parts.ts';
import type { OwnServer } from './server.ts';

/** While it stops, how often connections that have become idle are closed. */
const SWEEP_MS = 50;

export interface Running {
  readonly parts: ServerParts;
  readonly state: ServerState;
  readonly protocols: readonly Protocol[];
  readonly app: FastifyInstance;
  readonly options: Settled;
}

/** A server from when it begins to listen until it has ended. */
export class RunningServer {
  readonly #parts: ServerParts;
  readonly #state: ServerState;
  readonly #protocols: readonly Protocol[];
  readonly #app: FastifyInstance;
  readonly #options: Settled;
  readonly #loop: FeedLoop;
  readonly #candles: BackgroundCandles;
  readonly #sockets: SocketCap;
  #unlisten = () => {};
  #beat: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ parts, state, protocols, app, options }: Running) {
    this.#parts = parts;
    this.#state = state;
    this.#protocols = protocols;
    this.#app = app;
    this.#options = options;
    const { cacheMb, peers } = options;
    this.#candles = new BackgroundCandles(parts.service, candlesMb(cacheMb) * 2 ** 20, peers);
    this.#loop = new FeedLoop(parts.service, () => {
      parts.hub.advanced();
      this.#candles.look();
      for (const protocol of protocols) protocol.advanced?.();
    });
    const { clock, logger } = parts.service;
    clock.onChange(() => {
      logger.info(clock.told, "the market's time was changed");
      parts.hub.clockChanged();
    });
    this.#sockets = new SocketCap(app.server, parts.service, options.peers === undefined);
  }

  /** Listens, and begins to fill the ring. Throws as `startServer` does. */
  async start(): Promise<OwnServer> {
    // Who cannot listen leaves nothing that runs on, unless others serve already.
    const early = this.#options.listensWhenReady === true ? this.#begin() : undefined;
    await early;
    this.#unlisten = await this.#listenOrEnd();
    this.#beat = setInterval(() => this.#parts.hub.beat(), BEAT_MS);
    const { feed, progress } = this.#parts.service;
    return {
      url: urlOf(this.#app, this.#options.host),
      feed,
      parts: this.#parts,
      ready: early ?? this.#begin(),
      progress,
      changeClock: (change) => turnClock(this.#parts.service, { change, digest: '' }),
      drain: () => this.#drain(),
      disconnect: () => this.#sockets.destroyAll(),
      stop: () => {
        this.#stopping ??= this.#stop();
        return this.#stopping;
      },
    };
  }

  /** Fills the ring; from then on rows flow. */
  async #begin(): Promise<void> {
    const { service } = this.#parts;
    const { market } = service.feed;
    // To lay out names or to read a library holds everything up: while no rows flow yet, nobody is
    // late by it.
    layOut(market.symbols);
    await service.director.begin();
    await Promise.all([
      service.slicer.run(this.#loop.fill()),
      ...(this.#options.loadsLate === true ? [] : this.#protocols).map((each) => each.load?.()),
    ]);
    await this.#options.peers?.filled();
    if (this.#stopping !== undefined) return;
    this.#state.isReady = true;
    this.#loop.run();
    const { head, timeline } = service.feed;
    service.logger.info({ market: timeline.idAt(head - 1), head }, 'ready');
  }

  async #listenOrEnd(): Promise<() => void> {
    const { host, port, addresses, logger } = this.#options;
    try {
      return await listen(this.#app, addresses ?? (await addressesOf(host)), port, logger);
    } catch (error) {
      this.#stopping = Promise.resolve();
      this.#loop.stop();
      await this.#stopBackground();
      await this.#parts.service.director.stop();
      // Why it cannot listen is what is to be said.
      await this.#app.close().catch((failure) => this.#parts.service.failures.tell(failure));
      const { code } = error as NodeJS.ErrnoException;
      const problem = listenProblem(code, host, port);
      if (problem === undefined) throw error;
      throw Object.assign(new Error(problem, { cause: error }), { code });
    }
  }

  /** Ends what is made while nothing else is to do. */
  async #stopBackground(): Promise<void> {
    await Promise.all([
      this.#candles.stop(),
      ...this.#protocols.map((protocol) => protocol.stop?.()),
    ]);
  }

  /** Answers end their connections: who keeps one comes by the proxy again, to another server. */
  #drain(): void {
    if (this.#state.isDraining) return;
    this.#state.isDraining = true;
    this.#app.server.prependListener('request', (_, response) => {
      response.shouldKeepAlive = false;
    });
    this.#parts.service.logger.info('draining');
  }

  async #stop(): Promise<void> {
    const { service, hub } = this.#parts;
    this.#state.isReady = false;
    this.#unlisten();
    this.#loop.stop();
    await this.#stopBackground();
    await service.director.stop();
    clearInterval(this.#beat);
    hub.closeAll(CLOSE_CODES.shuttingDown, 'shutting down');
    // Whose request has been answered by now need not wait for the others.
    const sweep = setInterval(() => this.#app.server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => this.#sockets.destroyAll(), service.limits.closeGraceMs);
    try {
      await this.#app.close();
    } finally {
      clearTimeout(cut);
      clearInterval(sweep);
    }
    service.logger.info('stopped');
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
