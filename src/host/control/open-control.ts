import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { inQuotes } from '../../core/market/quoted.ts';
import type { Anchor } from '../../core/timeline/market-time.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import { type BrokenLog, type ControlLog, openLog } from './control-log.ts';
import { Life } from './life.ts';
import { openLogFile } from './log-file.ts';
import { WrongLog } from './log-lines.ts';

/** The log of a market, and what it says of the lives before this one. */
export interface Control {
  readonly life: Life;
  /** None: what is done ends with this process. */
  readonly log: ControlLog | undefined;
  /** How the market's time goes; none, if as the host's. */
  readonly anchors: readonly Anchor[];
}

export interface ControlOptions {
  /** Where the log is; made, if there is none yet. */
  readonly path: string | undefined;
  readonly logger: Pick<Logger, 'warn'>;
  /** How the market's time begins, if it is said; for a log that has not begun. */
  readonly anchors?: readonly Anchor[];
  /** Called when it can be written no more: rows stand still from then on. */
  readonly broke: (error: BrokenLog) => void;
}

/**
 * Opens the log of a market, and adds what was done to it to `timeline`. Throws `WrongLog` with one
 * sentence if it is none of that, and what the system throws if the file cannot be opened.
 */
export async function openControl(timeline: Timeline, options: ControlOptions): Promise<Control> {
  const life = new Life(timeline);
  const { path, logger, broke, anchors = [] } = options;
  if (path === undefined) return { life, log: undefined, anchors };
  const file = await openLogFile(path);
  const { take } = life;
  const log = await openLog({ file, market: timeline.market.id, logger, take, broke });
  if (anchors.length === 0) return { life, log, anchors: life.time?.anchors ?? [] };
  try {
    if (life.hasBegun) throw new WrongLog(`the log ${inQuotes(path)} has begun: ${BEGUN}`);
    for (const anchor of anchors) {
      await log.append({ clock: { key: randomUUID(), index: 0, ...anchor }, digest: '' });
    }
  } catch (error) {
    await log.close();
    throw error;
  }
  return { life, log, anchors };
}

/** The head would move back, or one replica run away from the others. */
const BEGUN = 'at, speed and paused are for one that is empty';
