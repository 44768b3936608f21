/** Where rows of a block stand, and those that they look back at: those that have been wanted. */
export interface Mids {
  /** Of row `row` of the block, at `first + row`: the logarithm of the mid, in ticks; */
  exponents: Float64Array;
  /** and the variance since the start of its cell. Behind the rows of a cell, that of all of it. */
  time: Float64Array;
  /** The activity before each row, where `MidModel.fillClockRows` has put it. */
  clock: Float64Array;
  first: number;
  /** Of each run of the block's layout, 1 if its rows are there. */
  made: Uint8Array;
}

/** Room for none yet. */
export function newMids(): Mids {
  const none = new Float64Array(0);
  return { exponents: none, time: none, clock: none, first: 0, made: new Uint8Array(0) };
}

/** Makes room for so many rows, and one more, in `runs` runs, none of which is there. */
export function makeRoomFor(mids: Mids, rows: number, runs: number): void {
  if (mids.made.length < runs) mids.made = new Uint8Array(runs);
  mids.made.fill(0);
  if (mids.exponents.length > rows) return;
  mids.exponents = new Float64Array(rows + 1024);
  mids.time = new Float64Array(rows + 1024);
  mids.clock = new Float64Array(rows + 1024);
}
