/** Where a block's rows stand, and those that they look back at. */
export interface Mids {
  /** Of row `row` of the block, at `first + row`: the logarithm of the mid, in ticks; */
  exponents: Float64Array;
  /** and the activity before it; also of the row after the block. */
  clock: Float64Array;
  first: number;
}

/** Room for none yet. */
export function newMids(): Mids {
  return { exponents: new Float64Array(0), clock: new Float64Array(0), first: 0 };
}

/** Makes room for so many rows, and one more. */
export function makeRoomFor(mids: Mids, rows: number): void {
  if (mids.exponents.length > rows) return;
  mids.exponents = new Float64Array(rows + 1024);
  mids.clock = new Float64Array(rows + 1024);
}
