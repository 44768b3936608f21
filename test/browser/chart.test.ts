import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatPrice } from '../../src/page/price.ts';
import { RunningClock } from '../helpers/clock.ts';
import {
  closeAll,
  launchBrowser,
  look,
  PAST,
  startServer,
  type TestServer,
  visit,
  watched,
} from './harness.ts';
import { serveHere } from './here.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

const span = async (page: Page) => {
  const { left, right } = (await look(page)).view;
  return right - left + 1;
};
const price = (ticks: number) => formatPrice(ticks, { tickSize: 0.01, decimals: 2 });

test('the legend tells the bar under the pointer, else the newest, else the last in view', async () => {
  const { page, leave } = await visit(browser, server.url);
  const legend = page.locator('.legend');
  await expect.poll(() => legend.textContent()).toContain('Current bar');

  const chart = (await page.locator('.chart-host').boundingBox())!;
  await page.mouse.move(chart.x + 400, chart.y + 300);
  await expect.poll(() => legend.textContent()).not.toContain('Current bar');
  // The plot ends where the price axis begins; the middle of bar n is at n.
  const plot = chart.width - (await page.evaluate(() => window.tickwell!.axisWidthPx));
  /** What is wrong in the legend, which has the bar under the pointer. */
  const wrong = async () => {
    // With the turn of a minute there is another one under it: all is looked at together.
    await page.mouse.move(chart.x + 401, chart.y + 300);
    await page.mouse.move(chart.x + 400, chart.y + 300);
    const [told, { bars, view }] = await page.evaluate(() => {
      const { bars, view } = window.tickwell!;
      return [document.querySelector('.legend')!.textContent!, { bars, view }] as const;
    });
    const number = Math.round(view.left - 0.5 + (400 / plot) * (view.right - view.left + 1));
    const newest = Math.floor(bars.at(-1)!.time / 60_000);
    const { open, high, low, close } = bars[bars.length - 1 - (newest - number)]!;
    const texts = Object.entries({ O: open, H: high, L: low, C: close }).map(
      ([name, ticks]) => `${name} ${price(ticks)}`,
    );
    return texts.filter((text) => !told.includes(text));
  };
  await expect.poll(wrong).toEqual([]);

  await page.mouse.move(100, 300);
  await expect.poll(() => legend.textContent()).toContain('Current bar');
  await page.keyboard.press('PageUp');
  await expect.poll(async () => (await legend.textContent())!.includes('Current bar')).toBe(false);
  await page.waitForFunction(() => window.tickwell!.isPainted);
  const last = (await look(page)).barsInView.at(-1)!;
  await expect.poll(() => legend.textContent()).toContain(`C ${price(last.close)}`);
  await leave();
});

test('dragging the time axis scales it, a double click on it resets it', async () => {
  const { page, leave } = await visit(browser, server.url);
  const initial = await span(page);
  const chart = (await page.locator('.chart-host').boundingBox())!;
  const [x, y] = [chart.x + 600, chart.y + chart.height - 12];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 250, y, { steps: 8 });
  await page.mouse.up();
  await expect.poll(() => span(page)).not.toBeCloseTo(initial, 0);
  await page.mouse.dblclick(x, y);
  await expect.poll(() => span(page)).toBeCloseTo(initial, 3);
  await leave();
});

test('the price line and its tag are there at the live edge only', async () => {
  const { page, leave } = await visit(browser, server.url);
  const hasLine = () => page.evaluate(() => window.tickwell!.hasPriceLine);
  await expect.poll(hasLine).toBe(true);
  await page.keyboard.press('PageUp');
  await expect.poll(hasLine).toBe(false);
  await page.keyboard.press('l');
  await expect.poll(hasLine).toBe(false);
  await page.keyboard.press('End');
  await expect.poll(hasLine).toBe(true);
  await leave();
});

test('the table has the bars in view, newest first, and its copy has them as CSV', async () => {
  const { page, context, leave } = await visit(browser, `${server.url}/?r=5m`);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Data table' }).click();
  const { barsInView } = await look(page);
  const closes = await page.locator('.table-dialog tbody td:last-child').allTextContents();
  expect(closes).toEqual(barsInView.map(({ close }) => price(close)).reverse());

  await page.getByRole('button', { name: 'Copy as CSV' }).click();
  await page.getByText(`${barsInView.length} bars copied.`).waitFor();
  const [header, ...lines] = (await page.evaluate(() => navigator.clipboard.readText())).split(
    '\n',
  );
  expect(header).toBe('time,open,high,low,close');
  const { time, open } = barsInView[0]!;
  expect(lines[0]).toMatch(new RegExp(`^${new Date(time).toISOString().replace('.000', '')},`));
  expect(lines[0]).toContain(`,${(open / 100).toFixed(2)},`);
  expect(lines.filter((line) => line !== '')).toHaveLength(barsInView.length);
  await leave();
});

test('a copy that the browser refuses is said so', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.evaluate(() => {
    const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: refuse } });
  });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('The browser did not allow copying.').waitFor();
  await leave();
});

test('neither another button holds the chart, nor one whose release a menu has swallowed', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1s`);
  const expectMoving = async () => {
    const { view } = await look(page);
    await page.waitForFunction((right) => window.tickwell!.view.right > right + 1, view.right);
    await page.waitForFunction(() => window.tickwell!.isDrawn);
  };
  await page.mouse.move(900, 400);
  await page.mouse.down({ button: 'middle' });
  await expectMoving();
  await page.mouse.up({ button: 'middle' });

  await page.evaluate(() => {
    const host = document.querySelector('.chart-host')!;
    host.dispatchEvent(new PointerEvent('pointerdown', { pointerId: 7, bubbles: true }));
    host.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }));
  });
  await expectMoving();
  await leave();
});

test('a market that has not begun says when it will, and its first bars are drawn live', async () => {
  const origin = '2026-06-18T00:00:00.000Z';
  const clock = new RunningClock(Date.parse(origin) - 3_600_000);
  const young = await serveHere({ origin, count: 3 }, clock);
  const { page, leave, complaints } = await watched(browser);
  await page.goto(`${young.url}/?r=1s`);
  await page.getByText('No bars yet').waitFor();
  expect(await page.getByRole('button', { name: /Back to live/ }).count()).toBe(0);
  clock.setTo(Date.parse(origin) - 1_000);
  await page.waitForFunction(() => (window.tickwell?.bars.length ?? 0) >= 3);
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isDrawn);
  expect((await look(page)).bars[0]!.time).toBe(Date.parse(origin));
  // There is room right of the newest bar, as anywhere. One may be known and not drawn yet.
  const room = async () => {
    const { bars, view } = await look(page);
    return view.right - bars.at(-1)!.time / 1_000;
  };
  await expect.poll(room).toBeGreaterThan(3);
  expect(complaints).toEqual([]);
  await leave();
  await young.kill();
});

test('what was copied out of a dialog is said in it', async () => {
  const { page, context, leave } = await visit(browser, server.url);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('d');
  await page.getByRole('button', { name: 'Copy as CSV' }).click();
  await page.locator('dialog .toast').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.app > .toasts .toast').waitFor();
  await leave();
});
