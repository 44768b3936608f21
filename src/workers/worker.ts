import { once } from 'node:events';
import type { Feed } from '../core/feed/feed.ts';
import type { KeptPage } from '../core/history/kept-candles.ts';
import { Market } from '../core/market/market.ts';
import type { Addresses } from '../host/budgets/addresses.ts';
import type { Clock } from '../host/clock.ts';
import type { Director } from '../host/control/director.ts';
import type { MarketClock } from '../host/market-clock.ts';
import type { Metric } from '../host/metrics/exposition.ts';
import type { Peers, Worker } from '../host/peers.ts';
import { openProgramLog, type ProgramLog } from '../host/program-log.ts';
import { endOnSignals } from '../host/stop-signals.ts';
import { startServer, type TickwellServer } from '../server/server.ts';
import { DistantDirector } from './distant-director.ts';
import type { Start, ToPrimary, ToWorker } from './messages.ts';

/** What an address holds is reported so long after it changed, with what changes meanwhile. */
const REPORT_MS = 5;
/** How often the primary gets to know how much of the ring is filled. */
const PROGRESS_MS = 200;

/** The others, by way of the primary. */
class Link implements Peers {
  readonly workers: number;
  readonly makesCandles: boolean;
  #self: Worker | undefined;
  #asks = 0;
  readonly #asked = new Map<number, (all: readonly (readonly Metric[])[]) => void>();

  readonly #director: DistantDirector;
  readonly #areOpen: Promise<void>;
  #open = () => {};

  constructor(start: Start) {
    const { workers, makesCandles } = start;
    this.#director = new DistantDirector(start, send);
    this.workers = workers;
    this.makesCandles = makesCandles;
    this.#areOpen = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  join(self: Worker): void {
    this.#self = self;
    const { addresses } = self;
    send({ type: 'joined' });
    addresses.share(() =>
      setTimeout(() => send({ type: 'usage', reports: addresses.report() }), REPORT_MS),
    );
  }

  direct(feed: Feed, clock: MarketClock): Director {
    return this.#director.direct(feed, clock);
  }

  filled(): Promise<void> {
    send({ type: 'filled' });
    return this.#areOpen;
  }

  shareCandles(pages: readonly KeptPage[]): void {
    send({ type: 'candles', pages });
  }

  read(): Promise<readonly (readonly Metric[])[]> {
    const ask = ++this.#asks;
    send({ type: 'wanted', ask });
    return new Promise((resolve) => this.#asked.set(ask, resolve));
  }

  async receive(message: ToWorker): Promise<void> {
    const addresses: Addresses | undefined = this.#self?.addresses;
    switch (message.type) {
      case 'usage':
        addresses?.merge(message.worker, message.reports);
        return;
      case 'joined':
        addresses?.reportAll();
        return;
      case 'gone':
        addresses?.forget(message.worker);
        return;
      case 'open':
        this.#open();
        return;
      case 'candles':
        this.#self?.takeCandles(message.pages);
        return;
      case 'entry':
        this.#director.add(message.entry);
        return;
      case 'turn':
        this.#director.add(message.anchor);
        return;
      case 'seal':
        this.#director.seal(message.until);
        return;
      case 'answered':
        this.#director.answered(message.ask, message.answer);
        return;
      case 'ping':
        send({ type: 'pong' });
        return;
      case 'read': {
        const metrics = (await this.#self?.read()) ?? [];
        send({ type: 'read', ask: message.ask, metrics });
        return;
      }
      case 'metrics':
        this.#asked.get(message.ask)?.(message.all);
        this.#asked.delete(message.ask);
    }
  }
}

/** Serves what the primary asks for, by this clock, until that says stop or is gone. */
export async function runWorker(clock: Clock): Promise<void> {
  // What is sent before anyone listens is lost.
  send({ type: 'begun' });
  const [{ start }] = (await once(process, 'message')) as [Extract<ToWorker, { type: 'start' }>];
  const link = new Link(start);
  const log = openProgramLog(start.logLevel);
  let server: TickwellServer | undefined;
  let isDraining = false;
  const drain = () => {
    isDraining = true;
    server?.drain();
  };
  const stop = async () => {
    await server?.stop();
    await log.flush();
    process.exit(0);
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') void stop();
    else if (message.type === 'drain') drain();
    else void link.receive(message);
  });
  // What runs the programs may signal the primary too, which says when to end.
  endOnSignals({ drainMs: () => start.drainMs, drain, stop, cut: () => {} });
  try {
    server = await serve(start, clock, link, log);
    if (isDraining) server.drain();
    send({ type: 'listening', url: server.url });
    const { progress, ready } = server;
    const look = setInterval(() => send({ type: 'progress', progress: progress() }), PROGRESS_MS);
    await ready;
    clearInterval(look);
    send({ type: 'ready' });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    send({ type: 'failed', message, ...(code === undefined ? {} : { code }) });
    // Ends this process, once that has been sent.
    process.disconnect();
  }
}

async function serve(
  start: Start,
  clock: Clock,
  peers: Peers,
  { logger, droppedLines }: ProgramLog,
): Promise<TickwellServer> {
  const { spec, host, addresses, port, limits, protocols, cacheMb, access, faults, anchors } =
    start;
  const market = new Market(spec);
  if (market.id !== start.market) {
    throw new Error(`a worker must serve market ${start.market}; given: ${market.id}`);
  }
  return startServer({
    ...access,
    ...{ market, host, addresses, port, logger, droppedLines, clock, limits, cacheMb, peers },
    ...{ protocols, faults },
    time: anchors,
    listensWhenReady: start.isReplacement,
  });
}

/** Nobody reads it when the primary is gone: then this process ends too. */
function send(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}
