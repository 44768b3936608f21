import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from './axe.ts';
import { closeAll, launchBrowser, PAST, startServer, type TestServer } from './harness.ts';
import { reach, STATES } from './states.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

/** What the browser itself logs of an answer that is an error, or of none. */
const isAboutAnswers = (complaint: string) => /Failed to load resource|WebSocket/.test(complaint);

for (const [name, state] of Object.entries(STATES)) {
  test(`axe finds nothing and nothing sticks out: ${name}`, async () => {
    const still = { reducedMotion: 'reduce', colorScheme: 'dark' } as const;
    const { page, context, complaints } = await reach(browser, server, state, still);
    expect(await violations(page), 'dark').toEqual([]);
    await page.evaluate(() => {
      document.documentElement.dataset.theme = 'light';
    });
    // Themes differ in colours, and in nothing else.
    expect(await violations(page, ['color-contrast']), 'light').toEqual([]);
    const excess = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(excess).toBe(0);
    expect(complaints.filter((complaint) => !isAboutAnswers(complaint))).toEqual([]);
    await context.close();
  });
}
