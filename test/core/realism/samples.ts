import type { Steps } from '../../../src/core/realism/steps.ts';
import { sequence } from '../market/statistics.ts';

/** 2^17 values: of independent ones, correlations have a standard error of 0.0028. */
export const COUNT = 2 ** 17;

/** Independent standard normal values, by Box and Muller. */
export function normals(seed: number, count = COUNT): Float64Array {
  const next = sequence(seed);
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return radius * Math.cos(2 * Math.PI * next());
  });
}

/** Values with `P(x > t) = t^-alpha` for t from 1, of either sign. */
export function paretos(seed: number, alpha: number, count = COUNT): Float64Array {
  const next = sequence(seed);
  return Float64Array.from({ length: count }, () => {
    const size = (1 - next()) ** (-1 / alpha);
    return next() < 0.5 ? size : -size;
  });
}

/** Values of the Laplace distribution, of excess kurtosis 3. */
export function laplaces(seed: number, count = COUNT): Float64Array {
  const next = sequence(seed);
  return Float64Array.from({ length: count }, () => {
    const size = -Math.log(1 - next());
    return next() < 0.5 ? size : -size;
  });
}

/** `x[t] = phi * x[t - 1] + a normal value`. */
export function autoregressive(seed: number, phi: number, count = COUNT): Float64Array {
  const noise = normals(seed, count);
  for (let i = 1; i < count; i++) noise[i] += phi * noise[i - 1];
  return noise;
}

/** The prices that have these returns, so fine that their ticks do not show. */
export function pricesWith(returns: ArrayLike<number>, scale = 1e-5): Float64Array {
  const prices = new Float64Array(returns.length + 1);
  let log = Math.log(2 ** 40);
  prices[0] = Math.round(Math.exp(log));
  for (let i = 0; i < returns.length; i++) {
    log += returns[i] * scale;
    prices[i + 1] = Math.round(Math.exp(log));
  }
  return prices;
}

/** The result, and how many pauses there were on the way. */
export function withPauses<T>(steps: Steps<T>): { value: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done) return { value: step.value, pauses };
  }
}

/** The sums of `values` less their mean. */
export function profile(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i] + values[i] - mean;
  return sums;
}
