/** Rows that are folded in one turn of a late reader: some ten milliseconds of work, sliced. */
export const TURN_ROWS = 2 ** 20;
/** What a step without rows counts as. */
const STEP_ROWS = 2 ** 8;

/** A piece of a read, paid for when it begins. */
export interface Piece {
  readonly cost: number;
  /** Yields how many rows it has folded since it last yielded, where it folds rows. */
  readonly steps: Generator<unknown, void, void>;
}

/** A read that takes several turns, of whoever wants what it comes to. */
export abstract class Reading {
  isDone = false;
  #pieces: Generator<Piece, void, void> | undefined;
  /** The piece that has begun, or is to be paid for. */
  #piece: Piece | undefined;
  #isPaid = false;

  protected abstract pieces(): Generator<Piece, void, void>;

  /** Goes on for one turn; yields often. False if the next piece could not be paid for. */
  *goOn(pay: (cost: number) => boolean): Generator<void, boolean, void> {
    this.#pieces ??= this.pieces();
    let rows = 0;
    while (rows < TURN_ROWS && !this.isDone) {
      if (this.#piece === undefined) {
        const { value } = this.#pieces.next();
        if (value === undefined) {
          this.isDone = true;
          break;
        }
        this.#piece = value;
        this.#isPaid = false;
      }
      if (!this.#isPaid && !pay(this.#piece.cost)) return false;
      this.#isPaid = true;
      const step = this.#piece.steps.next();
      if (step.done) this.#piece = undefined;
      rows += Math.max(STEP_ROWS, typeof step.value === 'number' ? step.value : 0);
      yield;
    }
    return true;
  }
}
