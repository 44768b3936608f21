import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Page,
  Request,
} from 'playwright-core';
import { launch } from '../../scripts/browser.mjs';
import type {} from '../../src/page/debug.ts';
import { bareEnvironment } from '../helpers/cli.ts';
import { CLOCK_VARIABLE } from '../helpers/clock.ts';
import { type Time, timeOfRun } from '../helpers/times.ts';
import { freshPage, isKept } from './pages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PAGE_DIST = join(ROOT, 'dist/page');
const START_MS = 60_000;
/** One step of a test; enough for a busy machine, and short of the limit of a test. */
const STEP_MS = 40_000;

/** A server of this project in a process of its own, so that it can be killed like one. */
export interface TestServer {
  readonly url: string;
  /** End it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Have it end in order. */
  stop(): Promise<void>;
}

/** Of a server whose market is older than any time at which tests are run. */
export const PAST = ['--origin', '2025-06-01'];

const running = new Set<TestServer>();

/** What the servers of a test file go by, all the same, and on when one of them is restarted. */
let clock: { readonly offsetMs: number | undefined; readonly zone: string } | undefined;

/** Says what time it is, and where: for servers and pages that are begun from now on. */
export function beginAt({ at, zone }: Time): void {
  clock = { offsetMs: at === undefined ? undefined : Date.parse(at) - Date.now(), zone };
}

function currentClock() {
  if (clock === undefined) beginAt(timeOfRun());
  return clock!;
}

/** Lets time pass that nobody waits for: servers that are begun from now on find it gone by. */
export function passUnseen(ms: number): void {
  const { offsetMs = 0, zone } = currentClock();
  clock = { offsetMs: offsetMs + ms, zone };
}

/** The time of the servers, in milliseconds since the Unix epoch. */
export function nowMs(): number {
  return Date.now() + (currentClock().offsetMs ?? 0);
}

/** Ends whatever a test file has left running, and its time; for its `afterAll`. */
export async function closeAll(browser: Browser | undefined): Promise<void> {
  const left = (browser?.contexts() ?? []).filter((context) => !isKept(context));
  await Promise.all(left.map((context) => context.close()));
  await Promise.all([...running].map((server) => server.kill()));
  clock = undefined;
}

/** Starts the built program; `args` follow `serve`. Port 0 takes any free one. */
export async function startServer(args: readonly string[] = [], port = 0): Promise<TestServer> {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin: { tickwell: string };
  };
  const { offsetMs } = currentClock();
  // Of a clock that is not the machine's it warns each time.
  const env = {
    ...bareEnvironment(),
    TICKWELL_LOG_LEVEL: 'error',
    ...(offsetMs === undefined ? {} : { [CLOCK_VARIABLE]: `${offsetMs}` }),
  };
  const child = spawn(
    process.execPath,
    [join(ROOT, bin.tickwell), 'serve', '--port', `${port}`, '--host', '127.0.0.1', ...args],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await firstUrl(child).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    running.delete(server);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(child.pid!, signal);
    await exited;
  };
  const server = { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
  running.add(server);
  await ready(url);
  return server;
}

/** The server says its address before it can answer: the first rows are still being made. */
async function ready(url: string): Promise<void> {
  const untilMs = Date.now() + START_MS;
  while (
    !(await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (Date.now() > untilMs) throw new Error(`${url} is not ready after ${START_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`no URL after ${START_MS} ms; got: ${text}`)),
      START_MS,
    );
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /http:\/\/[^\s]+/.exec(text);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[0]);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}; got: ${text}`));
    });
  });
}

/**
 * Collecting garbage and compiling beside the page pay where cores are idle. While tests run none
 * is: a page takes a tenth less of them so, and axe a fifth.
 */
const ON_BUSY_CORES = ['--js-flags=--single-threaded'];

let shared: Browser | undefined;

/**
 * The Chromium that every script takes. Files that one worker runs, one after the other, share it:
 * each page has a profile of its own, and the browser ends with its worker.
 */
export async function launchBrowser(): Promise<Browser> {
  if (!shared?.isConnected()) shared = await launch(ON_BUSY_CORES);
  return shared;
}

/** A page, and all that it should never have done. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, CSP violations, uncaught errors, requests to other hosts. */
  readonly complaints: string[];
  /** Ends it. Its page may serve another: one that nobody could tell from a new one. */
  leave(): Promise<void>;
}

/** A page in a fresh profile, watched for what it should never do, before it goes anywhere. */
export async function watched(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const { page, context, giveBack } = await freshPage(browser, {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    timezoneId: currentClock().zone,
    ...options,
  });
  context.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== new URL(page.url()).host) {
      if (!request.isNavigationRequest()) complaints.push(`other host: ${request.url()}`);
    }
  });
  return { page, context, complaints, leave: giveBack };
}

/** Opens `url` in a fresh profile and waits until it is live and drawn. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const visit = await watched(browser, options);
  await visit.page.goto(url);
  await live(visit.page);
  return visit;
}

/** Waits until the page is live and its chart has bars. */
export async function live(page: Page): Promise<void> {
  try {
    await page.waitForFunction(
      () =>
        window.tickwell?.state === 'live' && window.tickwell.isReady && window.tickwell.isPainted,
    );
  } catch (error) {
    const seen = await page.evaluate(() => {
      const { state, symbol, resolution, isReady, isPainted, edge, view } = window.tickwell ?? {};
      return { state, symbol, resolution, isReady, isPainted, edge, view };
    });
    throw new Error(`the page is not live: ${JSON.stringify(seen)}`, { cause: error });
  }
}

/**
 * Notes what the page asks candles for from now on, until `take` takes it. The page's check, which
 * asks for what is in view whenever its time has come, is left out: it alone wants nothing from
 * the browser's cache.
 */
export function candlesAsked(page: Page): { take(): Promise<string[]> } {
  const asked: Request[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/v1/candles')) asked.push(request);
  });
  const ofCheck = async (request: Request) =>
    (await request.allHeaders())['cache-control'] === 'no-cache';
  const take = async () => {
    const taken = asked.splice(0);
    const areOfCheck = await Promise.all(taken.map(ofCheck));
    return taken.filter((_, index) => !areOfCheck[index]).map((request) => request.url());
  };
  return { take };
}

/** The page's own account of itself; see src/page/debug.ts. */
export type Told = NonNullable<Window['tickwell']>;
type Look = Pick<
  Told,
  'state' | 'counters' | 'symbol' | 'resolution' | 'view' | 'isLive' | 'bars' | 'barsInView'
>;

/**
 * What `window.tickwell` says. It comes as text: of objects, Playwright looks at each value on its
 * way, which takes nine times the work for 500 bars.
 */
export async function look(page: Page): Promise<Look> {
  const text = await page.evaluate(() => {
    const { state, counters, symbol, resolution, view, isLive, bars, barsInView } =
      window.tickwell!;
    return JSON.stringify({ state, counters, symbol, resolution, view, isLive, bars, barsInView });
  });
  return JSON.parse(text);
}
