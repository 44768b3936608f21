import { type CandlesAnswer, fetchCandles } from '../client/index.ts';
import { isDrawn, isHeld } from './chart/drawn.ts';
import { barsInView } from './chart/reading.ts';
import type { Bar } from './chart/window.ts';
import type { Audit } from './continuity.ts';
import { inTime } from './in-time.ts';
import type { Model } from './model.ts';
import { fetchAnew, SERVER } from './server.ts';
import { barAt, barsBetween, openBarAt } from './time/resolution.ts';

const AUDITED_BARS = 60;
/** Of an answer that has them, and what is between them. */
const MOST_ANSWERED = 4_096;
const AUDIT_MS = 30_000;
const FIRST_AUDIT_MS = 2_000;
/** After a repair, a look at whether it was one; and where nothing could be looked at yet. */
const SOON_MS = 2_000;

/** Compare the screen with the server, soon and for ever. */
export function startAudits(model: Model): void {
  setTimeout(() => void audit(model), FIRST_AUDIT_MS);
}

async function audit(model: Model): Promise<void> {
  const outcome = await auditChart(model);
  if (typeof outcome === 'object') model.audit.value = outcome;
  const isWrong = typeof outcome === 'object' && outcome.differences > 0;
  if (isWrong) model.chart?.reload(true);
  setTimeout(() => void audit(model), isWrong || outcome === 'not yet' ? SOON_MS : AUDIT_MS);
}

/**
 * Compare the newest closed bars in view, as they are drawn, with the server's. Not yet, while
 * there is none or something else is shown by then; undefined if the server cannot be reached.
 */
async function auditChart(model: Model): Promise<Audit | 'not yet' | undefined> {
  const { chart } = model;
  // New bars wait for a hand to leave: what is drawn may be older than what is known.
  if (chart === undefined || !chart.isReady || chart.isHeldByHand) return 'not yet';
  const { resolution } = chart;
  const { symbol } = model.instrument.peek();
  const final = barsInView(chart)
    .filter(({ time }) => chart.isClosed(barAt(resolution, time)) && isHeld(chart, time))
    .slice(-AUDITED_BARS);
  const end = barAt(resolution, final.at(-1)?.time ?? 0) + 1;
  const answered = (time: number) => barsBetween(resolution, barAt(resolution, time), end);
  const ours = final.filter(({ time }) => answered(time) <= MOST_ANSWERED);
  const [first] = ours;
  const { hasVolume } = chart.window;
  // If it was switched a moment ago, something else is shown before an answer is here.
  if (first === undefined || hasVolume !== model.hasVolume.peek()) return 'not yet';
  const { phase } = chart;
  const shown = phase.peek();
  const query = {
    url: SERVER,
    fetch: inTime(fetchAnew),
    market: model.marketId.peek(),
    symbol,
    resolution: resolution.text,
    ...resolution.clock,
    from: first.time,
    count: answered(first.time),
    ...(hasVolume ? { fields: ['volume'] as const } : {}),
  };
  try {
    const answer = await fetchCandles(query);
    const theirs = barsOf(answer).filter(({ time }) => openBarAt(resolution, time) !== undefined);
    const isAsShown = phase.peek() === shown && chart.window.hasVolume === hasVolume;
    if (!isAsShown || chart.isHeldByHand) return 'not yet';
    let bars = ours.length;
    let differences = Math.abs(theirs.length - bars);
    for (const [index, bar] of theirs.entries()) {
      if (!isHeld(chart, bar.time)) {
        // Let go of meanwhile: it is no longer on the screen.
        bars -= 1;
        continue;
      }
      if (!isSameBar(bar, ours[index]) || !isDrawn(chart, bar)) differences += 1;
    }
    return bars === 0 ? 'not yet' : { atMs: performance.now(), bars, differences };
  } catch {
    return undefined;
  }
}

function barsOf({ time, open, high, low, close, volume }: CandlesAnswer): readonly Bar[] {
  return time.map((start, index) => ({
    time: start,
    open: open[index]!,
    high: high[index]!,
    low: low[index]!,
    close: close[index]!,
    volume: volume?.[index],
  }));
}

function isSameBar(a: Bar, b: Bar | undefined): boolean {
  return (
    b !== undefined &&
    a.time === b.time &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume
  );
}
