import type { Decider } from '../../src/core/faults/decider.ts';
import type { Strike } from '../../src/core/faults/strike.ts';
import type { Truth } from '../../src/core/grading/truth.ts';
import { finish } from '../../src/core/market/finish.ts';

/** A record as a program writes it down: by columns of the truth, prices in ticks. */
export interface Taken {
  readonly column: number;
  readonly key: number;
  readonly values: readonly (number | string)[];
}

/** What there is to tell when a row comes. */
export interface Message {
  readonly index: number;
  readonly records: readonly Taken[];
}

/** All that is true of some columns, by the rows `[from, next)` at which it is told. */
export function messagesOf(
  truth: Truth,
  columns: readonly number[],
  from: number,
  next: number,
): Message[] {
  const { grid } = truth.timeline;
  const timeOf = (index: number) => grid.originMs + index * grid.intervalMs;
  const byRow = new Map<number, Taken[]>();
  for (const column of columns) {
    // Of candles: those that begin earlier too, as they are told when they end.
    const [first] = truth.placesIn(column, timeOf(from - 300), timeOf(from - 300));
    const [, end] = truth.placesIn(column, timeOf(-1), timeOf(next));
    for (let place = first; place < end; place++) {
      const index = truth.rowOf(column, place);
      if (index < from || index >= next) continue;
      if (!truth.has(column, place)) finish(truth.make(column, place));
      const values = truth.fields.map((_, field) => truth.valueAt(column, place, field));
      const records = byRow.get(index) ?? [];
      records.push({ column, key: truth.keyOf(column, place), values });
      byRow.set(index, records);
    }
  }
  return Array.from({ length: next - from }, (_, n) => {
    return { index: from + n, records: byRow.get(from + n) ?? [] };
  });
}

/** How a program meets what comes of a feed that misbehaves: all of them lose something. */
export interface Habits {
  /** Leaves out a message with a price that is no number, and what is not behind the last one. */
  readonly isStrict: boolean;
  /** Hangs up when it is kept waiting, or cannot read something. */
  readonly givesUp: boolean;
  /** What it asks for when it comes back, beside what is new: rows before, or those it missed. */
  readonly asksAgain: 'nothing' | 'too much' | 'late';
  /** Asks for what is new each so many rows instead, over HTTP; 0 follows the stream. */
  readonly pollRows: number;
  readonly random: () => number;
}

/** The longest that one is away, or goes back, or that is lost on the way: in rows. */
export const MOST_AWAY = 5;
const MOST_LOST = 3;

const BREAKS = ['cut', 'close', 'halfopen', 'status', 'truncate'];
const ANSWERED = ['status', 'truncate', 'slow'];
const WAITS = ['stall', 'burst', 'throttle', 'slow', 'delay'];

/** What a program has taken in of what is true, under faults. */
export function takenBy(
  truth: Truth,
  decider: Decider,
  messages: readonly Message[],
  habits: Habits,
): Taken[] {
  const taken = new Taking(truth, messages, habits);
  if (habits.pollRows > 0) poll(taken, decider, messages, habits);
  else follow(taken, decider, messages, habits);
  return taken.records();
}

/** Messages in the order in which they are taken. */
class Taking {
  readonly #truth: Truth;
  readonly #messages: readonly Message[];
  readonly #isStrict: boolean;
  readonly #told: Message[] = [];

  constructor(truth: Truth, messages: readonly Message[], { isStrict }: Habits) {
    this.#truth = truth;
    this.#messages = messages;
    this.#isStrict = isStrict;
  }

  add(message: Message): void {
    if (message.records.length > 0) this.#told.push(message);
  }

  /** The last so many rows, as they were told: on their way, they come to nobody. */
  lose(rows: number, index: number): void {
    while ((this.#told.at(-1)?.index ?? -1) >= index - rows) this.#told.pop();
  }

  /** Rows `[from, next)` as they are. */
  again(from: number, next: number): void {
    const first = this.#messages[0]!.index;
    for (const message of this.#messages.slice(Math.max(0, from - first), next - first)) {
      this.add(message);
    }
  }

  records(): Taken[] {
    const last = new Map<number, number>();
    return this.#told.flatMap(({ records }) => {
      if (!this.#isStrict) return records;
      const prices = this.#truth.arePrices;
      const isWhole = records.every(({ values }) => {
        return values.every((value, field) => !prices[field] || typeof value === 'number');
      });
      return isWhole
        ? records.filter(({ column, key }) => {
            if (key <= (last.get(column) ?? Number.NEGATIVE_INFINITY)) return false;
            last.set(column, key);
            return true;
          })
        : [];
    });
  }
}

/** Follows a stream. */
function follow(
  taking: Taking,
  decider: Decider,
  messages: readonly Message[],
  { givesUp, asksAgain, random }: Habits,
): void {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  let awayUntil = -1;
  let lostFrom = -1;
  let reordered: Message[] = [];
  const overtaken: { readonly message: Message; at: number }[] = [];
  for (const message of messages) {
    const { index } = message;
    const strikes = decider.strikes(index).filter(({ kind }) => !ANSWERED.includes(kind));
    const has = (...kinds: readonly string[]) => strikes.some(({ kind }) => kinds.includes(kind));
    const isHeld = strikes.some((it) => WAITS.includes(it.kind) && !isOvertaking(it));
    const hangsUp = givesUp && (isHeld || has('garbage')) && random() < 0.5;
    if (index >= awayUntil && (has(...BREAKS) || hangsUp)) {
      const lost = has('cut') ? upTo(MOST_LOST) : 0;
      taking.lose(lost, index);
      reordered = [];
      overtaken.length = 0;
      lostFrom = index - lost;
      awayUntil = index + 1 + upTo(MOST_AWAY - 1);
    }
    if (index < awayUntil) continue;
    if (index === awayUntil && asksAgain === 'too much') {
      taking.again(lostFrom - upTo(MOST_AWAY), index);
    }
    const told = changed(message, decider, strikes);
    const isDropped =
      has('drop') || strikes.some((it) => it.kind === 'garbage' && it.form === 'half');
    const copies = isDropped ? [] : has('duplicate') ? [told, told] : [told];
    if (strikes.some(isOvertaking)) {
      for (const copy of copies) overtaken.push({ message: copy, at: index + 1 + upTo(3) });
    } else if (has('reorder') && copies.length > 0 && reordered.length === 0) {
      reordered = copies;
    } else {
      for (const copy of copies) taking.add(copy);
      // What tells of nothing is not sent.
      if (copies.length > 0 && told.records.length > 0) {
        for (const one of reordered.splice(0)) taking.add(one);
      }
    }
    for (const one of overtaken.filter(({ at }) => at <= index)) taking.add(one.message);
    overtaken.splice(0, overtaken.length, ...overtaken.filter(({ at }) => at > index));
    if (index === awayUntil && asksAgain === 'late') taking.again(lostFrom, index);
  }
  for (const one of [...reordered, ...overtaken.map(({ message }) => message)]) taking.add(one);
}

function isOvertaking(strike: Strike): boolean {
  return strike.kind === 'delay' && strike.overtake;
}

/** Asks each so many rows for those that are new, and goes on without what it was not answered. */
function poll(
  taking: Taking,
  decider: Decider,
  messages: readonly Message[],
  { givesUp, pollRows }: Habits,
): void {
  for (let n = 0; n < messages.length; n += pollRows) {
    const answer = messages.slice(n, n + pollRows);
    const strikes = decider.strikes(answer.at(-1)!.index);
    const kinds = strikes.map(({ kind }) => kind);
    const isLost = kinds.some((kind) => BREAKS.includes(kind) || kind === 'garbage');
    if (isLost || (givesUp && kinds.some((kind) => WAITS.includes(kind)))) continue;
    for (const message of answer.slice(0, -1)) taking.add(message);
    taking.add(changed(answer.at(-1)!, decider, strikes));
  }
}

/** A message with wrong prices and times, as strikes on its row have it. */
function changed(message: Message, decider: Decider, strikes: readonly Strike[]): Message {
  const skewMs = strikes.reduce((sum, it) => sum + (it.kind === 'skew' ? it.ms : 0), 0);
  const isLast = new Map(message.records.map((record) => [record.column, record]));
  const records = message.records.map((record) => {
    let { key, values } = record;
    const isTrade = values.length === 4 && isTradeOf(record);
    if (isTrade) values = values.with(0, Number(values[0]) + skewMs * 1000);
    else key += skewMs;
    // Of several trades it is the last one that has another price.
    if (isLast.get(record.column) !== record) return { ...record, key, values };
    const at = isTrade ? 1 : values.length > 1 ? CLOSE : 0;
    for (const strike of decider.strikesOf(message.index, record.column)) {
      values = values.with(at, wrong(Number(values[at]), strike));
    }
    return { ...record, key, values };
  });
  return { index: message.index, records };
}

/** Of open, high, low, close. */
const CLOSE = 3;

/** Trades alone have times in microseconds. */
function isTradeOf({ values }: Taken): boolean {
  return Number(values[0]) > 1e15;
}

function wrong(price: number, strike: Strike): number | string {
  if (strike.kind !== 'corrupt') return price - 1;
  switch (strike.form) {
    case 'ticks':
      return price + strike.ticks;
    case 'negative':
      return -price;
    case 'zero':
      return 0;
    case 'other':
      return price + 7;
    default:
      return strike.form;
  }
}
