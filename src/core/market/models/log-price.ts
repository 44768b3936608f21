import { log } from '../../random/kernels.ts';
import type { Grid } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import { YEAR_MS } from './context.ts';

/** Where the logarithm of a price begins, and between what it is turned back. */
export interface LogPrices {
  readonly start: number;
  readonly low: number;
  readonly high: number;
}

/** The logarithms of an instrument's start price and bounds, in ticks. */
export function logPricesOf({ startTicks, minTicks, maxTicks }: Instrument): LogPrices {
  return { start: log(startTicks), low: log(minTicks), high: log(maxTicks) };
}

/** What each row of a diffusion adds to the logarithm of the price. */
export interface Diffusion {
  readonly growth: number;
  /** Standard deviation. */
  readonly sigma: number;
}

/** Of a mean price that grows by `drift` a year, and such a volatility a year. */
export function diffusionOf(drift: number, volatility: number, { intervalMs }: Grid): Diffusion {
  const years = intervalMs / YEAR_MS;
  return {
    growth: (drift - (volatility * volatility) / 2) * years,
    sigma: volatility * Math.sqrt(years),
  };
}
