import { timeOf } from '../core/market/grid.ts';
import { ruleBroken } from '../core/market/quoted.ts';
import type { ClockChange } from '../core/timeline/clock-change.ts';
import { checkClockChange } from '../core/timeline/clock-change.ts';
import type { Taken } from '../host/control/director.ts';
import { eventOf, scenarioOf } from '../protocols/control/requests.ts';
import type { OwnServer } from '../server/server.ts';
import { TickwellError } from '../wire/errors.ts';

/** Text such as `30s`, or milliseconds. */
export type Duration = string | number;

/** Whom something is done to: a symbol, several, or `*` for all. */
export type For = string | readonly string[];

/** What was done to the market. */
export interface Done {
  readonly key: string;
  /** The first row that it changes, or may, and the time of that. */
  readonly index: number;
  readonly time: number;
  /** The id of the market from then on. */
  readonly market: string;
}

/** After so long a reader that takes no rows is told of. */
const PATIENCE_MS = 5000;

/** A market on a server of its own, whose time stands still until it is told to go on. */
export class TestMarket {
  readonly #server: OwnServer;

  constructor(server: OwnServer) {
    this.#server = server;
  }

  /** Where the page is, and the API. */
  get url(): string {
    return this.#server.url;
  }

  /** The id of the market: it is another for what is done to it. */
  get id(): string {
    return this.#server.feed.timeline.id;
  }

  get symbols(): readonly string[] {
    return this.#server.feed.market.symbols;
  }

  /** The market's time. */
  get now(): number {
    return this.#server.parts.service.clock.marketMs();
  }

  /** The time of the newest row. */
  get head(): number {
    const { feed } = this.#server;
    return timeOf(feed.market.grid, feed.head - 1);
  }

  /** Lets so much of the market's time pass; comes back when every reader was written its rows. */
  async advance(by: Duration): Promise<void> {
    const text = typeof by === 'number' ? `${by}ms` : by;
    const check = checkClockChange({ step: text });
    if (!check.ok) {
      throw new TickwellError('bad_request', ruleBroken('by', 'must be a time such as 10s', by));
    }
    await this.#turn(check.change);
  }

  /** Lets the next rows come; comes back when every reader was written them. */
  async step(rows = 1): Promise<void> {
    const check = checkClockChange({ step: rows });
    if (!check.ok) throw new TickwellError('bad_request', check.problem);
    await this.#turn(check.change);
  }

  /** Lets its time go on by itself, at this speed. */
  async play(speed = 1): Promise<void> {
    const check = checkClockChange({ speed });
    if (!check.ok) throw new TickwellError('bad_request', check.problem);
    await this.#server.changeClock(check.change);
  }

  /** Has its time stand still again; comes back when every reader was written its rows. */
  async pause(): Promise<void> {
    await this.#turn({ paused: true });
  }

  /** No trades for a time: price, quotes and book stand still. */
  halt(who: For, how: { readonly for: Duration; readonly resume?: 'base' | 'frozen' }) {
    return this.event({ kind: 'halt', ...targetOf(who), ...how });
  }

  /** A jump at the next row, for good. */
  shift(who: For, percent: number): Promise<Done> {
    return this.event({ kind: 'shift', ...targetOf(who), percent });
  }

  /** The scenario `flash-crash`. */
  crash(who: For): Promise<Done> {
    return this.scenario('flash-crash', who);
  }

  /** A scenario that has a name, or your own, as `POST /v1/control/scenarios` takes it. */
  async scenario(scenario: string | object, who: For = '*'): Promise<Done> {
    const { director, feed } = this.#server.parts.service;
    const wish = scenarioOf({ scenario, ...targetOf(who) }, feed.timeline);
    return doneOf(await director.take(wish));
  }

  /** Any event, as `POST /v1/control/events` takes it. */
  async event(event: object): Promise<Done> {
    const { director, feed } = this.#server.parts.service;
    return doneOf(await director.take(eventOf(event, feed.timeline)));
  }

  /** Cuts every connection, as a network that fails does. Clients may come back at once. */
  disconnect(): void {
    this.#server.disconnect();
  }

  /** Ends the server, and every connection. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #turn(change: ClockChange): Promise<void> {
    await this.#server.changeClock(change);
    await this.#written();
  }

  /** Comes back when every reader was written all rows there are, and what it waited for. */
  async #written(): Promise<void> {
    const { hub, service } = this.#server.parts;
    const sinceMs = performance.now();
    const isBehind = () => {
      // What was done to the market has rows made again, and the head waits for them.
      if (service.feed.nextDueMs() <= service.clock.marketMs()) return true;
      for (const { subscriptions, outlet } of hub.connections) {
        if (outlet.isClosed) continue;
        for (const { cursor } of subscriptions.values()) {
          if (cursor < service.feed.head) return true;
        }
      }
      return false;
    };
    while (isBehind()) {
      if (performance.now() - sinceMs > PATIENCE_MS) {
        throw new TickwellError(
          'timed_out',
          `a reader was not written its rows within ${PATIENCE_MS} ms`,
        );
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function targetOf(who: For): object {
  if (who === '*') return {};
  return typeof who === 'string' ? { symbol: who } : { symbols: who };
}

function doneOf({ key, index, timeMs: time, id: market }: Taken): Done {
  return { key, index, time, market };
}
