import type { History } from '../core/history/history.ts';
import type { Market } from '../core/market/market.ts';
import type { Address } from '../host/budgets/addresses.ts';
import { FAILED, HOST_CLOSES } from '../host/close-codes.ts';
import { CandleSource } from './candle-source.ts';
import { CatchUp } from './catch-up.ts';
import type { Guest } from './connection.ts';
import { ConnectionCounters } from './counters.ts';
import { DeliveryTimes } from './delivery-times.ts';
import { DepthSource } from './depth-source.ts';
import type { Frame } from './encoder.ts';
import { FanOut } from './fan-out.ts';
import { FaultyGuests } from './faulty/faulty-guests.ts';
import { FrameSource } from './frame-source.ts';
import { Frames } from './frames.ts';
import { type FanOutGroup, FanOutGroups } from './groups.ts';
import { OtherReaders } from './other-readers.ts';
import { type PartSources, sourceOf } from './part-source.ts';
import { whenBroken } from './promised.ts';
import { countsOf, type Part } from './sending.ts';
import type { DeliveryService } from './service.ts';
import type { Subscription } from './subscription.ts';
import { TradeSource } from './trade-source.ts';

/** How often `beat` is called. */
export const BEAT_MS = 1000;

/**
 * All connections of the stream, and the one loop that sends them rows.
 *
 * When the head moves, a subscription that is behind by at most one frame gets it at once, if the
 * ring holds its rows: it is live. Any other is sent one frame at a time, in turn, between all
 * else: it catches up. So does one with fields that are not at hand, or with thousands of values.
 * Both ways end in `send`, so there is no hand-over that could lose or repeat a row.
 */
export class Hub {
  readonly service: DeliveryService;
  readonly market: Market;
  readonly history: History;
  readonly frames: Frames;
  readonly groups: FanOutGroups;
  readonly counters: ConnectionCounters;
  readonly times: DeliveryTimes;
  readonly fanOut: FanOut;
  readonly faulty: FaultyGuests;
  readonly #connections = new Set<Guest>();
  readonly #others: OtherReaders;
  readonly #catchUp: CatchUp;
  #awakeMs = 0;
  #beatMs: number;
  /** The time, read once for all connections of a turn. */
  #servedMs: number | undefined;

  constructor(service: DeliveryService) {
    this.service = service;
    this.market = service.feed.market;
    this.history = service.feed.history;
    this.frames = new Frames();
    const { history, frames } = this;
    const source = new FrameSource(history, frames);
    this.counters = new ConnectionCounters(service.limits);
    const sources: PartSources = {
      candles: new CandleSource(history, frames),
      trades: new TradeSource(history, frames),
      depth: new DepthSource(history),
    };
    this.groups = new FanOutGroups(service.limits.frameBytes, (group) => {
      sourceOf(sources, group)?.ended(group);
    });
    this.times = new DeliveryTimes(service.clock);
    this.fanOut = new FanOut({
      ...{ history, source, sources, counters: this.counters, times: this.times },
      handOver: (member, frame, part) => this.#handOver(member, frame, part),
    });
    const failed = (connection: Guest, error: unknown) => this.failed(connection, error);
    const of = { service, times: this.times, fanOut: this.fanOut, failed };
    this.#catchUp = new CatchUp({ ...of, source, sources });
    this.#others = new OtherReaders({ ...of, groups: this.groups, catchUp: this.#catchUp });
    this.faulty = new FaultyGuests(
      service.clock,
      (guest, act) => this.attempt(guest, act),
      (error) => service.failures.tell(error),
    );
    this.#beatMs = service.clock.steadyMs();
    service.feed.onEntry(({ index }) => this.#sendAwayAhead(index));
  }

  get connections(): ReadonlySet<Guest> {
    return this.#connections;
  }

  /** The steady clock. */
  get steadyMs(): number {
    return this.#servedMs ?? this.service.clock.steadyMs();
  }

  /**
   * A clock that stands still while this process is held up or suspended. What clients sent
   * meanwhile has not been read yet, so none of them is late.
   */
  get awakeMs(): number {
    return this.#awakeMs + Math.min(2 * BEAT_MS, this.steadyMs - this.#beatMs);
  }

  /** How long a client should wait before it comes back: different for each. */
  retryAfterMs(): number {
    return Math.floor(this.service.limits.retryAfterMs * (0.25 + 0.75 * Math.random()));
  }

  /** Which limit a further connection of this address would break; undefined if none. */
  limitReached(address: Address): 'maxConnections' | 'maxConnectionsPerAddress' | undefined {
    const { addresses, limits, maxOwnConnections } = this.service;
    const { maxConnections, maxConnectionsPerAddress } = limits;
    if (addresses.count('connections') >= maxConnections) return 'maxConnections';
    if (this.#connections.size >= maxOwnConnections) return 'maxConnections';
    if (address.count('connections') >= maxConnectionsPerAddress) return 'maxConnectionsPerAddress';
    return undefined;
  }

  /** Takes a connection in. */
  add(connection: Guest): void {
    connection.address.take('connections');
    this.#connections.add(connection);
    this.#others.add(connection);
    this.faulty.add(connection, () => this.drained(connection));
    this.service.metrics.openedConnections += 1;
  }

  /** Forgets a connection whose socket is gone. */
  remove(connection: Guest): void {
    this.closing(connection);
    this.#others.delete(connection);
    this.faulty.delete(connection);
    if (!this.#connections.delete(connection)) return;
    connection.address.release('connections');
    connection.outlet.end();
  }

  /** Detaches the live member of a connection, if it has one: something special is to be done. */
  detach(connection: Guest): void {
    for (const subscription of connection.subscriptions.values()) {
      if (subscription.memberIndex >= 0) this.groups.detach(subscription);
    }
    if (this.#connections.has(connection)) this.#others.add(connection);
  }

  /** The end of a connection has begun, or is here: it is sent nothing more. */
  closing(connection: Guest): void {
    const { failures } = this.service;
    try {
      whenBroken(connection.closed(), (error) => failures.tell(error));
    } catch (error) {
      failures.tell(error);
    }
    this.detach(connection);
    for (const subscription of connection.subscriptions.values()) subscription.close();
  }

  /**
   * Has a protocol do something for a connection. If it fails, now or by a promise that is broken
   * later, that connection alone ends.
   */
  attempt(connection: Guest, act: () => void | Promise<void>): void {
    try {
      whenBroken(act(), (error) => this.failed(connection, error));
    } catch (error) {
      this.failed(connection, error);
    }
  }

  /** Logs an error that was met for a connection, and ends that. */
  failed(connection: Guest, error: unknown): void {
    this.service.failures.tell(error);
    this.#close(connection, FAILED.code, FAILED.reason);
  }

  /** Sends the rows that have become readable. Call it whenever the head has moved. */
  advanced(): void {
    this.#servedMs = this.service.clock.steadyMs();
    this.times.moved(this.service.feed);
    try {
      this.#others.begin();
      const detached = this.#sendLive(this.#servedMs);
      this.#others.finish();
      for (const { connection } of detached) this.#others.serve(connection);
      this.faulty.rowsCame(this.history.head);
    } finally {
      this.#servedMs = undefined;
    }
    this.#endTurn();
  }

  /** Sends what a connection has waited for. Call it when there is room again. */
  drained(connection: Guest): void {
    connection.outlet.faulty?.drained();
    // Before rows, which would take all the room there is.
    this.attempt(connection, () => connection.attend());
    this.#others.serve(connection);
    this.#endTurn();
  }

  /** Does what is due by time. Call it every `BEAT_MS`. */
  beat(): void {
    const awakeMs = this.awakeMs;
    this.#beatMs = this.service.clock.steadyMs();
    this.#awakeMs = awakeMs;
    const { steadyMs } = this;
    const silenceMs = this.service.limits.heartbeatMs - BEAT_MS;
    for (const { members, slots } of this.groups.live) {
      // From the end, because some may be detached.
      for (let n = members.length - 1; n >= 0; n--) {
        if (this.counters.isWell(slots[n]!, steadyMs, awakeMs, silenceMs)) continue;
        const { connection } = members[n]!;
        this.attempt(connection, () => connection.beat());
      }
    }
    for (const connection of this.#others) {
      if (!connection.outlet.isClosed) this.attempt(connection, () => connection.beat());
    }
    this.service.addresses.sweep();
    // For subscriptions that could not pay: nothing else may call this for a long time.
    this.advanced();
  }

  /** Tells everyone who is told of it that the market's time goes otherwise. */
  clockChanged(): void {
    for (const connection of this.#connections) {
      if (!connection.outlet.isClosed) this.attempt(connection, () => connection.clockChanged?.());
    }
  }

  /** Says goodbye to everyone. */
  closeAll(code: number, reason: string): void {
    for (const connection of this.#connections) this.#close(connection, code, reason);
  }

  /**
   * Sends those away that have rows from `index` on from elsewhere, which are other ones here from
   * now on. Who comes back is asked again which market it means.
   */
  #sendAwayAhead(index: number): void {
    for (const connection of this.#connections) {
      const isAhead = [...connection.subscriptions.values()].some(({ cursor }) => cursor > index);
      if (isAhead) this.#close(connection, HOST_CLOSES.changedAhead, 'the market has changed');
    }
  }

  #close(connection: Guest, code: number, reason: string): void {
    const { failures } = this.service;
    try {
      whenBroken(connection.close(code, reason), (error) => failures.tell(error));
    } catch (error) {
      failures.tell(error);
    }
    // Whatever its protocol did.
    connection.outlet.close(code, reason);
    this.closing(connection);
  }

  /**
   * Sends all live members the rows up to the head. The other readers of a group come right behind
   * its live members. Gives those that are live no more, because their rows are not at hand.
   */
  #sendLive(steadyMs: number): readonly Subscription[] {
    const turn = { bytes: 0, rows: 0, candles: 0, trades: 0, steadyMs, awakeMs: this.awakeMs };
    const detached: Subscription[] = [];
    for (const group of this.groups.live) {
      try {
        if (!this.fanOut.send(group, turn)) detached.push(...this.#detachAll(group));
      } catch (error) {
        this.service.failures.tell(error);
        // Some of them have been sent the rows.
        for (const { connection } of this.#detachAll(group)) {
          this.#close(connection, FAILED.code, FAILED.reason);
        }
      }
      this.#others.serveGroup(group);
    }
    return detached;
  }

  /** Gives those that were its live members. */
  #detachAll({ members }: FanOutGroup): readonly Subscription[] {
    const detached = [...members];
    for (const { connection } of detached) this.detach(connection);
    return detached;
  }

  /** Sends a live member a part with a ping behind it, unless there is no room. */
  #handOver({ connection }: Subscription, frame: Frame, part: Part): void {
    if (connection.outlet.isFull) this.detach(connection);
    else connection.outlet.send(frame, countsOf(part));
  }

  /** Ends a turn: the live have been served, now the late have their turn. */
  #endTurn(): void {
    this.fanOut.endTurn();
    this.#catchUp.run();
  }
}
