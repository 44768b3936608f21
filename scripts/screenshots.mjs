/**
 * Takes the README's pictures from the real page: `npm run screenshots`. With a folder, a picture of
 * every state of the page into it: `npm run screenshots -- /tmp/states phone` for those of a phone.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, openLive } from './browser.mjs';
import { buildIfOld } from './build.mjs';
import { install, main, ROOT } from './lib.mjs';
import { withServer } from './server.mjs';

const SCHEMES = /** @type {const} */ (['dark', 'light']);
/** Until what moves has come to rest, and the page has compared itself with the server. */
const REST_MS = 3_000;

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Every state of the page whose name has `part` in it, dark and light.
 * @param {import('playwright-core').Browser} browser
 * @param {string} folder
 * @param {string} part
 */
async function takeStates(browser, folder, part) {
  // The states are those that the tests visit, in TypeScript.
  const { runnerImport } = await import('vite');
  const states = await runnerImport(`${ROOT}/test/browser/states.ts`);
  /** @type {typeof import('../test/browser/states.ts')} */
  const { reach, STATES } = /** @type {any} */ (states.module);
  mkdirSync(folder, { recursive: true });
  await withServer([], async ({ url, stop }) => {
    const server = { url, kill: () => stop('SIGKILL') };
    for (const [name, state] of Object.entries(STATES)) {
      if (!name.includes(part)) continue;
      for (const colorScheme of SCHEMES) {
        const { page, context } = await reach(browser, server, state, { colorScheme });
        await pause(REST_MS);
        const path = join(folder, `${name.replaceAll(' ', '-')}-${colorScheme}.png`);
        await page.screenshot({ path });
        console.log(path);
        await context.close();
      }
    }
  });
}

/**
 * What the README shows.
 * @param {import('playwright-core').Browser} browser
 */
async function takeReadme(browser) {
  await withServer([], async ({ url }) => {
    for (const colorScheme of SCHEMES) {
      const page = await openLive(browser, `${url}?s=ticker_06`, { colorScheme });
      // Earned, like everything else on it.
      await page.getByText('no gaps').waitFor();
      await pause(REST_MS);
      const path = `${ROOT}/docs/screenshot-${colorScheme}.png`;
      await page.screenshot({ path });
      console.log(path);
      await page.context().close();
    }
  });
}

await main(async () => {
  const [folder, part = ''] = process.argv.slice(2);
  await install();
  await buildIfOld();
  const browser = await launch();
  try {
    if (folder === undefined) await takeReadme(browser);
    else await takeStates(browser, folder, part);
  } finally {
    await browser.close();
  }
});
