import { Presets, SingleBar } from 'cli-progress';
import { atEnd } from './ending.ts';

/** How far a long work is, drawn on standard error where that is a terminal. */
export interface Progress {
  add(done: number): void;
  stop(): void;
}

/** A bar for work of `total` things that `unit` names; none where nobody is looking. */
export function newProgress(total: number, unit: string, isWanted: boolean): Progress {
  if (!isWanted || !process.stderr.isTTY) return { add: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: `{bar} {percentage} % | {value} of {total} ${unit} | {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      // It would keep signals to itself.
      gracefulExit: false,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  const forget = atEnd(() => bar.stop());
  return {
    add: (done) => bar.increment(done),
    stop() {
      bar.stop();
      forget();
    },
  };
}
