import type { Years } from '../core/realism/years.ts';
import { formatTick } from './format.ts';
import { areaOf, emptyPlot, framed, PLOT_WIDTH } from './frame.ts';
import { roundTicks, scaleOf, type Tick, thinned } from './scale.ts';
import { element, type Point, polyline } from './svg.ts';

/** The part of the height that volumes take. */
const VOLUME_PART = 0.22;
const TITLE = 'price at the close of each day, and volume';

/** The price at each day's close, over its start, and what was traded, by the week. */
export function yearsPlot(symbol: string, years: Years, width = PLOT_WIDTH): string {
  const { closes, volumes, firstMs, lastMs } = years;
  const title = `${symbol}: ${TITLE}`;
  if (closes.length < 2) return emptyPlot(title, 'not known: too few days', width);
  const area = areaOf(width);
  const base = area.bottom - (area.bottom - area.top) * VOLUME_PART;
  const values = closes.map((close) => close / closes[0]!);
  const steps = roundTicks(Math.min(...values), Math.max(...values), 4);
  const y = scaleOf(
    [steps[0]!, steps.at(-1)!],
    [base, area.top],
    steps.map((value) => ({ value, text: formatTick(value) })),
  );
  const x = scaleOf([firstMs!, lastMs!], [area.left, area.right], yearTicks(firstMs!, lastMs!));
  const timeOf = (day: number) => firstMs! + ((lastMs! - firstMs!) * day) / (closes.length - 1);
  const line = values.map((value, day): Point => [x.at(timeOf(day)), y.at(value)]);
  const marks = polyline(line, { class: 'series-a', 'stroke-width': 1.2 });
  const keys = [
    { kind: 'line', class: 'series-a', text: symbol },
    { kind: 'area', class: 'volume', text: 'volume a week' },
  ] as const;
  const frame = { width, title, x: thinned(x, 40), y, keys };
  const labels = { xLabel: 'years', yLabel: 'price over that of the first day' };
  const bars = volumeBars(volumes, (day) => x.at(timeOf(day)), area.bottom, base + 6);
  return framed({ ...frame, ...labels }, bars, marks);
}

/** Bars of five days each, from the floor up to `top` for the largest. */
function volumeBars(
  volumes: readonly number[],
  at: (day: number) => number,
  floor: number,
  top: number,
): string {
  const weeks = Array.from({ length: Math.floor(volumes.length / 5) }, (_, week) =>
    volumes.slice(week * 5, week * 5 + 5).reduce((sum, volume) => sum + volume, 0),
  );
  const most = Math.max(...weeks, 1);
  return weeks
    .map((volume, week) => {
      const height = (volume / most) * (floor - top);
      const [left, right] = [at(week * 5), at(Math.min(volumes.length - 1, week * 5 + 5))];
      const size = { x: left, y: floor - height, width: (right - left) * 0.8, height };
      return element('rect', { ...size, class: 'volume', fill: 'currentColor' });
    })
    .join('');
}

/** The beginnings of years. */
function yearTicks(firstMs: number, lastMs: number): Tick[] {
  const first = new Date(firstMs).getUTCFullYear();
  const last = new Date(lastMs).getUTCFullYear();
  return Array.from({ length: last - first + 1 }, (_, n) => ({
    value: Math.max(firstMs, Date.UTC(first + n, 0, 1)),
    text: String(first + n),
  }));
}
