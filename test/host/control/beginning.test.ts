import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Anchor, MarketTime } from '../../../src/core/timeline/market-time.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { openControl } from '../../../src/host/control/open-control.ts';
import { startAnchors } from '../../../src/server/start-time.ts';
import { marketOf } from '../../helpers/market.ts';

const HOST = Date.UTC(2026, 2, 4, 9, 30);
const market = marketOf({ seed: 7, count: 3, capacity: 500 });
const folder = mkdtempSync(join(tmpdir(), 'tickwell-beginning-'));
const log = join(folder, 'market.log');

afterAll(() => rmSync(folder, { recursive: true }));

/** Opens the log as a server that is started at a time of the host; gives the market's time. */
async function begin(time: object, hostMs: number): Promise<MarketTime> {
  const { anchors, log: opened } = await openControl(new Timeline(market), {
    ...{ path: log, anchors: startAnchors(time, hostMs), logger: { warn: () => {} } },
    broke: (error) => {
      throw error;
    },
  });
  await opened!.close();
  return new MarketTime(anchors as Anchor[]);
}

describe('a log whose beginning a crash cut at any byte', () => {
  it.each([
    ['paused at a time', { at: '2031-01-01', speed: 60, isPaused: true }],
    ['paused at the time of the host', { isPaused: true }],
    ['fast', { speed: 60 }],
  ])('is begun as it was to be by who is started again: %s', async (_, time) => {
    rmSync(log, { force: true });
    const whole = await begin(time, HOST);
    const bytes = readFileSync(log);
    const isAtHost = !('at' in time);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(log, bytes);
      truncateSync(log, length);
      const again = await begin(time, HOST + 5000);
      // Who began at the time of the host, and was not written down, begins at the one it is now.
      const isNew = again.anchors[0]!.hostMs === HOST + 5000;
      const shiftMs = isNew && isAtHost ? 5000 : 0;
      expect(again.anchors).toEqual(
        whole.anchors.map(({ hostMs, marketMs, speed }) => ({
          ...{ hostMs: hostMs + (isNew ? 5000 : 0), marketMs: marketMs + shiftMs, speed },
        })),
      );
      // What is written now is all of it.
      expect((await begin({}, HOST + 9000)).anchors).toEqual(again.anchors);
    }
  });
});
