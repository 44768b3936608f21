import type { History } from '../core/history/history.ts';
import { areBooks } from '../core/history/wanted.ts';
import { ByteCache } from '../core/market/byte-cache.ts';
import { finish } from '../core/market/finish.ts';
import { DepthRows, MOST_BEHIND, type Plan, type Told } from './depth-rows.ts';
import type { DepthEncoder, Encoder, Frame } from './encoder.ts';
import type { FanOutGroup } from './groups.ts';
import type { PartSource } from './part-source.ts';
import type { Part } from './sending.ts';

/** Levels of both sides that are told without a turn: some hundred microseconds of work; */
const MOST_PROMPT_LEVELS = 2 ** 11;
/** and of all those together, at one head: two milliseconds. */
const MOST_LEVELS_AT_ONCE = 2 ** 15;
/** Of all books that readers follow: some ten thousand of 20 levels. */
const CACHE_BYTES = 64 * 2 ** 20;

/**
 * Payloads of books for groups: what changed in the next row, or whole books of the newest. Those
 * say from which row they go on, as all messages do: whoever was to be told first which rows are
 * left out, and then lost the connection, would have the cursor of a book that it has not.
 *
 *     cursor ──┬── without a book, or further behind than whole books cost: those of the head
 *              └── else what changed in its row
 */
export class DepthSource implements PartSource {
  readonly #history: History;
  /** By what is wanted, whatever the encoding. */
  readonly #rows = new ByteCache<string, DepthRows>(CACHE_BYTES);
  /** Levels that were made without a turn, at which head. */
  #madeLevels = 0;
  #madeAt = -1;
  /** Of whom something was read just now: it is told, although the head may have moved on. */
  #justRead: DepthRows | undefined;

  constructor(history: History) {
    this.#history = history;
  }

  put(group: FanOutGroup, from: number, hasBook: boolean): Part | undefined {
    const justRead = this.#justRead;
    this.#justRead = undefined;
    const { head } = this.#history;
    if (head === 0) return undefined;
    const rows = this.#rowsOf(group);
    const plan = rows.planOf(from, hasBook);
    let { told } = plan;
    if (told === undefined && rows === justRead) told = readFor(rows, from, hasBook);
    if (told === undefined && this.#isAtHand(group, rows, plan)) {
      finish(rows.make(plan));
      told = rows.planOf(from, hasBook).told;
    }
    if (told === undefined) return undefined;
    const next = told.index + 1;
    const { encoder, columns } = group;
    const levels = told.lists.ticks.length;
    const shape = { columns: columns.length, levels, isSnapshot: told.isSnapshot };
    depthOf(encoder).put(bodyOf(encoder, told, columns), shape, from, next, head);
    const leftOut = group.telling?.how === 'since' ? 0 : Math.max(0, next - from - 1);
    return { from, next, leftOut };
  }

  /** Books that are told row by row are paid for by whoever comes first. */
  isPrompt(group: FanOutGroup): boolean {
    const { head, trades } = this.#history;
    const { telling, columns } = group;
    if (telling === undefined || !trades.has(columns, head)) return false;
    const rows = telling.how === 'since' ? telling.everyRows : 1;
    return rows * levelsOf(group) <= MOST_PROMPT_LEVELS;
  }

  /** Whether what is told is made at once, as live rows are: it is little, and so is all of it. */
  #isAtHand(group: FanOutGroup, rows: DepthRows, plan: Plan): boolean {
    if (group.telling === undefined || !rows.isAtHand(plan)) return false;
    const { head } = this.#history;
    const levels = (plan.index + 1 - plan.from) * levelsOf(group);
    if (levels > MOST_PROMPT_LEVELS) return false;
    if (this.#madeAt !== head) this.#madeLevels = 0;
    this.#madeAt = head;
    this.#madeLevels += levels;
    return this.#madeLevels <= MOST_LEVELS_AT_ONCE;
  }

  *read(
    group: FanOutGroup,
    from: number,
    pay: (cost: number) => boolean,
    hasBook: boolean,
  ): Generator<void, boolean, void> {
    const rows = this.#rowsOf(group);
    for (let made = 0; made <= MOST_BEHIND; made++) {
      const plan = rows.planOf(from, hasBook);
      if (plan.told !== undefined) break;
      if (!pay(rows.costOf(plan, group.encoder.format))) return false;
      yield* rows.make(plan);
      yield;
    }
    this.#justRead = rows;
    return true;
  }

  /** Nothing of them is half made. */
  keepUp(): void {}

  /** What was made of its books goes when others are wanted. */
  ended(): void {}

  #rowsOf(group: FanOutGroup): DepthRows {
    const { wantedKey } = group;
    let rows = this.#rows.get(wantedKey);
    if (rows === undefined) {
      if (!areBooks(group)) throw new Error('a group of books says how many levels they have');
      const { what, fields, columns, isTraded, levels, telling } = group;
      rows = new DepthRows(this.#history, { what, fields, columns, isTraded, levels, telling });
      this.#rows.set(wantedKey, rows, rows.bytes + wantedKey.length);
    }
    return rows;
  }
}

/** What was read for a reader while the head moved on: it comes nearer by it. */
function readFor(rows: DepthRows, from: number, hasBook: boolean): Told | undefined {
  const { snapshot } = rows;
  const least = hasBook ? from : from - 1;
  if (snapshot !== undefined && snapshot.index >= least) return snapshot;
  return hasBook ? rows.changesAt(from) : undefined;
}

function levelsOf({ levels = 0, columns }: FanOutGroup): number {
  return 2 * levels * columns.length;
}

function depthOf({ depth, name }: Encoder): DepthEncoder {
  if (depth === undefined) throw new Error(`${name} has books: its groups were joined`);
  return depth;
}

/** Made once for all encoders of a kind. */
function bodyOf(encoder: Encoder, told: Told, columns: readonly number[]): Frame {
  const { lists, isSnapshot, from, index, bodies } = told;
  const { number } = encoder.bodyKind;
  let body = bodies[number];
  if (body === undefined) {
    body = depthOf(encoder).encode(lists, isSnapshot, { columns, from, index });
    bodies[number] = body;
  }
  return body;
}
