/**
 * The model `market`: the realistic one. The logarithm of the price is a sum of paths:
 *
 *     drift + volatility x ( the market's, the same for all instruments    in the market's time
 *                          + the sector's, the same for those in it        in the market's time
 *                          + the instrument's own                          in a time of its own
 *                          - leverage x the market's slow volatility )
 *
 * Days, and what is in them, are of business (calendar.ts). How restless they are is decided by
 * ages (age.ts), and within days by a cascade (cascade.ts). Down to the segments of a day all of it
 * is the same on every grid; within a segment rows go their grid's way. docs/prices.md has the
 * whole of it.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { type Common, fillBridge } from './bridge.ts';
import { dayOfWorld, SEGMENTS } from './calendar.ts';
import type { ModelContext } from './context.ts';
import { type Beside, Factor } from './factor.ts';
import { lawOf, type SharedPath } from './factors.ts';
import { InstrumentTime, runOf } from './instrument-time.ts';
import { type LogPrices, logPricesOf } from './log-price.ts';
import { MarketLevels } from './market-levels.ts';
import { type Mids, makeRoomFor, newMids } from './mids.ts';
import type { MidModel } from './model.ts';
import { MovedMids } from './moved-mids.ts';
import type { ModelSpecOf } from './parameters.ts';
import { type Layout, LOOK_BACK_ROWS, PARTS } from './places.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

/** Steps that long together are seen alike in half of what is shared; */
const GROUP_MS = 16_000;
/** steps as long as that, alone, in all of it. */
const WHOLE_MS = 256_000;
/** Words of rows begin this far apart, over the cells of a day. */
const ROW_COUNTERS = 2 ** 29;
const PART_BYTES = 8 * (PARTS + 1);

/** What a cell of rows is made of. */
let words = new Uint32Array(1024);
let marketWords = new Uint32Array(64);
let sectorWords = new Uint32Array(64);

export class MarketModel implements MidModel {
  readonly sigma: number;
  readonly openShare: number;
  readonly logs: LogPrices;
  readonly #time: InstrumentTime;
  readonly #market: SharedPath<Factor>;
  readonly #sector: SharedPath<Beside> | undefined;
  /** Standard deviations of a day by part, in those of the whole. */
  readonly #marketWeight: number;
  readonly #sectorWeight: number;
  readonly #ownWeight: number;
  readonly #levels: MarketLevels;
  /** Of a day of business. */
  readonly #sigma: number;
  readonly #rowKey: Key;
  readonly #partKey: Key;
  /** Steps of a group, and how much of what is shared its members see alike. */
  readonly #group: number;
  readonly #groupShare: number;
  readonly #scratch: Scratch;
  readonly #partOwner: number;
  readonly #midsOwner: number;
  readonly #moved: MovedMids | undefined;
  /** The exponent that makes row 0 the start price. */
  #origin: number | undefined;

  constructor(
    spec: ModelSpecOf<'market'>,
    { instrument, grid, key, scratch, factors, overlay }: ModelContext,
  ) {
    const { volatility, marketShare } = spec;
    const sectorShare = instrument.sector === '' ? 0 : spec.sectorShare;
    // Shares that are 1 together may leave less than nothing, by a rounding.
    const ownShare = Math.max(0, 1 - marketShare - sectorShare);
    const ways = { ...spec, calendar: instrument.calendar };
    const calendar = factors.calendar(ways);
    const places = factors.places(ways);
    this.#market = factors.market(ways);
    this.#sector = sectorShare > 0 ? factors.sector(instrument.sector, ways) : undefined;
    const market = this.#market.path;
    const law = lawOf(spec, spec.ownJumpSkew);
    const own = new Factor(key, law, calendar, grid.intervalMs, scratch, market);
    this.#time = new InstrumentTime(
      ...([own, market, ownShare, marketShare + sectorShare] as const),
      ...([places, factors.rows(ways), grid, scratch] as const),
    );
    this.#marketWeight = Math.sqrt(marketShare);
    this.#sectorWeight = Math.sqrt(sectorShare);
    this.#ownWeight = Math.sqrt(ownShare);
    this.#sigma = volatility / Math.sqrt(calendar.daysPerYear);
    const weights = {
      own: this.#ownWeight,
      market: this.#marketWeight,
      sector: this.#sectorWeight,
    };
    const sector = this.#sector?.path;
    this.#levels = new MarketLevels(spec, calendar.daysPerYear, weights, own, market, sector);
    this.#rowKey = deriveKey(key, PURPOSE.row, 0);
    this.#partKey = deriveKey(key, PURPOSE.part, 0);
    let group = 1;
    while (2 * group * places.stepMs <= GROUP_MS) group *= 2;
    this.#group = group;
    this.#groupShare = places.stepMs < WHOLE_MS ? 0.5 : 1;
    this.openShare = calendar.openShare;
    this.logs = logPricesOf(instrument);
    this.sigma = this.#sigma / Math.sqrt(DAY_MS / grid.intervalMs);
    this.#scratch = scratch;
    this.#partOwner = scratch.newSegmentOwner();
    this.#midsOwner = scratch.newOwner();
    if (overlay !== undefined) {
      const closes = instrument.calendar !== 'always';
      this.#moved = new MovedMids(overlay, closes, (index) => this.clockAt(index));
    }
  }

  midsOf(block: number, from = 0, next = BLOCK_ROWS): Mids {
    this.#origin ??= this.#findOrigin();
    const layout = this.#time.places.layoutOf(block);
    const mids = this.#scratch.mids(this.#midsOwner, block, (room) => clear(room, layout));
    const { first, made } = mids;
    const begin = runOf(layout, Math.max(0, first + from - LOOK_BACK_ROWS));
    const end = runOf(layout, Math.min(layout.rows, first + next + 1) - 1) + 1;
    for (let run = begin, stop = begin; run < end; run = stop) {
      stop = run + 1;
      if (made[run] === 1) continue;
      while (stop < end && made[stop] === 0) stop++;
      this.#fillMids(mids, block, [run, stop], this.#origin);
      this.#moved?.add(mids, layout, block, run, stop);
    }
    return mids;
  }

  fillCoordinates(out: Float64Array, block: number, rows: readonly number[]): void {
    this.#origin ??= this.#findOrigin();
    const layout = this.#time.places.layoutOf(block);
    const mids = this.#scratch.looseMids;
    clear(mids, layout);
    for (const [n, row] of rows.entries()) {
      const run = runOf(layout, mids.first + row);
      if (mids.made[run] === 0) this.#fillMids(mids, block, [run, run + 1], this.#origin);
      out[n] = mids.exponents[mids.first + row]!;
    }
  }

  fillClockRows(mids: Mids, block: number, from: number, next: number): void {
    const { clock, first, time } = mids;
    const layout = this.#time.places.layoutOf(block);
    const start = Math.max(0, first + from - LOOK_BACK_ROWS);
    const stop = first + Math.min(BLOCK_ROWS, next);
    this.#time.fillRows(clock, start, layout, time, start, stop, 1);
    if (next > BLOCK_ROWS) clock[stop] = this.clockAt((block + 1) * BLOCK_ROWS);
  }

  fillClockSteps(
    out: Float64Array,
    { first, time }: Mids,
    block: number,
    from: number,
    next: number,
    step: number,
  ): void {
    const layout = this.#time.places.layoutOf(block);
    this.#time.fillRows(out, 0, layout, time, first + from, first + next, step);
    out[(next - from) / step] = this.clockAt(block * BLOCK_ROWS + next);
  }

  fillClock(out: Float64Array, block: number): void {
    const mids = this.midsOf(block);
    this.fillClockRows(mids, block, 0, BLOCK_ROWS + 1);
    out.set(mids.clock.subarray(mids.first, mids.first + BLOCK_ROWS + 1));
  }

  clockAt(index: number): number {
    return this.#time.clockAt(index);
  }

  #findOrigin(): number {
    const mids = newMids();
    const layout = this.#time.places.layoutOf(0);
    clear(mids, layout);
    const run = runOf(layout, mids.first);
    this.#fillMids(mids, 0, [run, run + 1], 0);
    return this.logs.start - mids.exponents[mids.first]!;
  }

  /** Leaves the rows of the runs `[first, stop)` of the layout of `block` in `mids`. */
  #fillMids(
    mids: Mids,
    block: number,
    [first, stop]: readonly [first: number, stop: number],
    origin: number,
  ): void {
    const layout = this.#time.places.layoutOf(block);
    const { days, cells, still, from, next } = layout;
    const { exponents: path, time } = mids;
    const { isInParts } = this.#time;
    mids.made.fill(1, first, stop);
    // Most runs begin where the one before ends.
    let [endDay, endCell, end] = [-1, -1, 0];
    for (let run = first; run < stop; run++) {
      const day = dayOfWorld(days[run]!);
      const cell = cells[run]!;
      const isNext = day === endDay && cell === endCell;
      const start: number = isNext ? end : origin + this.#levelAt(day, cell);
      for (let i = still[run]!; i < from[run]!; i++) path[i] = start;
      const steps = next[run]! - from[run]! + 1;
      if (steps === 1) continue;
      end = origin + this.#levelAt(day, cell + 1);
      endDay = day;
      endCell = cell + 1;
      makeRoom(steps);
      const marketRows = isInParts ? undefined : this.#time.marketRows(block, run);
      // The end of the cell is put where the next run may have a row already.
      const behind = time[next[run]!]!;
      this.#time.fillCell(time, layout, run, marketRows);
      const spacing = ROW_COUNTERS / this.#time.places.cellsOfDay;
      fillWords(words, this.#rowKey, cell * spacing, day | 0, steps + (steps % 2));
      let common: Common | undefined;
      if (marketRows !== undefined) {
        const whole = this.#market.path.ofSegment(day, cell);
        common = this.#common(marketRows, from[run]!, whole, day, cell * spacing, steps);
      }
      const inCell = time.subarray(from[run]!, from[run]! + steps);
      fillBridge(path, from[run]!, inCell, steps, words, this.#sigma, start, end, common);
      time[next[run]!] = behind;
    }
  }

  /** The exponent at the start of a cell, from row 0 on; of one more than a day has, at its end. */
  #levelAt(day: number, cell: number): number {
    if (!this.#time.isInParts) return this.#levels.at(day, cell);
    const segment = Math.floor(cell / PARTS);
    const part = cell - segment * PARTS;
    return part === 0 ? this.#levels.at(day, segment) : this.#parts(day, segment)[part]!;
  }

  /** The exponents at the parts of a segment, from its start to its end. */
  #parts(day: number, segment: number): Float64Array {
    const place = day * SEGMENTS + segment;
    return this.#scratch.segment(this.#partOwner, place, PART_BYTES, () => {
      const parts = new Float64Array(PARTS + 1);
      const start = this.#levels.at(day, segment);
      const end = this.#levels.at(day, segment + 1);
      const partTime = this.#time.parts(day, segment).subarray(1);
      const marketTime = this.#market.path.parts(day, segment).subarray(1);
      const whole = marketTime[PARTS - 1]!;
      const common = this.#common(marketTime, 0, whole, day, segment * 2 ** 21, PARTS);
      const partWords = new Uint32Array(PARTS);
      fillWords(partWords, this.#partKey, segment * PARTS, day | 0);
      parts[0] = start;
      fillBridge(parts, 1, partTime, PARTS, partWords, this.#sigma, start, end, common);
      parts[PARTS] = end;
      return parts;
    });
  }

  /** What is shared in a segment of `steps` steps. */
  #common(
    variance: Float64Array,
    at: number,
    whole: number,
    day: number,
    counter: number,
    steps: number,
  ): Common | undefined {
    if (this.#marketWeight + this.#sectorWeight === 0) return undefined;
    const groups = Math.ceil(steps / this.#group);
    if (groups >= marketWords.length) {
      marketWords = new Uint32Array(2 * groups);
      sectorWords = new Uint32Array(2 * groups);
    }
    const many = groups + (groups % 2);
    fillWords(marketWords, this.#market.groupKey, counter, day | 0, many);
    if (this.#sector !== undefined) {
      fillWords(sectorWords, this.#sector.groupKey, counter, day | 0, many);
    }
    return {
      group: this.#group,
      variance,
      at,
      whole,
      share: this.#groupShare,
      marketWords,
      marketWeight: this.#marketWeight,
      sectorWords,
      sectorWeight: this.#sectorWeight,
    };
  }
}

/** Makes room for the rows of a layout, none of which is there. */
function clear(mids: Mids, layout: Layout): void {
  makeRoomFor(mids, layout.rows, layout.runs);
  mids.first = layout.before;
}

function makeRoom(steps: number): void {
  if (steps < words.length) return;
  words = new Uint32Array(2 * steps);
}
