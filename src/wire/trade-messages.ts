import type { Values } from './messages.ts';

/**
 * `GET /v1/trades`: the nth trade has the number `fromId + n`, and `nextId` is the next `fromId`.
 * Without `head` if the request named an `until` that is over: it is the same for ever.
 */
export interface TradesAnswer {
  readonly market: string;
  readonly symbol: string;
  readonly fromId: number;
  readonly nextId: number;
  readonly head?: number;
  /** In milliseconds, with up to three decimals; within the interval of its row. */
  readonly time: readonly number[];
  readonly price: readonly number[];
  readonly lots: readonly number[];
  /** Who came: 1 a buyer, 2 a seller. */
  readonly side: readonly number[];
}

/**
 * Single trades of the rows with `since < time <= until`: of each of `subscribed.symbols` a list of
 * each, in the order of their numbers. The first of a symbol has the number in `first`.
 */
export interface TradesMessage {
  readonly type: 'trades';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly first: readonly number[];
  /** In milliseconds, with up to three decimals. */
  readonly time: Values;
  readonly price: Values;
  readonly lots: Values;
  /** Who came: 1 a buyer, 2 a seller. */
  readonly side: Values;
}
