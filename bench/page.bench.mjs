/** The page in a real Chromium: how soon it shows, what it costs, how smoothly it scrolls. */
import { cpus, loadavg } from 'node:os';
import { findChromium, launch, openLive } from '../scripts/browser.mjs';
import { withServer } from '../scripts/server.mjs';
import { report } from './lib.mjs';

const LOADS = 7;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const WATCH_MS = 10_000;
const MB = 1e6;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** Runs in the page: notes when bars are first on the screen, and the length of every frame. */
function watch() {
  globalThis.frames = [];
  let before = 0;
  requestAnimationFrame(function next(now) {
    if (before > 0) globalThis.frames.push(now - before);
    before = now;
    if (globalThis.tickwell?.isPainted) globalThis.firstBarsMs ??= now;
    requestAnimationFrame(next);
  });
}

/** From the start of navigation to the first paint, and to bars on the screen. */
async function measureLoads(browser, url, title) {
  const [paints, bars] = [[], []];
  for (let load = 0; load < LOADS; load++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(url);
    await page.waitForFunction(() => globalThis.firstBarsMs !== undefined);
    const [paint, firstBars] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0].startTime,
      globalThis.firstBarsMs,
    ]);
    paints.push(paint);
    bars.push(firstBars);
    await context.close();
  }
  report(`${title}: first paint, median of ${LOADS}`, ms(quantile(paints, 0.5)), 'at most 500');
  report(`${title}: bars on the screen`, ms(quantile(bars, 0.5)), 'at most 1000');
}

/** What DevTools counts: seconds of work since the page began, and bytes in use. */
async function countersOf(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function heapMb(cdp) {
  for (let round = 0; round < 3; round++) await cdp.send('HeapProfiler.collectGarbage');
  return (await countersOf(cdp)).JSHeapUsedSize / MB;
}

/** What a second costs while `act` goes on, in the page's own process, and how long frames are. */
async function measureWork(page, cdp, title, limits, act = () => pause(WATCH_MS)) {
  const begun = performance.now();
  const before = await countersOf(cdp);
  await page.evaluate(() => {
    globalThis.frames.length = 0;
  });
  await act();
  const frames = await page.evaluate(() => globalThis.frames);
  const after = await countersOf(cdp);
  const seconds = (performance.now() - begun) / 1000;
  const perSecond = (name) => ms((1000 * (after[name] - before[name])) / seconds);
  report(`${title}: scripting a second`, perSecond('ScriptDuration'), limits.scripting);
  report(`${title}: all work a second`, perSecond('TaskDuration'), '');
  const [p95, longest] = [quantile(frames, 0.95), Math.max(...frames)];
  report(`${title}: frames p95, longest`, `${ms(p95)}, ${ms(longest)}`, limits.frames);
}

/** A turn of the wheel in every frame, as a hand would make them. */
function wheelBack(page) {
  return page.evaluate(async () => {
    const host = document.querySelector('.chart-host');
    const where = { clientX: 900, clientY: 400, bubbles: true, cancelable: true };
    const untilMs = performance.now() + 6_000;
    while (performance.now() < untilMs) {
      host.dispatchEvent(new WheelEvent('wheel', { deltaY: -120, ...where }));
      await new Promise(requestAnimationFrame);
    }
  });
}

async function measure(browser, count, url) {
  const title = count.toLocaleString('en');
  await measureLoads(browser, url, title);
  const page = await openLive(browser, url);
  await page.evaluate(watch);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await pause(3_000);
  await measureWork(page, cdp, `${title}, live`, { scripting: '', frames: 'p95 at most 20' });
  await page.getByRole('button', { name: 'Sort by Change' }).click();
  await pause(3_000);
  const limits = { scripting: 'at most 40', frames: 'p95 at most 20' };
  await measureWork(page, cdp, `${title}, all sorted by change`, limits);
  const scrolling = { scripting: '', frames: 'p95 at most 20' };
  await measureWork(page, cdp, `${title}, wheel through history`, scrolling, () => wheelBack(page));
  await page.keyboard.press('End');
  await pause(5_000);
  const before = await heapMb(cdp);
  await pause(SECONDS * 1000);
  const after = await heapMb(cdp);
  const figures = `${after.toFixed(1)} MB, ${(after - before).toFixed(2)} MB`;
  report(`${title}: heap after GC, change in ${SECONDS} s`, figures, 'at most 20, under 1');
  await page.context().close();
}

if ((await findChromium()) === undefined) {
  console.log('The page is left out: there is no Chromium; CHROME_PATH can name one.');
} else {
  const browser = await launch();
  console.log(`Chromium ${browser.version()}, Node ${process.version}, ${cpus()[0]?.model}`);
  try {
    for (const count of [100, 10_000]) {
      await withServer(['--count', `${count}`], ({ url }) => measure(browser, count, url));
    }
  } finally {
    await browser.close();
  }
  const load = loadavg()[0].toFixed(1);
  console.log(`Load of the machine over the last minute: ${load} on ${cpus().length} cores`);
}
