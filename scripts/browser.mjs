/** A Chromium that is already on this machine, and the page in it. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first has no windows of its own to draw: the browser tests take two thirds of the time. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
];

/** What to do where there is none. */
export const NO_CHROMIUM =
  'There is no Chromium: install one, or name it in CHROME_PATH. ' +
  'On Debian: apt-get install --no-install-recommends chromium-headless-shell. Elsewhere: npx playwright-core install chromium.';

/** What root's Chromium needs, and what keeps any of them from asking other hosts. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Whether `file` can be run.
 * @param {string} file
 */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of the first of these programs that is on PATH; undefined if none is.
 * @param {readonly string[]} names
 */
export function findProgram(names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** Its path: CHROME_PATH, else on PATH, else Playwright's own; undefined if there is none. */
export async function findChromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const found = findProgram(NAMES);
  if (found !== undefined) return found;
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  return isProgram(own) ? own : undefined;
}

/**
 * Starts it, with `more` arguments; throws, saying what to do, where there is none.
 * @param {readonly string[]} [more]
 */
export async function launch(more = []) {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: [...ARGUMENTS, ...more] });
}

/**
 * Opens `url` in a fresh profile, and waits until the page is live and its chart has been painted.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openLive(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(url);
  await whenLive(page);
  return page;
}

/**
 * Waits until the page is live and its chart has been painted.
 * @param {import('playwright-core').Page} page
 */
export async function whenLive(page) {
  await page.waitForFunction(() => {
    const { tickwell } = window;
    return tickwell?.state === 'live' && tickwell.isReady && tickwell.isPainted;
  });
}
