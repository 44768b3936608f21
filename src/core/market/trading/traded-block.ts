import { BLOCK_ROWS } from '../grid.ts';

/** Rows of which a quote is renewed at the first one at the latest; they are made together. */
export const STRETCH_ROWS = 64;
export const STRETCHES = BLOCK_ROWS / STRETCH_ROWS;

/** What is known of the trading in a block, stretch by stretch. */
export class TradedBlock {
  /** Trades before each row, and before the row after the block. */
  readonly before = new Float64Array(BLOCK_ROWS + 1);
  readonly bid = new Float64Array(BLOCK_ROWS);
  readonly ask = new Float64Array(BLOCK_ROWS);
  readonly aggressor = new Uint8Array(BLOCK_ROWS);
  /** Of each stretch, 1 once all of this is there. */
  readonly known = new Uint8Array(STRETCHES);

  clear(): void {
    this.known.fill(0);
  }

  hasTrade(row: number): boolean {
    return this.before[row + 1]! > this.before[row]!;
  }

  /** What is paid in a row with a trade: the ask if its taker buys, else the bid. */
  paid(row: number): number {
    return this.aggressor[row] === 1 ? this.ask[row]! : this.bid[row]!;
  }
}
