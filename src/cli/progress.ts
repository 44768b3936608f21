import { Presets, SingleBar } from 'cli-progress';

/** How far a long work is, drawn on standard error where that is a terminal. */
export interface Progress {
  add(prices: number): void;
  stop(): void;
}

/** A bar for work of `total` prices; none where nobody is looking. */
export function newProgress(total: number, isWanted: boolean): Progress {
  if (!isWanted || !process.stderr.isTTY) return { add: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: '{bar} {percentage} % | {value} of {total} prices | {eta_formatted} left',
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { add: (prices) => bar.increment(prices), stop: () => bar.stop() };
}
