import { isRight, type Listed, type SymbolGrade, type WrongValue } from './grade.ts';
import { PlaceList } from './places.ts';
import { ORDER, type Order, Seen } from './seen.ts';
import { SymbolExcuses } from './symbol-excuses.ts';

/** Ranges that are listed of each kind, and values that are. */
export const MOST_RANGES = 100;
export const MOST_VALUES = 10;

/** What was recorded of a symbol so far. */
export class SymbolRecord {
  readonly column: number;
  readonly seen: Seen;
  readonly excuses: SymbolExcuses;
  readonly wrong: WrongValue[] = [];
  readonly offGrid: number[] = [];
  records = 0;
  wrongCount = 0;
  offGridCount = 0;
  /** Those that are missing for good. */
  readonly missing = new PlaceList(MOST_RANGES);
  readonly #twice = new PlaceList(MOST_RANGES);
  readonly #late = new PlaceList(MOST_RANGES);
  #tooLate = 0;

  constructor(column: number, mostHoles: number, lost: (from: number, next: number) => void) {
    this.column = column;
    this.excuses = new SymbolExcuses(column);
    this.seen = new Seen(mostHoles, lost);
  }

  take(place: number): Order {
    this.records += 1;
    const order = this.seen.take(place);
    if (order === ORDER.twice) this.#twice.add(place, place + 1);
    else if (order === ORDER.late) this.#late.add(place, place + 1);
    else if (order === ORDER.tooLate) this.#tooLate += 1;
    return order;
  }

  takeOffGrid(key: number): void {
    this.records += 1;
    this.offGridCount += 1;
    if (this.offGrid.length < MOST_VALUES) this.offGrid.push(key);
  }

  takeWrong(value: WrongValue): void {
    this.wrongCount += 1;
    if (this.wrong.length < MOST_VALUES) this.wrong.push(value);
  }

  /** `keyOf` says what a place is called. */
  grade(keyOf: (place: number) => number): SymbolGrade {
    const listed = ({ count, ranges, isCut }: PlaceList): Listed => ({
      count,
      ranges: ranges.map(([from, next]) => [keyOf(from), keyOf(next - 1)]),
      isCut,
    });
    const grade = {
      records: this.records,
      missing: listed(this.missing),
      twice: listed(this.#twice),
      outOfOrder: listed(this.#late),
      wrong: { count: this.wrongCount, first: this.wrong },
      offGrid: { count: this.offGridCount, first: this.offGrid },
      tooLate: this.#tooLate,
    };
    return { right: isRight(grade), ...grade };
  }
}
