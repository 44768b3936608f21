import { parseDepth } from '../wire/binary-depth.ts';
import type { Level, SubscribedMessage } from '../wire/messages.ts';
import { floatColumns, type ValuesMessage } from './decode.ts';
import type { Batch, Frame, Kind } from './kind.ts';
import type { RowColumns } from './rows.ts';

const LEVEL_BYTES = 100;
const BOOKS_BYTES = 500;

/** Of each column its levels, each a price in ticks and how many lots wait; the best first. */
export type Side = readonly (readonly Level[])[];

/** The books of a row: as they are, and what was changed of them since the ones before. */
export interface Books extends Batch {
  /** The columns. */
  readonly symbols: readonly string[];
  /**
   * Whether they begin anew, and `changes` are all there is. If rows lie between `since` and
   * `until`, they are left out: you, or the line, were too slow for what they changed.
   */
  readonly snapshot: boolean;
  readonly bids: Side;
  readonly asks: Side;
  /** 0 lots where nothing waits any more. */
  readonly changes: { readonly bids: Side; readonly asks: Side };
}

/** Subscriptions to books. They are kept here, so that a new connection goes on with them. */
export class DepthKind implements Kind<Books> {
  readonly asked: object;
  #symbols: readonly string[] = [];
  /** Of each column the bids, then the asks: lots by price. None before the first snapshot. */
  #sides: readonly Map<number, number>[] | undefined;
  #of = '';

  constructor(levels: number | undefined) {
    // What is undefined is not written.
    this.asked = { what: 'depth', levels };
  }

  isNew(symbols: readonly string[] | '*'): boolean {
    if (this.#of !== String(symbols)) this.#sides = undefined;
    this.#of = String(symbols);
    return this.#sides === undefined;
  }

  parseBytes(bytes: Uint8Array): Frame | undefined {
    const books = parseDepth(bytes);
    if (books === undefined) return undefined;
    const { lists, lagRows: lag, isSnapshot: final, ...head } = books;
    const { counts, ticks, lots } = lists;
    let at = 0;
    const sides = Array.from(counts, (count) => {
      const side = new Float64Array(2 * count);
      for (let n = 0; n < count; n++, at++) side.set([ticks[at]!, lots[at]!], 2 * n);
      return side;
    });
    const [bids, asks] = [0, 1].map((own) => sides.filter((_, n) => n % 2 === own));
    const { id, since, until } = head;
    return { type: 'frame', id, since, until, lag, final, values: { bids: bids!, asks: asks! } };
  }

  parseText(message: ValuesMessage): Frame | undefined {
    if (message.type !== 'depth') return undefined;
    const { id, since, until, lag, snapshot: final } = message;
    const values = { bids: flat(message.bids), asks: flat(message.asks) };
    return { type: 'frame', id, since, until, lag, final, values };
  }

  begin({ symbols }: SubscribedMessage): void {
    this.#symbols = symbols;
  }

  read({ since, until, lag, final: snapshot = false, values }: Frame, { interval = 0 }) {
    const { bids = [], asks = [] } = values;
    const symbols = this.#symbols;
    const all = [bids, asks];
    const isWhole = all.every((side) => side.length === symbols.length);
    if (!isWhole || all.flat().some(({ length }) => length % 2 > 0)) return undefined;
    const sides = snapshot ? symbols.flatMap(() => [new Map(), new Map()]) : this.#sides;
    if (sides === undefined) return undefined;
    const changes = all.map((side) => side.map(levelsIn));
    for (const [n, map] of sides.entries()) {
      for (const [ticks, lots] of changes[n % 2]![n >> 1]!) {
        if (lots > 0) map.set(ticks, lots);
        else map.delete(ticks);
      }
    }
    this.#sides = sides;
    const [down, up] = [-1, 1].map((step, own) =>
      sides
        .filter((_, n) => n % 2 === own)
        .map((map) => [...map].sort(([a], [b]) => step * (a - b))),
    );
    const facts = { since, until, lag, interval, symbols, snapshot };
    return { ...facts, bids: down!, asks: up!, changes: { bids: changes[0]!, asks: changes[1]! } };
  }

  /** A row that changes nothing is one, too. */
  isEmpty(): boolean {
    return false;
  }

  paceMs(intervalMs: number): number {
    return intervalMs;
  }

  bytesOf({ bids, asks, changes }: Books): number {
    const sides = [bids, asks, changes.bids, changes.asks];
    return BOOKS_BYTES + LEVEL_BYTES * sides.flat(2).length;
  }

  merge(): undefined {}
}

/** Half a level: no whole book has it. */
const NO_LEVELS = new Float64Array(1);

/** Levels one behind the other; what is none makes no whole book. */
function flat(side: unknown): RowColumns {
  if (!Array.isArray(side)) return [];
  const lists = side.map((levels) => levels?.flat?.());
  return floatColumns(lists).map((all, n) => (all.length === lists[n]?.length ? all : NO_LEVELS));
}

function levelsIn(flatLevels: ArrayLike<number>): Level[] {
  return Array.from({ length: flatLevels.length / 2 }, (_, n) => [
    flatLevels[2 * n]!,
    flatLevels[2 * n + 1]!,
  ]);
}
