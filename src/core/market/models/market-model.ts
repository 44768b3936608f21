/**
 * The model `market`: the realistic one. The logarithm of the price is a sum of paths:
 *
 *     drift + volatility x ( the market's, the same for all instruments     in business time
 *                          + the sector's, the same for those in it         of the market
 *                          + the instrument's own                           in one of its own
 *                          + jumps )                                        in the time of the grid
 *
 * Business time makes bursts of volatility and fat tails (business-time.ts, day.ts), common paths
 * make instruments move together, jumps are the news. With leverage, the price also stands lower
 * while the market's business time is intense. docs/prices.md has the whole of it.
 */
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { BusinessTime } from './business-time.ts';
import type { ModelContext } from './context.ts';
import { type Factor, KeptBusinessTime } from './factors.ts';
import { Jumps } from './jumps.ts';
import { type Diffusion, diffusionOf, type LogPrices, logPricesOf } from './log-price.ts';
import type { Model } from './model.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';
import { SubordinatedBrownian } from './subordinated.ts';
import { fillNearTicks } from './ticks.ts';

/** What an intensity of one costs at full leverage, in standard deviations of a row. */
const FALL = 2.5;

export class MarketModel implements Model {
  readonly #common: KeptBusinessTime;
  readonly #own: KeptBusinessTime;
  readonly #marketPath: Factor;
  readonly #sectorPath: Factor | undefined;
  readonly #ownPath: SubordinatedBrownian;
  readonly #jumps: Jumps;
  /** Standard deviations of a row by part, in those of the whole. */
  readonly #marketWeight: number;
  readonly #sectorWeight: number;
  readonly #ownWeight: number;
  readonly #jumpWeight: number;
  /** Of the variance: what goes by its own business time, and by the market's. */
  readonly #ownShare: number;
  readonly #commonShare: number;
  readonly #fall: number;
  readonly #logs: LogPrices;
  readonly #diffusion: Diffusion;
  readonly #scratch: Scratch;

  constructor(
    spec: ModelSpecOf<'market'>,
    { instrument, grid, key, scratch, factors }: ModelContext,
  ) {
    const { drift, volatility, clustering, intraday, leverage } = spec;
    const { sector } = instrument;
    const sectorShare = sector === '' ? 0 : spec.sectorShare;
    this.#common = factors.businessTime(clustering, intraday);
    const day = factors.day(intraday);
    const businessTime = new BusinessTime(key, clustering, day, scratch);
    this.#own = new KeptBusinessTime(businessTime, day, scratch);
    this.#marketPath = factors.market(clustering, intraday);
    if (sectorShare > 0) this.#sectorPath = factors.sector(sector, clustering, intraday);
    this.#ownPath = new SubordinatedBrownian(key, PURPOSE, businessTime, day, scratch);
    const rate = (spec.jumpsPerDay * grid.intervalMs) / DAY_MS;
    const jumpShare = rate === 0 ? 0 : spec.jumpShare;
    const smooth = 1 - jumpShare;
    this.#marketWeight = Math.sqrt(smooth * spec.marketShare);
    this.#sectorWeight = Math.sqrt(smooth * sectorShare);
    // Shares that are 1 together may leave less than nothing, by a rounding.
    this.#ownShare = smooth * Math.max(0, 1 - spec.marketShare - sectorShare);
    this.#commonShare = smooth * (spec.marketShare + sectorShare);
    this.#ownWeight = Math.sqrt(this.#ownShare);
    // Jumps of a variance of 1 a row, of which they get their share.
    this.#jumps = new Jumps(key, PURPOSE, rate, 0, rate === 0 ? 0 : 1 / Math.sqrt(rate), scratch);
    this.#jumpWeight = Math.sqrt(jumpShare);
    this.#diffusion = diffusionOf(drift, volatility, grid);
    this.#fall = -leverage * FALL;
    const intensity = leverage === 0 ? 0 : this.#common.businessTime.intensityAtStart();
    const logs = logPricesOf(instrument);
    this.#logs = { ...logs, start: logs.start - this.#diffusion.sigma * this.#fall * intensity };
    this.#scratch = scratch;
  }

  fillBlock(out: Prices, block: number): void {
    const { path } = this.#scratch;
    this.#ownPath.fillBlock(path, this.#own.shown(block), block);
    const market = this.#marketPath.block(block);
    // Without a sector its weight is 0.
    const sector = this.#sectorPath?.block(block) ?? market;
    mix(path, this.#ownWeight, market, this.#marketWeight, sector, this.#sectorWeight);
    this.#jumps.addTo(path, this.#jumpWeight, block);
    if (this.#fall !== 0) add(path, this.#fall, this.#common.intensity(block));

    const { growth, sigma } = this.#diffusion;
    const jumped = sigma * this.#jumpWeight * this.#jumps.startOf(block);
    const first = this.#logs.start + growth * (block * BLOCK_ROWS) + jumped;
    fillNearTicks(out, path, first, growth, sigma, this.#logs);
  }

  fillActivity(out: Float64Array, block: number): void {
    const own = this.#own.shown(block);
    const common = this.#common.shown(block);
    const [a, b] = [this.#ownShare, this.#commonShare];
    const rest = 1 - a - b;

    for (let i = 0; i < BLOCK_ROWS; i++) {
      out[i] = rest + a * (own[i + 1]! - own[i]!) + b * (common[i + 1]! - common[i]!);
    }
  }
}

/** `path` becomes the weighted sum of itself and two others. */
function mix(
  path: Float64Array,
  weight: number,
  market: Float64Array,
  marketWeight: number,
  sector: Float64Array,
  sectorWeight: number,
): void {
  for (let i = 0; i < BLOCK_ROWS; i++) {
    path[i] = weight * path[i]! + marketWeight * market[i]! + sectorWeight * sector[i]!;
  }
}

function add(path: Float64Array, weight: number, other: Float64Array): void {
  for (let i = 0; i < BLOCK_ROWS; i++) path[i]! += weight * other[i]!;
}
