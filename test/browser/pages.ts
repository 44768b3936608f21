import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  Page,
} from 'playwright-core';

/** A page, of whose profile nobody has made use. */
export interface FreshPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Gives it back, for the next who wants one like it. */
  giveBack(): Promise<void>;
}

/** What is done by these stays done, whatever is visited next. */
const LASTING = [
  ...['addInitScript', 'clock', 'exposeBinding', 'exposeFunction', 'routeFromHAR'],
  ...['routeWebSocket', 'setExtraHTTPHeaders'],
];
const LASTING_OF_PAGE = [...LASTING, 'addLocatorHandler', 'emulateMedia'];
const LASTING_OF_CONTEXT = [
  ...[...LASTING, 'addCookies', 'grantPermissions', 'newCDPSession', 'newPage', 'request'],
  ...['setGeolocation', 'setHTTPCredentials', 'setOffline'],
];
/** What tests listen to. */
const EVENTS = [
  ...['console', 'dialog', 'download', 'framenavigated', 'pageerror', 'popup', 'request'],
  ...['requestfailed', 'requestfinished', 'response', 'websocket', 'worker'],
] as const;
/** More are of options that are wanted no more: the eldest goes. */
const MOST_KEPT = 4;

/** How often it is looked whether a page has come to something. */
const LOOK_MS = 50;

/** Those that wait for someone, by what they are of; the eldest first. */
const kept: { readonly key: string; readonly fresh: FreshPage }[] = [];

/**
 * A page like one in a fresh profile. It may be one that was given back: its process has compiled
 * what pages run, and takes half the work of a new one.
 */
export async function freshPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<FreshPage> {
  // Any size will do: it can be changed.
  const { viewport, ...others } = options;
  const key = JSON.stringify(others);
  for (;;) {
    const at = kept.findIndex((one) => one.key === key);
    if (at < 0) return newPage(browser, options, key);
    const [{ fresh }] = kept.splice(at, 1) as [(typeof kept)[0]];
    // One whose browser has ended is of no use.
    if (fresh.page.isClosed() || fresh.context.browser() !== browser) continue;
    if (viewport) await fresh.page.setViewportSize(viewport);
    return fresh;
  }
}

/** Whether it waits for someone, rather than being in use. */
export function isKept(context: BrowserContext): boolean {
  return kept.some(({ fresh }) => fresh.context === context);
}

async function newPage(
  browser: Browser,
  options: BrowserContextOptions,
  key: string,
): Promise<FreshPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  looksSeldom(page);
  let isSpent = false;
  const spend = () => {
    isSpent = true;
  };
  tellUse(page, LASTING_OF_PAGE, spend);
  tellUse(context, LASTING_OF_CONTEXT, spend);
  const fresh: FreshPage = {
    page,
    context,
    async giveBack() {
      const isLikeNew = !isSpent && (await forgetAll(fresh, cdp));
      if (!isLikeNew) return context.close();
      kept.push({ key, fresh });
      if (kept.length > MOST_KEPT) await kept.shift()!.fresh.context.close();
    },
  };
  return fresh;
}

/** Has a page that is waited for draw what it has to: Playwright would ask for each frame of a screen. */
function looksSeldom(page: Page): void {
  const wait = page.waitForFunction.bind(page) as (...all: unknown[]) => Promise<never>;
  page.waitForFunction = (what: unknown, argument?: unknown, options?: object) =>
    wait(what, argument, { polling: LOOK_MS, ...options });
}

/** Calls `told` when any of the properties `names` is asked for. */
function tellUse(object: object, names: readonly string[], told: () => void): void {
  for (const name of names) {
    const value: unknown = Reflect.get(object, name);
    const get = () => {
      told();
      return value;
    };
    Object.defineProperty(object, name, { get });
  }
}

/** Makes a page as it was before it had been anywhere; false if that cannot be. */
async function forgetAll({ page, context }: FreshPage, cdp: CDPSession): Promise<boolean> {
  if (context.pages().length > 1) return false;
  try {
    for (const event of EVENTS) page.removeAllListeners(event as 'console');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.unrouteAll({ behavior: 'ignoreErrors' });
    const { entries } = await cdp.send('Page.getNavigationHistory');
    // By itself: a page that is sent there would get another process.
    await page.evaluate(() => location.replace('about:blank'));
    await page.waitForURL('about:blank');
    for (const origin of new Set(entries.map(({ url }) => new URL(url).origin))) {
      await cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    }
    await cdp.send('Network.clearBrowserCache');
    await cdp.send('Page.resetNavigationHistory');
    await context.clearCookies();
    // Out of it: what is below would be hovered.
    await page.mouse.move(-1, -1);
    return true;
  } catch {
    // It has crashed.
    return false;
  }
}
