import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestMarket } from '../../src/testing/index.ts';
import { launchBrowser, visit } from './harness.ts';

/** That of what is built, which has the page. */
const testing = () => new URL('../../dist/testing/index.js', import.meta.url).href;

let browser: Browser;
let market: TestMarket;

beforeAll(async () => {
  const { startTestMarket } = (await import(
    testing()
  )) as typeof import('../../src/testing/index.ts');
  const at = '2036-03-03T14:30:00Z';
  [browser, market] = await Promise.all([
    launchBrowser(),
    startTestMarket({ preset: 'equities', at }),
  ]);
});

afterAll(() => Promise.all([browser.close(), market.stop()]));

test('a page says that its market is paused, and moves with it, ten years ahead', async () => {
  const { page, leave, complaints } = await visit(browser, market.url);
  const footer = page.locator('footer.status');
  await footer.getByText('paused').waitFor();
  const isShown = (text: string) => footer.getByText(text).waitFor();
  await isShown('14:30:00');
  expect(await footer.getAttribute('data-state')).toBe('live');
  expect(await footer.textContent()).toContain('Lag —');
  await market.advance('1m');
  await isShown('14:31:00');
  await market.play(60);
  await footer.getByText('60×').waitFor();
  await isShown('14:32:');
  expect(await footer.textContent()).toMatch(/Lag (—|\d+ ms)/);
  await market.pause();
  await footer.getByText('paused').waitFor();
  expect(await footer.getAttribute('data-state')).toBe('live');
  expect(complaints).toEqual([]);
  await leave();
});
