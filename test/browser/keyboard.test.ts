import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatPrice } from '../../src/page/price.ts';
import {
  closeAll,
  launchBrowser,
  live,
  look,
  PAST,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

/** What has the focus, as a screen reader would name it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!;
    if (element === document.body) return 'nothing';
    return element.getAttribute('aria-label') ?? element.textContent!.trim();
  });

const chosen = (page: Page, group: string) =>
  page.getByRole('radiogroup', { name: group }).getByRole('radio', { checked: true });

/** All that a single key could change. */
const settings = (page: Page) =>
  page.evaluate(() => ({
    symbol: window.tickwell!.symbol,
    resolution: window.tickwell!.resolution,
    theme: document.documentElement.dataset.theme,
    types: document.querySelector('.types [aria-checked=true]')!.getAttribute('aria-label'),
    hasVolume: window.tickwell!.hasVolume,
    zone: document.querySelector('.status-button .icon')!.parentElement!.textContent,
    dialogs: document.querySelectorAll('[role=dialog], dialog').length,
  }));

test('the keys of the help choose instrument, resolution, type, theme and zone', async () => {
  const { page, leave } = await visit(browser, server.url, { timezoneId: 'Asia/Kolkata' });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.getByRole('heading', { name: 'ticker_01' }).waitFor();

  for (const [index, text] of ['1s', '5s', '1m', '5m', '15m', '1h', '1d'].entries()) {
    await page.keyboard.press(`${index + 1}`);
    await live(page);
    expect((await look(page)).resolution).toBe(text);
    await expect.poll(() => chosen(page, 'Resolution').textContent()).toBe(text);
  }
  await page.keyboard.press('v');
  await page.waitForFunction(() => window.tickwell!.hasVolume);
  await page.keyboard.press('v');
  await page.waitForFunction(() => !window.tickwell!.hasVolume);
  for (const [key, type] of ['lLine', 'aArea', 'cCandles'].map((text) => [
    text[0],
    text.slice(1),
  ])) {
    await page.keyboard.press(key);
    await expect.poll(() => chosen(page, 'Chart type').getAttribute('aria-label')).toBe(type);
  }
  await page.keyboard.press('t');
  await page.locator('html[data-theme=light]').waitFor();
  await page.keyboard.press('t');
  await page.locator('html[data-theme=dark]').waitFor();
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'UTC+5:30' }).waitFor();
  await leave();
});

test('the keys of the help move the view', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1h`);
  const width = async () => {
    const { left, right } = (await look(page)).view;
    return right - left + 1;
  };
  const initial = await width();
  await page.keyboard.press('+');
  await expect.poll(width).toBeCloseTo(initial / 1.25, 3);
  await page.keyboard.press('0');
  await expect.poll(width).toBeCloseTo(initial, 3);
  await page.keyboard.press('-');
  await expect.poll(width).toBeCloseTo(initial * 1.25, 3);
  await page.keyboard.press('0');
  await expect.poll(width).toBeCloseTo(initial, 3);

  const right = async () => (await look(page)).view.right;
  const before = await right();
  await page.keyboard.press('PageUp');
  await expect.poll(right).toBeCloseTo(before - 0.8 * initial, 3);
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageDown');
  await expect.poll(right).toBeCloseTo(before - 0.8 * initial, 3);
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  await leave();
});

test('the keys of the help open what has a way out, and the focus goes back', async () => {
  const { page, leave } = await visit(browser, server.url);
  for (const key of ['/', 'Control+k']) {
    await page.keyboard.press(key);
    expect(await focused(page)).toBe('Search instruments');
    await page.keyboard.press('Escape');
    expect(await focused(page)).not.toBe('Search instruments');
  }
  for (const [key, title] of [
    [',', 'Other resolution'],
    ['g', 'Go to date'],
    ['d', /bars in view/],
    ['r', 'Realism of ticker_00'],
    ['?', 'Keyboard shortcuts'],
  ] as const) {
    const before = await focused(page);
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name: title }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // What is hidden keeps the focus until the next frame.
    await expect.poll(() => focused(page)).toBe(before);
  }
  await leave();
});

test('a letter in a field, a small panel or a dialog is not a key of the page', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.keyboard.press('/');
  const before = await settings(page);
  await page.keyboard.type('altugdrv1?,7');
  expect(await settings(page)).toEqual(before);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  for (const key of [',', 'g', 'd', '?']) {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    const inside = await settings(page);
    // Also on its buttons.
    for (let stop = 0; stop < 3; stop++) {
      await page.keyboard.press('Tab');
      for (const letter of 'altu1') await page.keyboard.press(letter);
    }
    const { zone, theme, types, symbol, resolution } = await settings(page);
    expect({ zone, theme, types, symbol, resolution }).toEqual({
      zone: inside.zone,
      theme: inside.theme,
      types: inside.types,
      symbol: inside.symbol,
      resolution: inside.resolution,
    });
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await leave();
});

test('Tab comes by everything that can be operated, in the order of the page, and out again', async () => {
  const { page, leave } = await visit(browser, server.url);
  const stops: string[] = [];
  for (let stop = 0; stop < 40; stop++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    stops.push(await focused(page));
    const ring = await page.evaluate(() => {
      const element = document.activeElement!;
      const [own, after] = [getComputedStyle(element), getComputedStyle(element, '::after')];
      // The ring of the chart is drawn over its canvases, that of the search is its border.
      return own.outlineStyle !== 'none' || after.borderTopWidth === '2px' || own.borderWidth;
    });
    expect([stops.at(-1), ring]).toEqual([stops.at(-1), expect.anything()]);
    expect(ring).not.toBe('0px');
  }
  expect(stops).toEqual([
    'Help',
    'Light theme',
    'Search instruments',
    'Sort by Symbol, ascending',
    'Sort by Last',
    'Sort by Change',
    'Instruments',
    '1m',
    'Other resolution',
    'Candles',
    'Go to date',
    'More',
    expect.stringContaining('Chart of ticker_00, 1m, '),
    expect.stringContaining('Continuity'),
    'UTC',
    'Charts by TradingView Lightweight Charts™',
  ]);
  await leave();
});

test('the search points at the highlighted row while that is in the document, and not otherwise', async () => {
  const { page, leave } = await visit(browser, server.url);
  const search = page.getByRole('combobox');
  const pointed = () => search.getAttribute('aria-activedescendant');
  expect(await pointed()).toBeNull();
  await page.keyboard.press('/');
  await page.keyboard.type('tick');
  await page.keyboard.press('ArrowDown');
  await expect.poll(pointed).toBe('instrument-1');
  expect(await page.locator('#instrument-1').getAttribute('aria-posinset')).toBe('2');
  expect(await page.locator('#instrument-1').getAttribute('aria-setsize')).toBe('100');
  await page.locator('.rows').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect.poll(pointed).toBeNull();
  await page.locator('.rows').evaluate((list) => list.scrollTo(0, 0));
  await expect.poll(pointed).toBe('instrument-1');
  await leave();
});

test('arrows choose within a group, and only the chosen one is a stop of Tab', async () => {
  const { page, leave } = await visit(browser, server.url);
  await chosen(page, 'Resolution').focus();
  for (const [key, text] of [
    ['ArrowRight', '5m'],
    ['ArrowLeft', '1m'],
    ['ArrowLeft', '5s'],
    ['ArrowDown', '1m'],
  ]) {
    await page.keyboard.press(key);
    expect(await focused(page)).toBe(text);
    await expect.poll(() => chosen(page, 'Resolution').textContent()).toBe(text);
  }
  expect((await look(page)).symbol).toBe('ticker_00');
  const stops = page.getByRole('radiogroup', { name: 'Resolution' }).locator('[tabindex="0"]');
  await expect.poll(() => stops.count()).toBe(1);
  await leave();
});

test('the focused chart is read bar by bar, by ten with Shift, and out of view it scrolls', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1h`);
  await page.locator('.chart-focus').focus();
  const spoken = page.locator('.chart > [aria-live=polite]');
  const expectSpoken = async (fromEnd: number) => {
    const { bars } = await look(page);
    const { open, close } = bars.at(-1 - fromEnd)!;
    const price = (ticks: number) => formatPrice(ticks, { tickSize: 0.01, decimals: 2 });
    await expect.poll(() => spoken.textContent()).toContain(`open ${price(open)}, high`);
    expect(await spoken.textContent()).toContain(`close ${price(close)}`);
  };
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expectSpoken(2);
  await page.keyboard.press('ArrowRight');
  await expectSpoken(1);
  await page.keyboard.press('Shift+ArrowLeft');
  await expectSpoken(11);
  const { left } = (await look(page)).view;
  for (let step = 0; step < 14; step++) await page.keyboard.press('Shift+ArrowLeft');
  await page.waitForFunction((before) => window.tickwell!.view.left < before - 5, left);
  await expectSpoken(151);
  await leave();
});

test('prices are never announced on a tick, only answers to keys', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const regions = document.querySelectorAll('[aria-live], [role=status], [role=alert]');
    const watch = new MutationObserver((changes) => {
      for (const { target } of changes) said.push(target.textContent!);
    });
    for (const region of regions) {
      watch.observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  const newest = (await look(page)).counters.rows;
  await page.waitForFunction((rows) => window.tickwell!.counters.rows > rows + 2, newest);
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([]);
  await leave();
});

test('reading goes on after a change of resolution, and to the very first and last bar', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1d`);
  await page.locator('.chart-focus').focus();
  const spoken = page.locator('.chart > [aria-live=polite]');
  // It may be another day by now than when the test began.
  const expectToday = () =>
    expect
      .poll(async () => {
        const newest = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
        return (await spoken.textContent())!.includes(` ${new Date(newest).getUTCDate()} `);
      })
      .toBe(true);
  for (const key of ['6', '7']) {
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press(key);
    await live(page);
    const { view } = await look(page);
    await page.keyboard.press('ArrowLeft');
    await expectToday();
    expect((await look(page)).view.right).toBeCloseTo(view.right, 3);
  }

  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowRight');
  await expectToday();
  // As far as there are bars yet: older ones are fetched on the way.
  const reachBack = async () => {
    for (let step = 0; step < 10; step++) await page.keyboard.press('Shift+ArrowLeft');
    return spoken.textContent();
  };
  await expect.poll(reachBack).toContain('Sun 1 Jun 2025');
  await leave();
});

test('what is pressed together with Alt, Ctrl or Cmd belongs to the browser', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.evaluate(() => {
    const taken: string[] = [];
    Object.assign(window, { taken });
    addEventListener('keydown', ({ key, defaultPrevented }) => {
      if (defaultPrevented) taken.push(key);
    });
  });
  const press = (init: Readonly<Record<string, string | boolean>>) =>
    page.evaluate((options) => {
      const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...options });
      document.activeElement!.dispatchEvent(event);
      return event.defaultPrevented;
    }, init);
  for (const place of ['.chart-focus', '.resolutions [aria-checked=true]', '.rows']) {
    await page.locator(place).focus();
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'd', '1']) {
      for (const modifier of ['altKey', 'ctrlKey', 'metaKey']) {
        expect(await press({ key, [modifier]: true })).toBe(false);
      }
    }
  }
  expect((await look(page)).resolution).toBe('1m');
  await leave();
});

test('a small panel closes when the focus goes elsewhere; a search that is left moves nothing', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.keyboard.press('g');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused(page)).toBe('Search instruments');
  await page.keyboard.press('Escape');

  await page.locator('.rows').evaluate((list) => list.scrollTo(0, 900));
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  expect(await page.locator('.rows').evaluate((list) => list.scrollTop)).toBe(900);
  await leave();
});

test('a key that is held passes by instruments, and Back does not go through each of them', async () => {
  const { page, leave } = await visit(browser, server.url);
  const before = await page.evaluate(() => history.length);
  await page.keyboard.down('ArrowDown');
  for (let repeat = 0; repeat < 10; repeat++) await page.keyboard.down('ArrowDown');
  await page.keyboard.up('ArrowDown');
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_11');
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  await page.goBack();
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_00');
  await leave();
});
