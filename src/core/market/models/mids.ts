/** Where a block's rows stand, and those that they look back at. */
export interface Mids {
  /** Of row `row` of the block, at `first + row`: the logarithm of the mid, in ticks; */
  exponents: Float64Array;
  /** and the variance since the start of its cell. Behind the rows of a cell, that of all of it. */
  time: Float64Array;
  /** The activity before each row, where `MidModel.fillClockRows` has put it. */
  clock: Float64Array;
  first: number;
}

/** Room for none yet. */
export function newMids(): Mids {
  const none = new Float64Array(0);
  return { exponents: none, time: none, clock: none, first: 0 };
}

/** Makes room for so many rows, and one more. */
export function makeRoomFor(mids: Mids, rows: number): void {
  if (mids.exponents.length > rows) return;
  mids.exponents = new Float64Array(rows + 1024);
  mids.time = new Float64Array(rows + 1024);
  mids.clock = new Float64Array(rows + 1024);
}
