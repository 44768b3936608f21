import type { Logger } from 'pino';
import type { Timeline } from '../../core/timeline/timeline.ts';
import { type BrokenLog, type ControlLog, openLog } from './control-log.ts';
import { Life } from './life.ts';
import { openLogFile } from './log-file.ts';

/** The log of a market, and what it says of the lives before this one. */
export interface Control {
  readonly life: Life;
  /** None: what is done ends with this process. */
  readonly log: ControlLog | undefined;
}

export interface ControlOptions {
  /** Where the log is; made, if there is none yet. */
  readonly path: string | undefined;
  readonly logger: Pick<Logger, 'warn'>;
  /** Called when it can be written no more: rows stand still from then on. */
  readonly broke: (error: BrokenLog) => void;
}

/**
 * Opens the log of a market, and adds what was done to it to `timeline`. Throws `WrongLog` with one
 * sentence if it is none of that, and what the system throws if the file cannot be opened.
 */
export async function openControl(timeline: Timeline, options: ControlOptions): Promise<Control> {
  const life = new Life(timeline);
  const { path, logger, broke } = options;
  if (path === undefined) return { life, log: undefined };
  const file = await openLogFile(path);
  const { take } = life;
  const log = await openLog({ file, market: timeline.market.id, logger, take, broke });
  return { life, log };
}
