import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candleStart } from '../../src/core/market/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';
import { RunningClock } from '../helpers/clock.ts';
import { TURNS } from '../helpers/times.ts';
import { expectConsecutive } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  live,
  look,
  type TestServer,
  type Told,
  visit,
} from './harness.ts';
import { serveHere } from './here.ts';

/** Days before a turn on which the market has begun: enough for bars of a day, soon made. */
const DAYS_BEFORE = 40;
const WIDTHS = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Long enough for a page to be there before the turn, however slow the machine is. */
const EARLY_MS = 10 * 60_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => closeAll(browser));

type Turn = (typeof TURNS)[keyof typeof TURNS];

/** When the market begins whose turn it is. */
function originOf(turn: Turn): number {
  const turnMs = Date.parse(turn.at);
  return turn === TURNS.begun ? turnMs : turnMs - (turnMs % DAY_MS) - DAYS_BEFORE * DAY_MS;
}

/** Every kind of row, and few of them to begin with. */
function specOf(turn: Turn) {
  const origin = new Date(originOf(turn)).toISOString();
  return { preset: 'equities', capacity: 600, origin };
}

/** A page shortly before the turn, or right after the first row: nothing is before that. */
async function openBefore(turn: Turn) {
  const turnMs = Date.parse(turn.at);
  const clock = new RunningClock(Math.max(turnMs - EARLY_MS, originOf(turn) + 3_000));
  const server = await serveHere(specOf(turn), clock);
  const url = `${server.url}/?s=NIMBO&r=1s&tz=local`;
  const opened = await visit(browser, url, { timezoneId: turn.zone });
  return { ...opened, clock, server, turnMs };
}

/** The stream has brought rows from after the turn. */
const passed = (page: Page, turnMs: number) =>
  page.waitForFunction((ms) => window.tickwell!.bars.at(-1)!.time > ms + 1_000, turnMs);

/** All bars are there up to the newest row, each once, and those in view are the server's. */
async function expectWhole(page: Page, { url }: TestServer, turn: Turn): Promise<void> {
  // Looked at where it is found whole: a moment later there may be a row more.
  const whole = await page.waitForFunction(() => {
    const { isDrawn, symbol, resolution, bars, barsInView, until } = window.tickwell!;
    const isWhole = bars.every(({ volume }) => volume! >= 0);
    if (!isDrawn || !isWhole) return undefined;
    return JSON.stringify({ symbol, resolution, bars, barsInView, until });
  });
  const { symbol, resolution, bars, barsInView, until } = JSON.parse(
    (await whole.jsonValue())!,
  ) as Pick<Told, 'symbol' | 'resolution' | 'bars' | 'barsInView' | 'until'>;
  // The page shows the clock on the wall of the place, which cuts its bars.
  const width = zonedResolution(resolution, turn.zone)!;
  const last = bars.at(-1)!;
  expect(last.time).toBe(candleStart(width, until));
  const first = width.numberOf(bars[0]!.time);
  expect(bars.map(({ time }) => time)).toEqual(bars.map((_, n) => width.startOf(first + n)));
  const sinceOrigin = width.numberOf(last.time) - width.numberOf(originOf(turn)) + 1;
  expect(barsInView.length).toBeGreaterThanOrEqual(Math.min(20, sinceOrigin));
  expect(barsInView.at(-1)).toEqual(last);

  const query = new URLSearchParams({ symbol, resolution, tz: turn.zone, fields: 'volume' });
  query.set('from', `${barsInView[0]!.time}`);
  query.set('count', `${barsInView.length}`);
  const theirs = await (await fetch(`${url}/v1/candles?${query}`)).json();
  for (const key of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
    const ours = barsInView.slice(0, -1).map((bar) => bar[key]);
    expect(ours, key).toEqual(theirs[key].slice(0, -1));
  }
  if (until - last.time < HOUR_MS) {
    await expectNewest(url, symbol, last, { originMs: originOf(turn), untilMs: until });
  }
}

/** The bar that is being made is that of its rows so far. */
async function expectNewest(
  url: string,
  symbol: string,
  bar: { readonly time: number; readonly open: number; readonly close: number },
  { originMs, untilMs }: { readonly originMs: number; readonly untilMs: number },
): Promise<void> {
  const query = new URLSearchParams({ symbols: symbol, fields: 'last,volume' });
  query.set('since', `${Math.max(bar.time, originMs) - 1_000}`);
  query.set('until', `${untilMs}`);
  const rows = await (await fetch(`${url}/v1/rows?${query}`)).json();
  const prices: number[] = (rows.last ?? rows.prices)[0];
  expect(bar).toMatchObject({
    open: prices[0],
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1),
    volume: rows.volume[0].reduce((sum: number, lots: number) => sum + lots, 0),
  });
}

/** The time of a bar as a clock on the wall of `zone` shows it. */
function wallText(zone: string, timeMs: number): string {
  const form = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short', day: 'numeric', month: 'short' },
    ...{ year: 'numeric', hour: '2-digit', minute: '2-digit' },
  });
  const parts = form.formatToParts(timeMs).map(({ type, value }) => [type, value]);
  const { weekday, day, month, year, hour, minute } = Object.fromEntries(parts);
  return `${weekday} ${day} ${month} ${year} ${hour}:${minute}`;
}

for (const [name, turn] of Object.entries(TURNS)) {
  describe(name, () => {
    test('bars of every width are whole while it comes, with their volumes and times', async () => {
      const { page, leave, complaints, clock, server, turnMs } = await openBefore(turn);
      await expectWhole(page, server, turn);
      if (clock.nowMs() < turnMs) clock.setTo(turnMs - 2_000);
      await passed(page, turnMs);
      for (const [index, width] of WIDTHS.entries()) {
        await page.keyboard.press(`${index + 1}`);
        await page.waitForFunction((text) => window.tickwell!.resolution === text, width);
        await live(page);
        await expectWhole(page, server, turn);
      }
      await page.keyboard.press('3');
      await live(page);
      const newest = () => page.evaluate(() => window.tickwell!.barsInView.at(-1)!.time);
      const before = await newest();
      await page.keyboard.press('d');
      const times = page.locator('.table-dialog tbody th');
      await times.first().waitFor();
      const told = await times.allTextContents();
      // A minute may be over between two looks.
      const both = [before, await newest()].map((ms) => wallText(turn.zone, ms));
      expect(both.some((text) => told[0]!.includes(text))).toBe(true);
      expect(new Set(told).size).toBe(told.length);
      await page.keyboard.press('Escape');
      // Of a market that has just begun no wider bar is closed, to be held against the server's.
      await page.keyboard.press('1');
      await page.getByText('no gaps').waitFor();
      expect(complaints).toEqual([]);
      await leave();
      await server.kill();
    });

    test('a server that was away meanwhile is followed on, and the page finds back to live', async () => {
      const { page, leave, clock, server, turnMs } = await openBefore(turn);
      await server.kill();
      await page.waitForFunction(() => window.tickwell!.state === 'reconnecting');
      clock.setTo(turnMs + EARLY_MS / 2);
      const again = await serveHere(specOf(turn), clock, Number(new URL(server.url).port));
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await live(page);
      await passed(page, turnMs + EARLY_MS / 2);
      await expectWhole(page, again, turn);
      const { counters } = await look(page);
      expect(counters).toMatchObject({ gaps: 0, duplicates: 0, reconnects: 1 });

      await page.keyboard.press('g');
      await page.getByRole('button', { name: '−1h' }).click();
      // An hour ago, or the market's first rows.
      const wanted = clock.nowMs() - Math.min(HOUR_MS, clock.nowMs() - originOf(turn));
      await page.waitForFunction((ms) => window.tickwell!.barsInView[0]!.time <= ms, wanted);
      await live(page);
      expectConsecutive((await look(page)).bars, 1_000);
      await page.keyboard.press('End');
      await page.waitForFunction(() => window.tickwell!.isLive);
      await live(page);
      await expectWhole(page, again, turn);
      await leave();
      await again.kill();
    });
  });
}
