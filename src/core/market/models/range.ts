/**
 * A range that breaks: the logarithm of the price is Brownian motion turned back at the walls of a
 * range. At random times the range breaks, up or down with equal odds, and the price goes to the
 * next one, which begins where this one ends, on a straight way that takes `breakTime`.
 *
 * Where the range is only takes counting: breaks up and breaks down are two Poisson processes.
 */
import { BLOCK_ROWS } from '../grid.ts';
import { Brownian } from './brownian.ts';
import type { ModelContext } from './context.ts';
import { Jumps } from './jumps.ts';
import { LogModel } from './log-model.ts';
import { diffusionOf } from './log-price.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import { type LogLine, reflect } from './ticks.ts';

export class Range extends LogModel {
  readonly #brownian: Brownian;
  readonly #ups: Jumps;
  readonly #downs: Jumps;
  readonly #width: number;
  readonly #breakRows: number;
  readonly #sigma: number;

  constructor(spec: ModelSpecOf<'range'>, context: ModelContext) {
    super(context, true);
    const { grid, key, scratch } = context;
    const { volatility, rangeWidth, holdTime, breakTime } = spec;
    const rate = grid.intervalMs / holdTime / 2;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#ups = new Jumps(key, PURPOSE, rate, 1, 0, scratch);
    this.#downs = new Jumps(key, DOWN_PURPOSES, rate, 1, 0, scratch);
    this.#width = rangeWidth;
    this.#breakRows = Math.max(1, Math.floor(breakTime / grid.intervalMs + 0.5));
    this.#sigma = diffusionOf(0, volatility, grid).sigma;
  }

  protected override fillPath(block: number): LogLine {
    const { path, steps } = this.scratch;
    const slope = this.#brownian.fillFree(path, block);
    const from = this.#sigma * this.#brownian.startOf(block);
    fillInside(path, from, this.#sigma * slope, this.#sigma, this.#width);
    // What the centre does a row, first as changes of its speed.
    steps.fill(0);
    const centre = this.#centreAt(block, steps);
    addCentre(path, centre, steps, this.#width / this.#breakRows);
    return { first: this.logs.start, line: 0, scale: 1 };
  }

  /**
   * The centre at the first row of `block`; `turns` gets by how many ways up more than down its
   * speed changes at each row.
   */
  #centreAt(block: number, turns: Float64Array): number {
    const ways = [
      { breaks: this.#ups, sign: 1 },
      { breaks: this.#downs, sign: -1 },
    ];
    let done = 0;
    let unfinished = 0;
    for (const { breaks, sign } of ways) {
      done += sign * breaks.startOf(block);
      for (const row of breaks.rowsIn(block)) {
        turns[row]! += sign;
        if (row + this.#breakRows < BLOCK_ROWS) turns[row + this.#breakRows]! -= sign;
      }
      // A way that began in the block before may lead into this one.
      for (const row of block === 0 ? [] : breaks.rowsIn(block - 1)) {
        const left = row + this.#breakRows - BLOCK_ROWS;
        if (left <= 0) continue;
        unfinished += sign * left;
        turns[0]! += sign;
        if (left < BLOCK_ROWS) turns[left]! -= sign;
      }
    }
    return this.#width * (done - unfinished / this.#breakRows);
  }
}

const DOWN_PURPOSES = {
  eraJumps: PURPOSE.eraDowns,
  blockJumps: PURPOSE.blockDowns,
  jump: PURPOSE.down,
};

/** `path` becomes Brownian motion between the walls of a range around 0. */
function fillInside(
  path: Float64Array,
  from: number,
  line: number,
  sigma: number,
  width: number,
): void {
  const wall = width / 2;
  // As near to the walls as it can be: they repeat every two widths.
  const start = from - Math.floor(from / (2 * width) + 0.5) * (2 * width);

  for (let i = 0; i < BLOCK_ROWS; i++) {
    const x = start + (i * line + sigma * path[i]!);
    path[i] = x < -wall || x > wall ? reflect(x, -wall, wall) : x;
  }
}

/** Adds the centre, which goes on by `step` a row for each way up that it is on. */
function addCentre(path: Float64Array, from: number, turns: Float64Array, step: number): void {
  let centre = from;
  let ways = 0;

  for (let i = 0; i < BLOCK_ROWS; i++) {
    path[i]! += centre;
    ways += turns[i]!;
    centre += ways * step;
  }
}
