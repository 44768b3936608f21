import type { CandlePlace } from '../core/history/candle-rows.ts';
import { FormingCandles } from '../core/history/forming-candles.ts';
import type { History } from '../core/history/history.ts';
import { areCandles, type CandlesWanted } from '../core/history/wanted.ts';
import type { CandleLists } from '../core/market/candle-lists.ts';
import { finish } from '../core/market/finish.ts';
import {
  asWanted,
  FinalReading,
  type Finals,
  FormingReading,
  foldFinals,
  isTold,
} from './candle-reading.ts';
import type { CandlesEncoder, Encoder } from './encoder.ts';
import type { Frames } from './frames.ts';
import type { FanOutGroup } from './groups.ts';
import type { PartSource } from './part-source.ts';
import type { Reading } from './reading.ts';
import type { Part } from './sending.ts';
import { candlesKey } from './subscription.ts';

/** Values of final candles that are folded out of the ring in one go. */
const MOST_AT_ONCE = 2 ** 11;
/** Columns whose sums are looked up at once. */
const MOST_PROMPT = 2 ** 5;
/** Reads that are kept while nobody goes on with them: whoever wanted them may be gone. */
const MOST_READINGS = 64;

/** A candle as it stands before row `next`; no body tells of it if all columns are held. */
interface FormingBody {
  readonly next: number;
  readonly body: Uint8Array;
  readonly candles: number;
}

/** What all groups share that want the same candles, in whatever encoding and however often. */
interface Shared {
  readonly key: string;
  readonly wanted: CandlesWanted;
  readonly forming: FormingCandles;
  /** Of how it stands before row `next`, by the kind of body. */
  readonly bodies: Map<number, FormingBody>;
  /** No others have it: what is half read of a candle that forms fills that alone. */
  readonly number: number;
  groups: number;
}

/**
 * Payloads of candles for groups: at once of the candle that forms and of those that are kept, a
 * slice at a time of older ones.
 *
 *     cursor ──┬── its candle is whole: final candles, as many as fit, up to the last whole one
 *              └── its candle forms: that, as of the head, or of the last row that was read
 */
export class CandleSource implements PartSource {
  readonly #history: History;
  readonly #frames: Frames;
  /** By key; a group that is not here any more has none. */
  readonly #shared = new Map<string, Shared>();
  readonly #of = new Map<FanOutGroup, Shared>();
  /** How many there have been. */
  #count = 0;
  /** What is being read, by what it will be: the one that was gone on with last is last. */
  readonly #readings = new Map<string, Reading>();
  /** The final candles of those that are, and of bodies that were made: the head may move on. */
  readonly #chosen = new Map<string, Finals>();
  /** What was made last, which may be too large to be kept with others. */
  #read: { readonly key: string; readonly body?: Uint8Array } = { key: '' };

  constructor(history: History, frames: Frames) {
    this.#history = history;
    this.#frames = frames;
  }

  /** Writes the payload of what comes next for who wants row `from` next, if it is at hand. */
  put(group: FanOutGroup, from: number): Part | undefined {
    const shared = this.#sharedOf(group);
    const { head } = this.#history;
    const candle = shared.wanted.cut.rows.at(from);
    if (candle.next <= head) return this.#putFinals(group, shared, candle, from);
    const { forming } = shared;
    // Where rows come faster than they are read, it is told as it was read, with its lag.
    const next = forming.advance() ? head : (forming.nextOf(candle) ?? from);
    if (next <= from) return undefined;
    const { body, candles } = this.#formingBody(shared, group.encoder, next);
    return this.#put(group, body, { from, next, candles }, false);
  }

  /** Sums are at hand where what was traded is; of many columns they are read in turns. */
  isPrompt({ isTraded, columns }: FanOutGroup): boolean {
    if (!isTraded) return true;
    const { head, trades } = this.#history;
    return columns.length <= MOST_PROMPT && trades.has(columns, head);
  }

  /** Keeps what forms near the head, while nothing is told. */
  keepUp(group: FanOutGroup): void {
    this.#sharedOf(group).forming.keepUp();
  }

  /**
   * Reads what comes next for who wants row `from` next, as far as one turn goes: it may be at hand
   * then, or need another turn. False if that could not be paid.
   */
  *read(
    group: FanOutGroup,
    from: number,
    pay: (cost: number) => boolean,
  ): Generator<void, boolean, void> {
    const shared = this.#sharedOf(group);
    const candle = shared.wanted.cut.rows.at(from);
    const isFinal = candle.next <= this.#history.head;
    const key = isFinal ? finalsKey(group, shared, candle) : formingKey(shared, candle);
    const kept = this.#readings.get(key);
    const reading = kept ?? this.#newReading(group, shared, isFinal ? candle : undefined);
    setLast(this.#readings, key, reading);
    try {
      const isPaid = yield* reading.goOn(pay);
      if (reading.isDone) this.#readings.delete(key);
      return isPaid;
    } catch (error) {
      // Nobody goes on with half of it.
      this.#readings.delete(key);
      throw error;
    }
  }

  /** Of final candles from `first` on; without it, of the candle that forms. */
  #newReading(group: FanOutGroup, shared: Shared, first: CandlePlace | undefined): Reading {
    const history = this.#history;
    const { encoder } = group;
    const { key, wanted, forming } = shared;
    if (first === undefined) return new FormingReading(history, wanted, forming, encoder.format);
    const finals = this.#finalsOf(group, shared, first);
    setLast(this.#chosen, finalsKey(group, shared, first), finals);
    const done = (body: Uint8Array) => this.#keep(bodyKey(encoder, key, finals), body);
    return new FinalReading({ history, wanted, finals, encoder, done });
  }

  /** A group has no subscription any more. */
  ended(group: FanOutGroup): void {
    const shared = this.#of.get(group);
    if (shared === undefined) return;
    this.#of.delete(group);
    shared.groups -= 1;
    if (shared.groups === 0) this.#shared.delete(shared.key);
  }

  #sharedOf(group: FanOutGroup): Shared {
    const known = this.#of.get(group);
    if (known !== undefined) return known;
    if (!areCandles(group)) throw new Error('a group of candles says how they are cut');
    const key = candlesKey(this.#history.market, group);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const { what, fields, columns, isTraded, cut } = group;
      const wanted = { what, fields, columns, isTraded, cut };
      const forming = new FormingCandles(this.#history, wanted);
      shared = { key, wanted, forming, bodies: new Map(), number: this.#count++, groups: 0 };
      this.#shared.set(key, shared);
    }
    // One that has no subscription may still be served what it has begun: nothing is kept for it.
    if (group.readers > 0) {
      shared.groups += 1;
      this.#of.set(group, shared);
    }
    return shared;
  }

  /** How a candle stands before row `next`: made once for all, wherever they are. */
  #formingBody({ forming, bodies, wanted }: Shared, encoder: Encoder, next: number): FormingBody {
    const { number } = encoder.bodyKind;
    const known = bodies.get(number);
    if (known?.next === next) return known;
    const lists = asWanted(this.#history, wanted, forming.lists, next);
    const body = finish(candlesOf(encoder).encode(lists, false, wanted, next));
    const made = { next, body, candles: lists.time.length };
    bodies.set(number, made);
    return made;
  }

  #putFinals(
    group: FanOutGroup,
    shared: Shared,
    candle: CandlePlace,
    from: number,
  ): Part | undefined {
    const { encoder } = group;
    const finals = this.#finalsOf(group, shared, candle);
    const key = bodyKey(encoder, shared.key, finals);
    let body = this.#kept(key);
    if (body === undefined) {
      const lists = this.#atHand(shared, finals);
      if (lists === undefined) return undefined;
      const { wanted } = shared;
      body = finish(candlesOf(encoder).encode(lists, true, wanted, finals.next));
      this.#keep(key, body);
    }
    return this.#put(group, body, { from, next: finals.next, candles: finals.told }, true);
  }

  #kept(key: string): Uint8Array | undefined {
    return this.#frames.kept(key) ?? (this.#read.key === key ? this.#read.body : undefined);
  }

  #keep(key: string, body: Uint8Array): void {
    this.#frames.keep(key, body);
    this.#read = { key, body };
  }

  /**
   * Final candles that need no reading: the last, as it was told; or the last few, of the ring. Who
   * is further behind has them read in turn, and pays.
   */
  #atHand({ wanted, forming }: Shared, finals: Finals): CandleLists | undefined {
    const { ring } = this.#history;
    const last = finals.count === 1 ? forming.finalOf(finals.first) : undefined;
    if (last !== undefined) return asWanted(this.#history, wanted, last, finals.next);
    const values = (finals.next - finals.from) * wanted.columns.length;
    const isOld = finals.from < ring.tail || wanted.cut.rows.at(finals.next).next <= ring.head;
    if (wanted.isTraded || isOld || values > MOST_AT_ONCE) return undefined;
    return asWanted(this.#history, wanted, foldFinals(this.#history, wanted, finals), finals.next);
  }

  /** Those from a whole candle on: as they were chosen, if they are being read or were made. */
  #finalsOf(group: FanOutGroup, shared: Shared, first: CandlePlace): Finals {
    const key = finalsKey(group, shared, first);
    const chosen = this.#chosen.get(key);
    if (chosen !== undefined) {
      if (this.#readings.has(key)) return chosen;
      if (this.#kept(bodyKey(group.encoder, shared.key, chosen)) !== undefined) return chosen;
    }
    return this.#finalsFrom(shared, first, group.rowsPerFrame);
  }

  /**
   * Those from a whole candle on. Frames end at the same candles whoever wants them, so that their
   * bodies are shared.
   */
  #finalsFrom({ wanted }: Shared, first: CandlePlace, perFrame: number): Finals {
    const { timeline } = this.#history;
    // Of those behind an entry another frame tells, unless it is in the first.
    const head = Math.min(
      this.#history.head,
      Math.max(first.next, timeline.nextChange(first.from)),
    );
    let last = first;
    let count = 1;
    let told = isTold(timeline, wanted, first) ? 1 : 0;
    while (last.next < head && !endsFrame(last.number, perFrame)) {
      const candle = wanted.cut.rows.at(last.next);
      if (candle.next > head || crossesFrame(last.number, candle.number, perFrame)) break;
      last = candle;
      count += 1;
      if (isTold(timeline, wanted, candle)) told += 1;
    }
    const { number, from } = first;
    return { first: number, end: last.number + 1, from, next: last.next, count, told };
  }

  #put(
    group: FanOutGroup,
    body: Uint8Array,
    part: Part & { readonly candles: number },
    isFinal: boolean,
  ): Part {
    const { encoder, fields, columns, cut } = group as FanOutGroup & CandlesWanted;
    const isSparse = !cut.isHeldToo;
    const shape = { fields, columns: columns.length, count: part.candles, isFinal, isSparse };
    const { from, next } = part;
    candlesOf(encoder).put(body, shape, from, next, this.#history.head);
    return part;
  }
}

function endsFrame(number: number, perFrame: number): boolean {
  return (number + 1) % perFrame === 0;
}

/** Whether candles that are left out, because they have no rows, hide the end of a frame. */
function crossesFrame(number: number, next: number, perFrame: number): boolean {
  return Math.floor(number / perFrame) !== Math.floor(next / perFrame);
}

function candlesOf({ candles, name }: Encoder): CandlesEncoder {
  if (candles === undefined) throw new Error(`${name} has candles: its groups were joined`);
  return candles;
}

/** Sets the last of a map; the first goes if they are too many. */
function setLast<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_READINGS) map.delete(map.keys().next().value!);
}

/** Equal for those who are to be sent the same final candles next, whenever they ask. */
function finalsKey({ encoder, rowsPerFrame }: FanOutGroup, { key }: Shared, first: CandlePlace) {
  return `finals ${encoder.bodyKind.number} ${rowsPerFrame} ${first.number} ${key}`;
}

/** The same of one candle, until it is final. */
function formingKey({ number }: Shared, candle: CandlePlace): string {
  return `forming ${number} ${candle.number}`;
}

function bodyKey({ bodyKind }: Encoder, key: string, { first, end }: Finals): string {
  return `candles ${bodyKind.number} ${first} ${end} ${key}`;
}
