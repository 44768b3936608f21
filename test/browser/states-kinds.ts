import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from './axe.ts';
import {
  closeAll,
  launchBrowser,
  PAST,
  startServer,
  type TestServer,
  type Visit,
  watched,
} from './harness.ts';
import { arrive, reach, STATES, type State } from './states.ts';

/** What a file of tests takes of the states: all would be the longest of all files by far. */
type Kind = 'used' | 'in trouble' | 'small';

function kindOf(state: State): Kind {
  if (state.options?.isMobile) return 'small';
  return isTrouble(state) ? 'in trouble' : 'used';
}

/** Whether something is done to what the page is sent. */
function isTrouble({ before, endsServer }: State): boolean {
  return before !== undefined || endsServer === true;
}

/** Whether something is done to the page or its server that a next page would be left with. */
function isLasting({ takesStream, endsServer }: State): boolean {
  return takesStream === true || endsServer === true;
}

const STILL: BrowserContextOptions = { reducedMotion: 'reduce', colorScheme: 'dark' };

/** What the browser itself logs of an answer that is an error, or of none. */
const isAboutAnswers = (complaint: string) => /Failed to load resource|WebSocket/.test(complaint);

async function expectFlawless({ page, complaints }: Visit): Promise<void> {
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
}

/** What a page is of, that it can be loaded again in. */
const keyOf = ({ options = {} }: State) => JSON.stringify(options);

/** As in a fresh profile that is asked for nothing else, with the pointer outside. */
async function forgetAll(page: Page): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.mouse.move(-1, -1);
  await page.evaluate(() => localStorage.clear());
}

/** Tests of the states of a kind, one for each. */
export function testStates(kind: Kind): void {
  let browser: Browser;
  /** By the arguments of their markets. */
  const servers = new Map<string, TestServer>();
  let kept: { readonly key: string; readonly visit: Visit } | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => closeAll(browser));

  async function serverOf({ market = PAST }: State): Promise<TestServer> {
    const key = JSON.stringify(market);
    const server = servers.get(key) ?? (await startServer(market));
    servers.set(key, server);
    return server;
  }

  /** In a page of its own: it is left with what was done to it. */
  async function checkLasting(state: State): Promise<void> {
    const visit = await reach(browser, await serverOf({ ...state, market: PAST }), state, STILL);
    await expectFlawless(visit);
    await visit.context.close();
  }

  /** In the page of the one before: loaded again in its process, it takes half the work. */
  async function checkUse(state: State): Promise<void> {
    const key = keyOf(state);
    const before = kept;
    // Of a page whose test fails nothing is known: the next one has its own.
    kept = undefined;
    if (before?.key !== key) await before?.visit.context.close();
    const visit =
      before?.key === key ? before.visit : await watched(browser, { ...STILL, ...state.options });
    await arrive(visit.page, { server: await serverOf(state), isSilent: false }, state);
    await expectFlawless(visit);
    await forgetAll(visit.page);
    kept = { key, visit };
  }

  const states = Object.entries(STATES).filter(([, state]) => kindOf(state) === kind);
  states.sort(([, a], [, b]) => keyOf(a).localeCompare(keyOf(b)));
  for (const [name, state] of states) {
    test(`axe finds nothing and nothing sticks out: ${name}`, async () => {
      await (isLasting(state) ? checkLasting(state) : checkUse(state));
    });
  }
}
