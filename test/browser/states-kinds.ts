import type { Browser, BrowserContextOptions } from 'playwright-core';
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

/** Tests of the states of a kind, one for each. */
export function testStates(kind: Kind): void {
  let browser: Browser;
  /** By the arguments of their markets. */
  const servers = new Map<string, TestServer>();

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

  async function checkLasting(state: State): Promise<void> {
    const visit = await reach(browser, await serverOf({ ...state, market: PAST }), state, STILL);
    await expectFlawless(visit);
    await visit.context.close();
  }

  async function checkUse(state: State): Promise<void> {
    const visit = await watched(browser, { ...STILL, ...state.options });
    await arrive(visit.page, { server: await serverOf(state), isSilent: false }, state);
    await expectFlawless(visit);
    await visit.leave();
  }

  const states = Object.entries(STATES).filter(([, state]) => kindOf(state) === kind);
  for (const [name, state] of states) {
    test(`axe finds nothing and nothing sticks out: ${name}`, async () => {
      await (isLasting(state) ? checkLasting(state) : checkUse(state));
    });
  }
}
