import type { Decider } from '../faults/decider.ts';
import { type FaultKind, isOfSymbols } from '../faults/kinds.ts';
import { type LedgerWork, ledger, ledgerWork } from '../faults/ledger.ts';
import type { Strike } from '../faults/strike.ts';
import { breakOf, causeOf, isBreaking } from './causes.ts';
import type { FaultsGrade, KindGrade, Sin } from './grade.ts';
import { Hole, ON_THEIR_WAY, type StrikeAt } from './hole.ts';
import { ORDER } from './seen.ts';
import { type SkewedRecord, Skews } from './skews.ts';
import type { SymbolExcuses, TakenRecord } from './symbol-excuses.ts';
import type { Truth } from './truth.ts';

/** Rows before that of a record, of which one may have broken what came of it. */
const MOST_ROWS = 2 ** 10;
/** Places of one hole that are looked at one by one; the others are as the last of them. */
const MOST_PLACES = 2 ** 16;
/** Rows that are looked at between two yields: some 0.5 ms. */
const ROWS_PER_STEP = 2 ** 10;
/** Symbols that a message is thrown away for, because the price of one of them is wrong. */
const MOST_BESIDE = 2 ** 8;
/** Draws of one stretch of the ledger. */
const LEDGER_DRAWS = 2 ** 14;

/** The rows `[from, next)` of a ledger, and what each of them takes. */
export interface LedgerWalk {
  readonly from: number;
  readonly next: number;
  readonly work: LedgerWork;
}

/**
 * Finds for each difference the strike that caused it, if one can have, by the rules of `CAUSES`. A
 * record shares the fate of the newest row that it tells of. A strike counts for each symbol by
 * itself, once, whatever comes of it.
 */
export class Excuses {
  readonly #decider: Decider;
  readonly #truth: Truth;
  readonly #drawn: (draws: number) => void;
  readonly #begins: (walk: LedgerWalk) => void;
  readonly #skews: Skews;
  /** Whether rows may wait in a connection that goes at a pace, and be lost with it. */
  readonly #isPaced: boolean;
  readonly #hasCorrupt: boolean;
  readonly #draws: number;
  readonly #columns: number[] = [];
  readonly #notRecovered = new Map<FaultKind, number>();
  readonly #noExcuse: Record<Sin, number> = {
    missing: 0,
    twice: 0,
    outOfOrder: 0,
    wrong: 0,
    offGrid: 0,
    tooLate: 0,
  };

  /** `drawn` is told how many words are drawn, `begins` how far the ledger is about to be read. */
  constructor(
    decider: Decider,
    truth: Truth,
    drawn: (draws: number) => void = () => {},
    begins: (walk: LedgerWalk) => void = () => {},
  ) {
    const { clauses } = decider.faults.profile;
    const has = (kind: FaultKind) => clauses.some((clause) => clause.kind === kind);
    const skewMs = clauses.reduce((most, { kind, how }) => {
      return most + (kind === 'skew' && how.what === 'time' ? how.toMs : 0);
    }, 0);
    this.#decider = decider;
    this.#truth = truth;
    this.#drawn = drawn;
    this.#begins = begins;
    this.#skews = new Skews(truth, skewMs, (index) => this.#strikes(index));
    this.#isPaced = has('throttle');
    this.#hasCorrupt = has('corrupt');
    this.#draws = clauses.length;
  }

  /** Says that there may be records of a symbol. */
  follow(column: number): void {
    this.#columns.push(column);
  }

  /** Of a record that was taken. */
  ofRecord(own: SymbolExcuses, record: TakenRecord): void {
    const { key, place, due, order } = record;
    // What was read again behind one that is late is of the same.
    if (order === ORDER.late && place === own.lateNext) {
      own.isSkewed = false;
      own.lateNext += 1;
      return;
    }
    // One that is ahead of its time looks as if others were missing.
    const isAsDue = order === ORDER.next && (place === due || due < 0);
    own.isSkewed = !isAsDue && this.#isSkewed(own, key, due);
    if (order === ORDER.next || own.isSkewed) return;
    if (order === ORDER.twice) this.#ofTwice(own, record);
    else if (order === ORDER.late) this.#ofLate(own, record);
    else this.#noExcuse.tooLate += 1;
  }

  /** Of a record at a time of no row. */
  ofOffGrid(own: SymbolExcuses, key: number, due: number): void {
    own.isSkewed = this.#isSkewed(own, key, due);
    if (!own.isSkewed) this.#noExcuse.offGrid += 1;
  }

  /** Of a value of the record that was taken last. */
  ofWrong(own: SymbolExcuses, place: number, field: number): void {
    if (own.isSkewed) return;
    const index = this.#truth.rowOf(own.column, place);
    if (this.#isHarmed(field)) {
      const cause = causeOf('wrong', this.#strikesOf(index, own.column));
      if (cause !== undefined) {
        this.#count(own, cause, index);
        return;
      }
    }
    // It may be that of another row, whose time was off by what is between them.
    const key = this.#truth.keyOf(own.column, place);
    own.isSkewed = this.#isSkewed(own, key, place + 1);
    if (own.isSkewed) return;
    const skew = this.#strikes(index).find(({ kind }) => kind === 'skew');
    if (skew !== undefined && this.#truth.fields[field] === 'time') this.#count(own, skew, index);
    else this.#noExcuse.wrong += 1;
  }

  /** Of places that are missing for good, as far as they must be there; yields often. */
  *ofMissing(own: SymbolExcuses, from: number, next: number): Generator<void, void, void> {
    if (from >= next) return;
    const hole = new Hole(this.#isPaced);
    const stop = Math.min(next, from + MOST_PLACES);
    let first = this.#firstRowOf(own, from);
    let rows = 0;
    for (let place = from; place < stop; place++) {
      if (!(yield* this.#isWanted(own, place))) continue;
      const index = this.#truth.rowOf(own.column, place);
      first = Math.max(first, index - MOST_ROWS);
      this.#breakIn(hole, first, index);
      rows += 1 + index - first;
      if (rows >= ROWS_PER_STEP) {
        rows = 0;
        yield;
      }
      first = index + 1;
      if (this.#isExcusedItself(own, place, index)) hole.lastRow = index;
      else hole.lacks(index);
    }
    hole.ends();
    this.#breakIn(hole, hole.lastRow + 1, hole.lastRow + ON_THEIR_WAY);
    const { blamed, without } = hole.judged();
    for (const { strike, index } of blamed) this.#count(own, strike, index);
    this.#noExcuse.missing += without + (blamed.length > 0 ? 0 : next - stop);
  }

  /** Tells a hole what broke at the rows `first` to `last`. */
  #breakIn(hole: Hole, first: number, last: number): void {
    for (let index = first; index <= last; index++) {
      const strike = breakOf(this.#strikes(index));
      if (strike !== undefined) hole.breaks({ strike, index });
    }
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
    this.#begins({ from, next, work: ledgerWork(this.#decider, columns.length) });
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

  /** Whether a field is the one that a wrong price stands in. */
  #isHarmed(field: number): boolean {
    const { what, fields, arePrices } = this.#truth;
    return what === 'candles' ? fields[field] === 'close' : arePrices[field];
  }

  /** Whether something was done to a record itself for which it may not have been taken. */
  #isExcusedItself(own: SymbolExcuses, place: number, index: number): boolean {
    if (own.skewed.has(place)) return true;
    return this.#countItself(own, 'missing', index) || this.#skews.reaches(own.skewed, place);
  }

  /** Counts what was done to a record itself, if that can have caused this; gives whether. */
  #countItself(own: SymbolExcuses, sin: Sin, index: number): boolean {
    const cause = causeOf(sin, this.#strikes(index));
    const ofOwn = cause ?? causeOf(sin, this.#strikesOf(index, own.column));
    if (ofOwn !== undefined) {
      this.#count(own, ofOwn, index);
      return true;
    }
    // Who throws a message away for one price that is wrong has no other price of it either.
    if (!this.#hasCorrupt || this.#columns.length > MOST_BESIDE) return false;
    return this.#columns.some((column) => {
      return causeOf(sin, this.#strikesOf(index, column)) !== undefined;
    });
  }

  #ofTwice(own: SymbolExcuses, { place, due, awayFrom }: TakenRecord): void {
    const index = this.#truth.rowOf(own.column, place);
    const cause = causeOf('twice', this.#strikes(index));
    if (cause !== undefined) {
      this.#count(own, cause, index);
      return;
    }
    // Who was cut off asks for too much again, at once or when it is back.
    const isExcused =
      this.#skews.reaches(own.skewed, place) || this.#countBreak(own, awayFrom, due, due);
    if (!isExcused) this.#noExcuse.twice += 1;
  }

  #ofLate(own: SymbolExcuses, { place, holeNext }: TakenRecord): void {
    if (this.#skews.reaches(own.skewed, place)) return;
    const index = this.#truth.rowOf(own.column, place);
    if (this.#countItself(own, 'outOfOrder', index)) return;
    if (this.#countBreak(own, place, place, holeNext - 1)) own.lateNext = place + 1;
    else this.#noExcuse.outOfOrder += 1;
  }

  /**
   * Counts what broke while the places `from` to `to` were due, a few rows before or behind that,
   * or at the place `last`; gives whether something did.
   */
  #countBreak(own: SymbolExcuses, from: number, to: number, last: number): boolean {
    const index = this.#truth.rowOf(own.column, to);
    const lastRow = last > to ? this.#truth.rowOf(own.column, last) : index;
    const near = this.#firstRowOf(own, from) - ON_THEIR_WAY;
    let found: StrikeAt | undefined;
    const look = (index: number) => {
      const strike = breakOf(this.#strikes(index));
      if (strike === undefined) return;
      if (found === undefined || (isBreaking(strike) && !isBreaking(found.strike))) {
        found = { strike, index };
      }
    };
    for (let at = Math.max(near, index - MOST_ROWS); at <= index + ON_THEIR_WAY; at++) look(at);
    if (lastRow > index + ON_THEIR_WAY) look(lastRow);
    if (found === undefined) return false;
    this.#count(own, found.strike, found.index);
    return true;
  }

  /** The row of the place before: what breaks from there on, a place may be missing for. */
  #firstRowOf(own: SymbolExcuses, place: number): number {
    return place > 0 ? this.#truth.rowOf(own.column, place - 1) : 0;
  }

  *#isWanted({ column }: SymbolExcuses, place: number): Generator<void, boolean, void> {
    const truth = this.#truth;
    return truth.wanted === undefined || (yield* truth.wanted(column, place, place + 1)) > 0;
  }

  /** Whether a record is one of those that are due, at a time that is off. */
  #isSkewed(own: SymbolExcuses, key: number, due: number): boolean {
    const found: SkewedRecord | undefined = this.#skews.find(own.skewed, key, due);
    for (const strike of found?.strikes ?? []) this.#count(own, strike, found!.index);
    return found !== undefined;
  }

  #strikes(index: number): readonly Strike[] {
    this.#drawn(this.#draws);
    return index < 0 ? [] : this.#decider.strikes(index);
  }

  #strikesOf(index: number, column: number): readonly Strike[] {
    this.#drawn(this.#draws);
    return this.#decider.strikesOf(index, column);
  }

  #count(own: SymbolExcuses, strike: Strike, index: number): void {
    if (!own.isNew(strike, index)) return;
    const { kind } = strike;
    this.#notRecovered.set(kind, (this.#notRecovered.get(kind) ?? 0) + 1);
  }
}
