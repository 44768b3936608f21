import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Logger } from 'pino';
import { inQuotes } from '../../core/market/quoted.ts';
import type { Anchor } from '../../core/timeline/market-time.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import type { Clock } from '../clock.ts';
import { describeBeginning, missingAnchors } from './beginning.ts';
import type { BrokenLog, ControlLog } from './control-log.ts';
import type { Director } from './director.ts';
import { Life } from './life.ts';
import { openLogFile } from './log-file.ts';
import { WrongLog } from './log-lines.ts';
import { openLog, readLog } from './open-log.ts';
import { type Directed, OwnDirector } from './own-director.ts';

/** What was done to a market, and who goes on with it. */
export interface Control {
  /** How the market's time goes; none, if as the host's. */
  readonly anchors: readonly Anchor[];
  /** Who has things done from now on; to be called once. */
  direct(directed: Directed): Director;
  /** To be called where nobody directs; else that ends with the director. */
  close(): Promise<void>;
}

/** The same by a log of this process alone, with what that says of the lives before. */
interface OwnControl extends Control {
  readonly life: Life;
  /** None: what is done ends with this process. */
  readonly log: ControlLog | undefined;
}

export interface ControlOptions {
  /** Where the log is; made, if there is none yet. */
  readonly path: string | undefined;
  readonly logger: Pick<Logger, 'warn'>;
  /** How the market's time begins, if it is said; one that has begun goes on, if it began so. */
  readonly anchors?: readonly Anchor[];
  /** Called when it can be written no more: rows stand still from then on. */
  readonly broke: (error: BrokenLog) => void;
  /** That of the host, by which it is told how long lines take. */
  readonly clock?: Pick<Clock, 'steadyMs'>;
}

/**
 * Opens the log of a market, and adds what was done to it to `timeline`. Throws `WrongLog` with one
 * sentence if it is none of that, and what the system throws if the file cannot be opened.
 */
export async function openControl(
  timeline: Timeline,
  options: ControlOptions,
): Promise<OwnControl> {
  const life = new Life(timeline);
  const { path, logger, broke, anchors = [], clock } = options;
  const steadyMs = clock === undefined ? undefined : () => clock.steadyMs();
  if (path === undefined) return ownControl(life, undefined, anchors);
  const file = await openLogFile(path);
  const { take } = life;
  const log = await openLog({
    ...{ file, market: timeline.market.id, logger, take, broke, steadyMs },
  });
  try {
    const missing = missingIn(life, anchors, path);
    for (const anchor of missing) {
      await log.append({ clock: { key: randomUUID(), index: 0, ...anchor }, digest: '' });
    }
    return ownControl(life, log, [...(life.time?.anchors ?? []), ...missing]);
  } catch (error) {
    await log.close();
    throw error;
  }
}

function ownControl(
  life: Life,
  log: ControlLog | undefined,
  anchors: readonly Anchor[],
): OwnControl {
  return {
    ...{ life, log, anchors },
    direct: (directed) => new OwnDirector({ ...directed, life, log }),
    close: async () => log?.close(),
  };
}

/** What of `anchors` is to be written; throws `WrongLog` where the log began otherwise. */
export function missingIn(life: Life, anchors: readonly Anchor[], name: string): readonly Anchor[] {
  // Nothing was said: it goes on as it does.
  if (anchors.length === 0) return [];
  const missing = missingAnchors(life.firstAnchors, anchors, life.isMoreThanBegun);
  if (missing !== undefined) return missing;
  // The head would move back, or one replica run away from the others.
  const rule = 'at, speed and paused must be left out, or be what it began with';
  const [began, given] = [life.firstAnchors, anchors].map(describeBeginning);
  throw new WrongLog(`the log ${inQuotes(name)} has begun: ${rule}, ${began}; given: ${given}`);
}

/**
 * Adds to `timeline` what the log at `path` says that was done to it, and leaves that as it is: a
 * server may be writing to it. Throws as `openControl` does.
 */
export async function readControl(timeline: Timeline, path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const file = {
      name: path,
      async read(at: number, length: number) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
        return buffer.subarray(0, bytesRead);
      },
    };
    const { take } = new Life(timeline);
    await readLog({ file, market: timeline.market.id, take });
  } finally {
    await handle.close();
  }
}
