import { fetchCandles } from '../client/index.ts';
import type { Bar } from './chart/window.ts';
import type { Model } from './model.ts';
import { fetchAnew, SERVER } from './server.ts';
import { barAt } from './time/resolution.ts';

const AUDITED_BARS = 60;

/** The outcome of comparing what is on the screen with what the server says. */
export interface Audit {
  /** By this machine's own steady clock. */
  readonly atMs: number;
  readonly bars: number;
  readonly differences: number;
}

/**
 * Compare the newest closed bars in view, as they are drawn, with the server's; undefined while
 * there is nothing to say, as when the server cannot be reached or something else is shown by then.
 */
export async function auditChart(model: Model): Promise<Audit | undefined> {
  const { chart } = model;
  // New bars wait for a hand to leave: what is drawn may be older than what is known.
  if (chart === undefined || !chart.isReady || chart.isHeldByHand) return undefined;
  const { resolution } = chart;
  const { symbol } = model.instrument.peek();
  const ours = chart
    .barsInView()
    .filter(({ time }) => chart.isClosed(barAt(resolution, time)) && chart.isHeld(time))
    .slice(-AUDITED_BARS);
  const [first] = ours;
  if (first === undefined) return undefined;
  const { phase } = chart;
  const shown = phase.peek();
  const query = {
    url: SERVER,
    fetch: fetchAnew,
    market: model.market.market,
    symbol,
    resolution: resolution.text,
    from: first.time,
    count: ours.length,
  };
  try {
    const theirs = await fetchCandles(query);
    if (phase.peek() !== shown || chart.isHeldByHand) return undefined;
    let bars = ours.length;
    let differences = Math.abs(theirs.time.length - bars);
    for (const [index, time] of theirs.time.entries()) {
      if (!chart.isHeld(time)) {
        // Let go of meanwhile: it is no longer on the screen.
        bars -= 1;
        continue;
      }
      const bar: Bar = {
        time,
        open: theirs.open[index]!,
        high: theirs.high[index]!,
        low: theirs.low[index]!,
        close: theirs.close[index]!,
      };
      if (!isSameBar(bar, ours[index]) || !chart.isDrawn(bar)) differences += 1;
    }
    return bars === 0 ? undefined : { atMs: performance.now(), bars, differences };
  } catch {
    return undefined;
  }
}

function isSameBar(a: Bar, b: Bar | undefined): boolean {
  return (
    b !== undefined &&
    a.time === b.time &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close
  );
}

/** What may be said about continuity: `no gaps` only when counters and a recent audit agree. */
export function continuityText(model: Model): { text: string; isGood: boolean } {
  const audit = model.audit.value;
  const { gaps, duplicates } = model.counters.value;
  const { kind } = model.connection.value;
  if (audit !== undefined && audit.differences > 0) {
    const { differences } = audit;
    return {
      text: `${differences} ${differences === 1 ? 'bar differs' : 'bars differ'}`,
      isGood: false,
    };
  }
  if (kind !== 'live' || audit === undefined) return { text: 'pending', isGood: false };
  if (gaps + duplicates > 0) {
    return { text: `${gaps + duplicates} repaired`, isGood: false };
  }
  return { text: 'no gaps', isGood: true };
}
