/** Where a value lies on one axis of a plot, in pixels, and which values are written beside it. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Values, or pixels, from one end to the other. */
export type Span = readonly [from: number, to: number];

/** A scale on which `bend(value)` is straight. */
export function scaleOf(
  domain: Span,
  range: Span,
  ticks: readonly Tick[],
  bend: (value: number) => number = (value) => value,
): Scale {
  const [from, to] = [bend(domain[0]), bend(domain[1])];
  const pixels = (range[1] - range[0]) / (to - from || 1);
  const at = (value: number) => range[0] + (bend(value) - from) * pixels;
  return { at, ticks: ticks.filter(({ value }) => value >= domain[0] && value <= domain[1]) };
}

/** The scale with as many of its ticks, from the first on, as leave `gap` pixels between them. */
export function thinned({ at, ticks }: Scale, gap: number): Scale {
  const kept: Tick[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    if (!last || Math.abs(at(tick.value) - at(last.value)) >= gap) kept.push(tick);
  }
  return { at, ticks: kept };
}

/** Small numbers of either sign straight, large ones by their logarithm. */
export function bendBoth(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 2.5, 5].find((step) => step * power >= least * 0.999) ?? 10);
}

/** Round values that cover `[from, to]`, `about` steps of them. */
export function roundTicks(from: number, to: number, about: number): number[] {
  const step = niceStep((to - from) / about || 1);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
