import type { Logger } from 'pino';
import type { NatsLogOptions } from '../cluster/cluster-options.ts';
import type { Feed } from '../core/feed/feed.ts';
import type { Market } from '../core/market/market.ts';
import type { ModelKind } from '../core/market/models/parameters.ts';
import { selfTest } from '../core/market/selftest.ts';
import type { ClockChange } from '../core/timeline/clock-change.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import { Timeline } from '../core/timeline/timeline.ts';
import type { NewProtocol, ServerParts } from '../delivery/protocol.ts';
import type { AccessOptions } from '../host/access/access-policy.ts';
import type { Clock } from '../host/clock.ts';
import type { Turned } from '../host/control/director.ts';
import type { FaultOptions } from '../host/faults/fault-settings.ts';
import type { Peers } from '../host/peers.ts';
import { newApplication } from './application.ts';
import type { LimitChanges } from './limits.ts';
import { openLog } from './open-log.ts';
import { settled } from './options.ts';
import { newParts } from './parts.ts';
import { checkProtocols, type ProtocolName } from './protocols.ts';
import { RunningServer } from './running-server.ts';
import type { StartTime } from './start-time.ts';

export interface ServerOptions extends AccessOptions {
  /** What is served. */
  readonly market: Market;
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
  /** That of the host, which deadlines go by. */
  readonly clock?: Clock;
  /** How the market's time goes by that clock. Default: as it does. */
  readonly time?: StartTime | readonly Anchor[];
  /** Limits that differ from the default ones. */
  readonly limits?: LimitChanges;
  /** What answers that never change may take of the memory, kept for the next who asks. */
  readonly cacheMb?: number;
  /** The file that what is done to the market is written to. Default: that ends with the server. */
  readonly log?: string;
  /**
   * Where in NATS what is done to the market is written to, and read by all servers that have the
   * same. Instead of `log`.
   */
  readonly nats?: NatsLogOptions;
  /**
   * Called when that log cannot be gone on with. Rows stand still then, and the server is to be
   * ended. Default: throws the error where nobody catches it, which ends the process.
   */
  readonly logBroke?: (error: Error) => void;
  /** What is done to those who ask for it, to see what they do. Default: what they ask for. */
  readonly faults?: FaultOptions;
  /** What it speaks, those of ours by name too. Default: all that there is. */
  readonly protocols?: readonly (ProtocolName | NewProtocol)[];
  /** The workers this one is of; none, if it is alone. */
  readonly peers?: Peers;
  /** Whether to listen only when rows flow, because there are others who serve meanwhile. */
  readonly listensWhenReady?: boolean;
  /**
   * Whether what few ask for, such as Arrow, is read from the disk when somebody first does, who
   * waits for it. Default: before rows flow, so that nobody waits.
   */
  readonly loadsLate?: boolean;
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
  /**
   * Changes the market's time, from the next row on: a pause, another speed, a step, whose rows are
   * then readable. Rejects with a `TickwellError` if it cannot be changed so.
   */
  changeClock(change: ClockChange): Promise<Turned>;
  /**
   * Has `/readyz` say that it is about to stop, so that a proxy sends nobody to it any more. All
   * else goes on until `stop`.
   */
  drain(): void;
  /** Says goodbye to every client and ends within a few seconds. */
  stop(): Promise<void>;
}

/** A server as we know it, with what it is made of. */
export interface OwnServer extends TickwellServer {
  readonly parts: ServerParts;
  /** Cuts every connection. */
  disconnect(): void;
}

/** Models that this machine was seen to compute as it must: for all servers of a process. */
const tested = new Set<ModelKind>();

/**
 * Starts to listen, then fills the ring. Throws if this machine computes other prices, a
 * `TypeError` or `RangeError` with one sentence on an invalid option, an `Error` with one
 * sentence, and with Node's `code`, where it cannot listen. Nothing of it runs on then.
 */
export function startServer(options: ServerOptions): Promise<TickwellServer> {
  return startOwnServer(options);
}

/** As `startServer`, for what is ours: with what the server is made of. */
export async function startOwnServer(
  options: ServerOptions = {} as ServerOptions,
): Promise<OwnServer> {
  const given = settled(options);
  const { logger, market } = given;
  testMachine(market);
  const timeline = new Timeline(market);
  const broke = (error: Error) => {
    logger.fatal?.({ err: error }, 'the log is broken: no row is made any more');
    given.logBroke(error);
  };
  const control = await openLog(timeline, given, broke);
  try {
    const { parts, state, spoken } = newParts(given, timeline, control);
    const protocols = given.protocols.map((newProtocol) => newProtocol(parts));
    checkProtocols(protocols);
    spoken.push(...protocols);
    const app = await newApplication(parts, protocols, given.peers);
    return await new RunningServer({ parts, state, protocols, app, options: given }).start();
  } catch (error) {
    await control.close();
    throw error;
  }
}

/** Throws if this machine computes other prices of a market than every other does. */
function testMachine({ instruments }: Market): void {
  const kinds = new Set(instruments.map(({ model }) => model.kind));
  const failures = [...kinds].every((kind) => tested.has(kind)) ? [] : selfTest(kinds);
  if (failures.length > 0) {
    throw new Error(`This machine computes other prices than it must: ${failures.join('; ')}.`);
  }
  for (const kind of kinds) tested.add(kind);
}
