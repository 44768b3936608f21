/**
 * Takes the README's pictures from the real page: `npm run screenshots`. With a folder, a picture of
 * every state of the page into it: `npm run screenshots -- /tmp/states [part of a name]`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, openLive, whenLive } from './browser.mjs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';
import { startServer } from './server.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} Options */
/**
 * @typedef {object} State
 * @property {string} [query] of the address
 * @property {Options} [options]
 * @property {(page: Page) => Promise<void>} [before] before the page is opened
 * @property {boolean} [isNeverLive] whether there is no sense in waiting for bars
 * @property {(page: Page, world: World) => Promise<void>} [act] once it is live
 */
/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */
/**
 * @typedef {object} World
 * @property {Server} server
 * @property {(args: readonly string[]) => Promise<void>} replace kills it and starts another at its address
 */

/** @type {Options} */
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
/** @type {Options} */
const NARROWEST = { ...PHONE, viewport: { width: 320, height: 640 } };
/** @type {Options} */
const TABLET = { viewport: { width: 900, height: 1100 } };

/**
 * @param {string} key
 * @returns {State['act']}
 */
const press = (key) => (page) => page.keyboard.press(key);

/** @type {State['act']} */
const openList = (page) =>
  page.getByRole('button', { name: 'Open the list of instruments' }).click();

/**
 * Every answer about candles is `status`; 0 means that there is none.
 * @param {Page} page
 * @param {number} status
 */
const candlesAre = (page, status) =>
  page.route('**/v1/candles**', (route) => {
    if (status > 0) return route.fulfill({ status, body: '{}' });
  });

/**
 * What the server says on the stream passes through `change`; undefined keeps it back.
 * @param {Page} page
 * @param {(message: string | Buffer) => string | Buffer | undefined} change
 */
const streamIs = (page, change) =>
  page.routeWebSocket('**/v1/stream', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const changed = change(message);
      if (changed !== undefined) socket.send(changed);
    });
  });

/** @param {Page} page */
const silenceAfterAWhile = (page) => {
  const untilMs = Date.now() + 5_000;
  return streamIs(page, (message) => (Date.now() < untilMs ? message : undefined));
};

/** @type {Readonly<Record<string, State>>} */
const STATES = {
  desktop: { query: '?s=ticker_06' },
  area: { query: '?s=ticker_06&r=5m&type=area' },
  line: { query: '?s=ticker_06&r=1s' },
  day: { query: '?s=ticker_06&r=1d' },
  search: {
    act: async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('er_4');
    },
  },
  'no-match': {
    act: async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('gold');
    },
  },
  'sorted-by-change': {
    act: async (page) => {
      await page.getByRole('button', { name: 'Sort by Change' }).click();
      await page.waitForTimeout(3_000);
    },
  },
  goto: { act: press('g') },
  other: { act: press(',') },
  'other-wrong': {
    act: async (page) => {
      await page.keyboard.press(',');
      await page.keyboard.type('7 bananas');
      await page.keyboard.press('Enter');
    },
  },
  help: { act: press('?') },
  table: { act: press('d') },
  continuity: {
    act: async (page) => {
      await page.getByText('no gaps').click();
    },
  },
  'scrolled-back': {
    act: async (page) => {
      for (let turn = 0; turn < 3; turn++) await page.keyboard.press('PageUp');
      await page.mouse.move(900, 400);
      await page.waitForTimeout(300);
    },
  },
  'chart-focus': {
    act: async (page) => {
      await page.locator('.chart-focus').focus();
      for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowLeft');
    },
  },
  start: { isNeverLive: true, before: (page) => page.route('**/v1/market', () => {}) },
  'no-answer': {
    isNeverLive: true,
    before: (page) => page.route('**/v1/market', (route) => route.abort()),
  },
  preparing: {
    isNeverLive: true,
    before: (page) =>
      page.route('**/v1/market', (route) =>
        route.fulfill({
          status: 503,
          json: { error: { code: 'not_ready', message: 'Rows are being made.', progress: 0.42 } },
        }),
      ),
  },
  'no-instruments': {
    isNeverLive: true,
    before: (page) =>
      page.route('**/v1/market', async (route) => {
        const market = await (await route.fetch()).json();
        await route.fulfill({ json: { ...market, instruments: [] } });
      }),
  },
  loading: { isNeverLive: true, before: (page) => candlesAre(page, 0) },
  'history-failed': { isNeverLive: true, before: (page) => candlesAre(page, 500) },
  'edge-loading': {
    act: async (page) => {
      await candlesAre(page, 0);
      for (let turn = 0; turn < 4; turn++) await page.keyboard.press('PageUp');
      await page.mouse.move(900, 400);
      await page.mouse.wheel(0, -2_000);
    },
  },
  'edge-failed': {
    act: async (page) => {
      await candlesAre(page, 500);
      await page.mouse.move(900, 400);
      for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -1_000);
      await page.getByText('More bars could not be loaded').waitFor();
    },
  },
  'unknown-symbol': { query: '?s=GOLD' },
  connecting: {
    isNeverLive: true,
    before: (page) => streamIs(page, () => undefined),
  },
  stale: {
    before: silenceAfterAWhile,
    act: async (page) => {
      await page.getByText('No new prices').waitFor();
    },
  },
  'catching-up': {
    isNeverLive: true,
    before: (page) =>
      streamIs(page, (message) => {
        if (typeof message === 'string') return message;
        const late = Buffer.from(message);
        late.writeUInt32LE(1_234, 32);
        return late;
      }),
  },
  offline: {
    before: silenceAfterAWhile,
    act: async (page) => {
      await page.context().setOffline(true);
      await page.getByText('You are offline').waitFor();
    },
  },
  reconnecting: {
    act: async (page, { server }) => {
      await server.stop('SIGKILL');
      await page.getByText('Connection lost').waitFor();
    },
  },
  restored: {
    act: async (page, { replace }) => {
      await replace([]);
      await page.getByText('missed ticks restored').waitFor();
    },
  },
  'another-market': {
    act: async (page, { replace }) => {
      await replace(['--seed', '2']);
      await page.getByText('Another market').waitFor();
    },
  },
  'another-version': {
    act: async (page) => {
      await page.routeWebSocket('**/v1/stream', (socket) => socket.close({ code: 4502 }));
      await page.reload();
      await page.getByText('This page is older').waitFor();
    },
    isNeverLive: true,
  },
  tablet: { options: TABLET, query: '?r=1h' },
  narrow: { options: { viewport: { width: 1181, height: 760 } } },
  wide: { options: { viewport: { width: 2560, height: 1300 } } },
  phone: { options: PHONE, query: '?s=ticker_06' },
  'phone-list': { options: PHONE, act: openList },
  'phone-search': {
    options: PHONE,
    act: async (page, world) => {
      await openList?.(page, world);
      await page.getByRole('combobox').fill('er_4');
    },
  },
  'phone-goto': { options: PHONE, act: press('g') },
  'phone-other': { options: PHONE, act: press(',') },
  'phone-help': { options: PHONE, act: press('?') },
  'phone-table': { options: PHONE, act: press('d') },
  'phone-back': { options: PHONE, act: press('PageUp') },
  'phone-failed': { options: PHONE, isNeverLive: true, before: (page) => candlesAre(page, 500) },
  'phone-stale': {
    options: PHONE,
    before: silenceAfterAWhile,
    act: async (page) => {
      await page.getByText('No new prices').waitFor();
    },
  },
  narrowest: { options: NARROWEST },
  'narrowest-list': { options: NARROWEST, act: openList },
};

/**
 * Every state of `STATES` whose name has `part` in it, dark and light.
 * @param {import('playwright-core').Browser} browser
 * @param {string} folder
 * @param {string} part
 */
async function takeStates(browser, folder, part) {
  mkdirSync(folder, { recursive: true });
  for (const [name, { query = '', options, before, isNeverLive, act }] of Object.entries(STATES)) {
    if (!name.includes(part)) continue;
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      const world = { server: await startServer(), replace };
      /** @param {readonly string[]} args */
      async function replace(args) {
        const { port } = new URL(world.server.url);
        await world.server.stop('SIGKILL');
        await new Promise((done) => setTimeout(done, 3_000));
        world.server = await startServer(args, Number(port));
      }
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        colorScheme,
        ...options,
      });
      const page = await context.newPage();
      await before?.(page);
      await page.goto(world.server.url + query);
      if (!isNeverLive) {
        await whenLive(page);
        await page.getByText('no gaps').waitFor();
      }
      await act?.(page, world);
      await page.waitForTimeout(1_200);
      const path = join(folder, `${name}-${colorScheme}.png`);
      await page.screenshot({ path });
      console.log(path);
      await context.close();
      await world.server.stop();
    }
  }
}

/**
 * What the README shows.
 * @param {import('playwright-core').Browser} browser
 */
async function takeReadme(browser) {
  const { url, stop } = await startServer();
  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    const page = await openLive(browser, `${url}?s=ticker_06`, { colorScheme });
    // Earned, like everything else on it.
    await page.getByText('no gaps').waitFor();
    await page.waitForTimeout(1_500);
    const path = `${ROOT}/docs/screenshot-${colorScheme}.png`;
    await page.screenshot({ path });
    console.log(path);
    await page.context().close();
  }
  await stop();
}

await main(async () => {
  const [folder, part = ''] = process.argv.slice(2);
  await install();
  await buildIfOld();
  const browser = await launch();
  if (folder === undefined) await takeReadme(browser);
  else await takeStates(browser, folder, part);
  await browser.close();
});
