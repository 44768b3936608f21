import type { Decider } from '../faults/decider.ts';
import { type FaultKind, isOfSymbols } from '../faults/kinds.ts';
import { ledger } from '../faults/ledger.ts';
import type { Strike } from '../faults/strike.ts';
import type { FaultsGrade, KindGrade, Sin } from './grade.ts';
import { ORDER, type Order } from './seen.ts';
import type { Truth } from './truth.ts';

/** What harms a connection or an answer: what is missing from there on is of it. */
const BREAKING: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(['cut', 'close', 'stall', 'halfopen', 'throttle', 'burst', 'delay'] as const),
  ...(['garbage', 'status', 'truncate', 'slow'] as const),
]);
/** What takes a row away, or puts it elsewhere. */
const TAKING: ReadonlySet<FaultKind> = new Set<FaultKind>(['drop', 'garbage', 'skew']);

/** Places around the one that is due, of which one may have come at another time. */
const BEFORE_DUE = 4;
const BEHIND_DUE = 16;
/** Rows that are remembered to have come at another time, of each symbol. */
const MOST_SKEWED = 1024;
/** Places of one hole that are looked at one by one; the others are as the last of them. */
const MOST_PLACES = 2 ** 16;
const PLACES_PER_STEP = 2 ** 8;

/** What is known of one symbol. */
export class SymbolExcuses {
  readonly column: number;
  /** Whether the record that was taken last came at another time. */
  isSkewed = false;
  /** Places before this one are late because one came ahead of its time. */
  aheadUntil = -1;
  /** The place behind the last record that is late because a connection broke. */
  lateNext = -1;
  /** The strike that was counted last. */
  lastCause = '';
  /** Places whose records came at another time. */
  readonly skewed = new Set<number>();

  constructor(column: number) {
    this.column = column;
  }
}

/**
 * Finds for each difference the strike that caused it, if one did. A record shares the fate of the
 * newest row that it tells of. A strike counts for each symbol by itself, once, whatever comes of
 * it.
 */
export class Excuses {
  readonly #decider: Decider;
  readonly #truth: Truth;
  readonly #drawn: (draws: number) => void;
  readonly #hasSkew: boolean;
  readonly #draws: number;
  readonly #notRecovered = new Map<FaultKind, number>();
  readonly #noExcuse: Record<Sin, number> = {
    missing: 0,
    twice: 0,
    outOfOrder: 0,
    wrong: 0,
    offGrid: 0,
    tooLate: 0,
  };

  /** `drawn` is told how many words are drawn. */
  constructor(decider: Decider, truth: Truth, drawn: (draws: number) => void = () => {}) {
    const { clauses } = decider.faults.profile;
    this.#decider = decider;
    this.#truth = truth;
    this.#drawn = drawn;
    this.#hasSkew = truth.what === 'rows' && clauses.some(({ kind }) => kind === 'skew');
    this.#draws = clauses.length;
  }

  /** Of a record that was taken, while `due` was the place that should come. */
  ofRecord(own: SymbolExcuses, key: number, place: number, due: number, order: Order): void {
    own.isSkewed = this.#hasSkew && order !== ORDER.next && this.#isSkewed(own, key, place, due);
    // One that is ahead of its time looks as if others were missing.
    if (this.#hasSkew && order === ORDER.next && place > due && due >= 0) {
      own.isSkewed = this.#isSkewed(own, key, place, due);
    }
    if (order === ORDER.next || own.isSkewed) return;
    if (order === ORDER.twice) this.#ofTwice(own, place);
    else if (order === ORDER.late) this.#ofLate(own, place);
    else this.#noExcuse.tooLate += 1;
  }

  /** Of a record at a time of no row. */
  ofOffGrid(own: SymbolExcuses, key: number, due: number): void {
    own.isSkewed = this.#hasSkew && this.#isSkewed(own, key, -1, due);
    if (!own.isSkewed) this.#noExcuse.offGrid += 1;
  }

  /** Of a value of the record that was taken last. */
  ofWrong(own: SymbolExcuses, place: number): void {
    if (own.isSkewed) return;
    const index = this.#rowOf(own, place);
    this.#drawn(this.#draws);
    const [cause] = this.#decider.strikesOf(index, own.column);
    if (cause !== undefined) {
      this.#count(own, cause, index);
      return;
    }
    // It may be that of another row, whose time was off by what is between them.
    const key = this.#truth.keyOf(own.column, place);
    own.isSkewed = this.#hasSkew && this.#isSkewed(own, key, place, place + 1);
    if (!own.isSkewed) this.#noExcuse.wrong += 1;
  }

  /** Of places that are missing for good; yields often. */
  *ofMissing(own: SymbolExcuses, from: number, next: number): Generator<void, void, void> {
    if (from >= next) return;
    const stop = Math.min(next, from + MOST_PLACES);
    let isBroken = false;
    let before = this.#rowOf(own, from) - 1;
    for (let place = from; place < stop; place++) {
      const index = this.#rowOf(own, place);
      const isExcused = this.#excusesMissing(own, place, index);
      // What broke between the one before and this one, or at it.
      for (let at = Math.max(before, index - 1); at <= index && !isBroken; at++) {
        const cause = this.#strikes(at).find(({ kind }) => BREAKING.has(kind));
        if (cause === undefined) continue;
        isBroken = true;
        this.#count(own, cause, at);
      }
      if (!isExcused && !isBroken) this.#noExcuse.missing += 1;
      before = index;
      if (place % PLACES_PER_STEP === 0) yield;
    }
    if (!isBroken) this.#noExcuse.missing += next - stop;
  }

  /** What all strikes on the rows `[from, next)` came to, for so many columns; yields often. */
  *grade(
    columns: readonly number[],
    from: number,
    next: number,
  ): Generator<void, FaultsGrade, void> {
    const { faults } = this.#decider;
    const strikes = new Map<FaultKind, number>();
    for (const { kind } of faults.profile.clauses) strikes.set(kind, 0);
    for (const entries of ledger(this.#decider, columns, from, next)) {
      this.#drawn(entries.length + LEDGER_DRAWS);
      for (const { strike } of entries) {
        const count = isOfSymbols(strike.kind) ? 1 : columns.length;
        strikes.set(strike.kind, strikes.get(strike.kind)! + count);
      }
      yield;
    }
    const kinds: Record<string, KindGrade> = {};
    for (const [kind, count] of strikes) {
      const notRecovered = Math.min(count, this.#notRecovered.get(kind) ?? 0);
      kinds[kind] = { strikes: count, recovered: count - notRecovered, notRecovered };
    }
    const { profile, seed } = faults;
    return { profile: profile.text, seed, kinds, noExcuse: { ...this.#noExcuse } };
  }

  /** Whether a strike on a row itself took it away. */
  #excusesMissing(own: SymbolExcuses, place: number, index: number): boolean {
    const cause = this.#strikes(index).find(({ kind }) => TAKING.has(kind));
    if (cause === undefined) return false;
    if (!own.skewed.has(place)) this.#count(own, cause, index);
    return true;
  }

  #ofTwice(own: SymbolExcuses, place: number): void {
    const index = this.#rowOf(own, place);
    const cause = this.#strikes(index).find(({ kind }) => kind === 'duplicate');
    if (cause !== undefined) this.#count(own, cause, index);
    else if (place >= own.aheadUntil) this.#noExcuse.twice += 1;
  }

  #ofLate(own: SymbolExcuses, place: number): void {
    if (place < own.aheadUntil) return;
    if (place === own.lateNext) {
      own.lateNext += 1;
      return;
    }
    const index = this.#rowOf(own, place);
    const strikes = this.#strikes(index);
    const turning = strikes.find(
      (strike) => strike.kind === 'reorder' || (strike.kind === 'delay' && strike.overtake),
    );
    const taking = turning ?? strikes.find(({ kind }) => TAKING.has(kind));
    if (taking !== undefined) {
      this.#count(own, taking, index);
      return;
    }
    const near = [...strikes, ...this.#strikes(index - 1)];
    const breaking = near.find(({ kind }) => BREAKING.has(kind));
    if (breaking === undefined) {
      this.#noExcuse.outOfOrder += 1;
      return;
    }
    // All that was read again behind it is of it.
    this.#count(own, breaking, index);
    own.lateNext = place + 1;
  }

  /** Whether a record is one of those that are due, at a time that is off. */
  #isSkewed(own: SymbolExcuses, key: number, place: number, due: number): boolean {
    const { column } = own;
    for (let at = Math.max(0, due - BEFORE_DUE); at < due + BEHIND_DUE; at++) {
      const cause = this.#strikes(at).find(({ kind }) => kind === 'skew');
      if (cause?.kind !== 'skew' || this.#truth.keyOf(column, at) + cause.ms !== key) continue;
      if (place > at) own.aheadUntil = Math.max(own.aheadUntil, place + 1);
      if (own.skewed.size >= MOST_SKEWED) own.skewed.clear();
      own.skewed.add(at);
      this.#count(own, cause, at);
      return true;
    }
    return false;
  }

  #strikes(index: number): readonly Strike[] {
    this.#drawn(this.#draws);
    return index < 0 ? [] : this.#decider.strikes(index);
  }

  #rowOf(own: SymbolExcuses, place: number): number {
    return this.#truth.rowOf(own.column, place);
  }

  #count(own: SymbolExcuses, { kind, clause }: Strike, index: number): void {
    const cause = `${clause} ${index}`;
    if (cause === own.lastCause) return;
    own.lastCause = cause;
    this.#notRecovered.set(kind, (this.#notRecovered.get(kind) ?? 0) + 1);
  }
}

/** Of one stretch of the ledger. */
const LEDGER_DRAWS = 2 ** 14;
