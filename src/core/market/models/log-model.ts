import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { ModelContext } from './context.ts';
import { type LogPrices, logPricesOf } from './log-price.ts';
import type { Model } from './model.ts';
import { isConstant, type Overlay } from './overlay.ts';
import type { Scratch } from './scratch.ts';
import { fillMovedTicks, fillNearTicks, fillTicks, type LogLine } from './ticks.ts';

/** A model of the logarithm of a price, which is folded between those of the bounds. */
export abstract class LogModel implements Model {
  protected readonly scratch: Scratch;
  protected readonly logs: LogPrices;
  readonly #overlay: Overlay | undefined;
  readonly #areNear: boolean;

  /** `areNear` where the logarithms of near rows hardly differ. */
  constructor({ instrument, scratch, overlay }: ModelContext, areNear: boolean) {
    this.scratch = scratch;
    this.logs = logPricesOf(instrument);
    this.#overlay = overlay;
    this.#areNear = areNear;
  }

  /** Leaves the path of a block in the scratch: what its logarithms are by the line it gives. */
  protected abstract fillPath(block: number): LogLine;

  fillBlock(out: Prices, block: number): void {
    const line = this.fillPath(block);
    const { path } = this.scratch;
    const logs = this.logs;
    const overlay = this.#overlay;
    if (overlay === undefined) {
      if (this.#areNear) fillNearTicks(out, path, line, logs);
      else fillTicks(out, path, line, logs);
      return;
    }
    const start = block * BLOCK_ROWS;
    for (let from = 0; from < BLOCK_ROWS; ) {
      const spell = overlay.spellAt(start + from);
      const next = Math.min(BLOCK_ROWS, spell.next - start);
      if (!isConstant(spell)) {
        fillMovedTicks(out, path, line, logs, from, next, spell, start, this.#areNear);
      } else if (this.#areNear) fillNearTicks(out, path, line, logs, from, next, spell.lift);
      else fillTicks(out, path, line, logs, from, next, spell.lift);
      from = next;
    }
  }

  fillCoordinates(out: Float64Array, block: number, rows: readonly number[]): void {
    const { first, line, scale } = this.fillPath(block);
    const { path } = this.scratch;
    for (const [n, row] of rows.entries()) out[n] = first + (row * line + scale * path[row]!);
  }
}
