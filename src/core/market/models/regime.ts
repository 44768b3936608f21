/**
 * Calm and storm: a gbm whose drift and volatility are those of the regime that it is in. Regimes
 * change at random, each after a time of its own on average: a Markov chain by rows.
 *
 * The chain at the starts of eras is drawn first, each from the one before. Inside an era regimes
 * follow one another for geometric times, drawn anew until the last one is that of the next era's
 * start: the chain given its ends. Given the regimes, what eras, blocks and rows add is normal, of
 * a variance that is known, and drawn as for Brownian motion: the whole first, then its parts.
 *
 * An era's variance depends on its regimes, so a far row costs the regimes of all eras before it:
 * once, for as many of them as are kept.
 *
 * Source: J. Hamilton, "A New Approach to the Economic Analysis of Nonstationary Time Series and
 * the Business Cycle", Econometrica 57 (1989).
 */
import { decayed, log } from '../../random/kernels.ts';
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import { type ModelContext, YEAR_MS } from './context.ts';
import { LogModel } from './log-model.ts';
import { diffusionOf } from './log-price.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { LogLine } from './ticks.ts';

const TWO_32 = 0x1_0000_0000;
/**
 * A try is right in half of all cases, or more, unless one regime is far longer than an era: then a
 * short one that lasts over its end may want more tries than these, and the era has no change.
 */
const MOST_TRIES = 1000;
/** Starts of eras that are kept. */
const ERAS_KEPT = 2 ** 14;

const words = new Uint32Array(128);
const blockWords = new Uint32Array(ERA_BLOCKS);

/** 0 is calm, 1 is storm. */
type State = 0 | 1;

/** What a row of a regime adds, on average and as variance, and how likely it is its last. */
interface Regime {
  readonly growth: number;
  readonly variance: number;
  readonly end: number;
}

export class RegimeModel extends LogModel {
  readonly #regimes: readonly [Regime, Regime];
  readonly #averageVariance: number;
  /** -ln of how likely a row of each regime is not its last. */
  readonly #stay: readonly [number, number];
  /** How likely an era begins as the one before does, by more than chance: (1 - p - q)^(2^24). */
  readonly #memory: number;
  readonly #stateKey: Key;
  readonly #switchKey: Key;
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #switchOwner: number;
  readonly #stormOwner: number;
  readonly #startOwner: number;
  /** Of the eras from the first on: the regime that each begins in, and where its path does. */
  readonly #states: State[] = [];
  readonly #starts: number[] = [0];

  constructor(spec: ModelSpecOf<'regime'>, context: ModelContext) {
    super(context, true);
    const { grid, key, scratch } = context;
    const years = grid.intervalMs / YEAR_MS;
    const regime = (drift: number, volatility: number, timeMs: number): Regime => ({
      growth: diffusionOf(drift, volatility, grid).growth,
      variance: volatility * volatility * years,
      end: grid.intervalMs / timeMs,
    });
    const calm = regime(spec.calmDrift, spec.calmVolatility, spec.calmTime);
    const storm = regime(spec.stormDrift, spec.stormVolatility, spec.stormTime);
    this.#regimes = [calm, storm];
    const { end: p } = calm;
    const { end: q } = storm;
    this.#averageVariance = (calm.variance * q + storm.variance * p) / (p + q);
    this.#stay = [-log(1 - p), -log(1 - q)];
    this.#memory = 1 - p - q;
    for (let rows = 1; rows < ERA_ROWS; rows *= 2) this.#memory *= this.#memory;
    this.#stateKey = deriveKey(key, PURPOSE.regime, 0);
    this.#switchKey = deriveKey(key, PURPOSE.regimeTime, 0);
    this.#eraKey = deriveKey(key, PURPOSE.eraTotal, 0);
    this.#blockKey = deriveKey(key, PURPOSE.blockTotal, 0);
    this.#stepKey = deriveKey(key, PURPOSE.step, 0);
    this.#switchOwner = scratch.newOwner();
    this.#stormOwner = scratch.newOwner();
    this.#startOwner = scratch.newOwner();
  }

  protected override fillPath(block: number): LogLine {
    const { path, steps: states } = this.scratch;
    const starts = this.#blockStarts(Math.floor(block / ERA_BLOCKS));
    const start = starts[block % ERA_BLOCKS]!;
    const total = starts[(block % ERA_BLOCKS) + 1]! - start;
    fillWords(this.scratch.words, this.#stepKey, 0, block | 0);
    this.#fillStates(states, block);
    fillMoves(path, states, this.scratch.words, this.#regimes, total);
    return { first: this.logs.start + start, line: 0, scale: 1 };
  }

  fillActivity(out: Float64Array, block: number): void {
    const activities = this.#regimes.map(({ variance }) =>
      this.#averageVariance === 0 ? 1 : variance / this.#averageVariance,
    );
    this.#fillStates(out, block);
    for (let i = 0; i < BLOCK_ROWS; i++) out[i] = activities[out[i]!]!;
  }

  /** Fills `out` with the regime of each row of `block`, 0 or 1. */
  #fillStates(out: Float64Array, block: number): void {
    const era = Math.floor(block / ERA_BLOCKS);
    const switches = this.#switches(era);
    const first = (block % ERA_BLOCKS) * BLOCK_ROWS;
    let n = 0;
    for (let end = switches.length; n < end; ) {
      const middle = (n + end) >> 1;
      if (switches[middle]! <= first) n = middle + 1;
      else end = middle;
    }
    let state = (this.#stateOf(era) + n) % 2;
    let at = 0;
    while (at < BLOCK_ROWS) {
      const end = Math.min(BLOCK_ROWS, n < switches.length ? switches[n]! - first : BLOCK_ROWS);
      out.fill(state, at, end);
      at = end;
      state = 1 - state;
      n += 1;
    }
  }

  /** The regime that `era` begins in. */
  #stateOf(era: number): State {
    const [{ end: p }, { end: q }] = this.#regimes;
    const calm = q / (p + q);
    while (this.#states.length <= era) {
      const n = this.#states.length;
      fillWords(words.subarray(0, 2), this.#stateKey, n, 0);
      const before = this.#states[n - 1];
      const stays = before === undefined ? 0 : before === 0 ? 1 - calm : -calm;
      const u = (words[0]! + 0.5) / TWO_32;
      this.#states.push(u < calm + this.#memory * stays ? 0 : 1);
    }
    return this.#states[era]!;
  }

  /** The rows of `era` at which the regime changes. */
  #switches(era: number): Float64Array {
    return this.scratch.era(this.#switchOwner, era, () => {
      const [first, last] = [this.#stateOf(era), this.#stateOf(era + 1)];
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const rows = this.#tryRegimes(era, tries, first, first !== last);
        if ((first + rows.length) % 2 === last) return Float64Array.from(rows);
      }
      return new Float64Array(0);
    });
  }

  /** Rows of an era at which it changes, drawn freely, but once at least if `mustChange`. */
  #tryRegimes(era: number, tries: number, first: State, mustChange: boolean): number[] {
    const key = deriveKey(this.#switchKey, era | 0, tries);
    const stay = this.#stay;
    const rows: number[] = [];
    let state = first;
    let row = 0;
    for (let n = 0; row <= ERA_ROWS; n++) {
      if (n % words.length === 0) fillWords(words, key, n / 2, 0);
      const u = (words[n % words.length]! + 0.5) / TWO_32;
      // The first change is within the era, if there must be one.
      const within = n === 0 && mustChange ? decayed(stay[state]! * ERA_ROWS) : 1;
      row += 1 + Math.floor(-log(1 - u * within) / stay[state]!);
      if (row <= ERA_ROWS) rows.push(row);
      state = state === 0 ? 1 : 0;
    }
    return rows;
  }

  /** How many rows of storm there are before each block of `era`, and last before its end. */
  #storms(era: number): Float64Array {
    return this.scratch.era(this.#stormOwner, era, () => {
      const storms = new Float64Array(ERA_BLOCKS + 1);
      const switches = this.#switches(era);
      let state = this.#stateOf(era);
      let row = 0;
      let rows = 0;
      for (let n = 0; n <= switches.length; n++) {
        const end = n < switches.length ? switches[n]! : ERA_ROWS;
        for (let k = Math.floor(row / BLOCK_ROWS) + 1; k * BLOCK_ROWS <= end; k++) {
          storms[k] = rows + (state === 1 ? k * BLOCK_ROWS - row : 0);
        }
        if (state === 1) rows += end - row;
        row = end;
        state = state === 0 ? 1 : 0;
      }
      return storms;
    });
  }

  /** How many rows of storm there are in `era`. */
  #stormRows(era: number): number {
    const switches = this.#switches(era);
    let state = this.#stateOf(era);
    let row = 0;
    let rows = 0;
    for (let n = 0; n <= switches.length; n++) {
      const end = n < switches.length ? switches[n]! : ERA_ROWS;
      if (state === 1) rows += end - row;
      row = end;
      state = state === 0 ? 1 : 0;
    }
    return rows;
  }

  /** What so many rows, so many of them of storm, add on average, and their variance. */
  #momentsOf(rows: number, storm: number): { growth: number; variance: number } {
    const [a, b] = this.#regimes;
    return {
      growth: (rows - storm) * a.growth + storm * b.growth,
      variance: (rows - storm) * a.variance + storm * b.variance,
    };
  }

  /** Where the path is at the start of `era`. */
  #eraStartOf(era: number): number {
    const starts = this.#starts;
    let at = Math.min(era, starts.length - 1);
    let start = starts[at]!;
    for (; at < era; at++) {
      const { growth, variance } = this.#momentsOf(ERA_ROWS, this.#stormRows(at));
      fillWords(words.subarray(0, 2), this.#eraKey, at, 0);
      start += growth + Math.sqrt(variance) * normalOf(words[0]! | 0);
      if (starts.length === at + 1 && at < ERAS_KEPT) starts.push(start);
    }
    return start;
  }

  /** Where the path is at the start of each block of `era`, and last at its end. */
  #blockStarts(era: number): Float64Array {
    return this.scratch.era(this.#startOwner, era, () => {
      const storms = this.#storms(era);
      const start = this.#eraStartOf(era);
      const end = this.#eraStartOf(era + 1);
      const starts = new Float64Array(ERA_BLOCKS + 1);
      fillWords(blockWords, this.#blockKey, 0, era | 0);
      let free = 0;
      for (let k = 0; k < ERA_BLOCKS; k++) {
        const moments = this.#momentsOf(BLOCK_ROWS, storms[k + 1]! - storms[k]!);
        free += moments.growth + Math.sqrt(moments.variance) * normalOf(blockWords[k]! | 0);
        starts[k + 1] = free;
      }
      const whole = this.#momentsOf(ERA_ROWS, storms[ERA_BLOCKS]!).variance;
      const missing = whole === 0 ? 0 : (end - start - free) / whole;
      for (let k = 0; k <= ERA_BLOCKS; k++) {
        const { variance } = this.#momentsOf(k * BLOCK_ROWS, storms[k]!);
        starts[k] = start + (starts[k]! + missing * variance);
      }
      return starts;
    });
  }
}

/** Fills `path` from 0 on, with the regime of each row given, so that it ends at `total`. */
function fillMoves(
  path: Float64Array,
  states: Float64Array,
  stepWords: Uint32Array,
  [calm, storm]: readonly [Regime, Regime],
  total: number,
): void {
  const growths = [calm.growth, storm.growth];
  const variances = [calm.variance, storm.variance];
  const sigmas = variances.map(Math.sqrt);
  let free = 0;
  let whole = 0;

  for (let i = 0; i < BLOCK_ROWS; i++) {
    const state = states[i]!;
    path[i] = free;
    free += growths[state]! + sigmas[state]! * normalOf(stepWords[i]! | 0);
    whole += variances[state]!;
  }

  const missing = whole === 0 ? 0 : (total - free) / whole;
  let variance = 0;
  for (let i = 0; i < BLOCK_ROWS; i++) {
    path[i]! += missing * variance;
    variance += variances[states[i]!]!;
  }
}
