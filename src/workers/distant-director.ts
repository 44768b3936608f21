import type { Feed } from '../core/feed/feed.ts';
import type { Entry } from '../core/market/entries/entry.ts';
import type { Anchor } from '../core/timeline/market-time.ts';
import type { ClockWish, Director, Taken, Turned, Wish } from '../host/control/director.ts';
import type { MarketClock } from '../host/market-clock.ts';
import { TickwellError } from '../wire/errors.ts';
import type { Answered, ToPrimary } from './messages.ts';

/** Has things done by the primary, and makes rows as far as that has sealed them. */
export class DistantDirector implements Director {
  released = () => {};
  readonly figures = undefined;
  readonly #send: (message: ToPrimary) => void;
  readonly #asked = new Map<number, (answer: Answered<unknown>) => void>();
  #asks = 0;
  #seal: number;
  /** What came before there was a feed. */
  readonly #early: (Entry | Anchor)[];
  #rows: { readonly feed: Feed; readonly clock: MarketClock } | undefined;

  constructor(
    { entries, seal }: { readonly entries: readonly Entry[]; readonly seal: number },
    send: (message: ToPrimary) => void,
  ) {
    this.#early = [...entries];
    this.#seal = seal;
    this.#send = send;
  }

  get mayMakeUntil(): number {
    return this.#seal;
  }

  /** Has a feed and its clock do what is done, from now on and before. */
  direct(feed: Feed, clock: MarketClock): this {
    this.#rows = { feed, clock };
    for (const each of this.#early.splice(0)) this.add(each);
    return this;
  }

  /** Takes what is done, behind all that was sealed before. */
  add(done: Entry | Anchor): void {
    if (this.#rows === undefined) this.#early.push(done);
    else if ('effects' in done) this.#rows.feed.add(done);
    else this.#rows.clock.add(done);
  }

  seal(until: number): void {
    this.#seal = until;
    this.released();
  }

  answered(ask: number, answer: Answered<unknown>): void {
    this.#asked.get(ask)?.(answer);
    this.#asked.delete(ask);
  }

  async begin(): Promise<void> {}

  look(): void {}

  take(wish: Wish): Promise<Taken> {
    return this.#ask((ask) => ({ type: 'take', ask, wish }));
  }

  turn(wish: ClockWish): Promise<Turned> {
    return this.#ask((ask) => ({ type: 'change', ask, wish }));
  }

  list(): Promise<readonly Taken[]> {
    return this.#ask((ask) => ({ type: 'list', ask }));
  }

  async stop(): Promise<void> {}

  async #ask<T>(messageOf: (ask: number) => ToPrimary): Promise<T> {
    const ask = ++this.#asks;
    const answer = await new Promise<Answered<unknown>>((resolve) => {
      this.#asked.set(ask, resolve);
      this.#send(messageOf(ask));
    });
    if (answer.ok) return answer.value as T;
    const { code, message, details } = answer.error;
    throw new TickwellError(code, message, details);
  }
}
