import type { InstrumentRealism } from '../core/realism/report.ts';
import { formatSpan, formatTick } from './format.ts';
import { type Area, areaOf, emptyPlot, framed, PLOT_WIDTH } from './frame.ts';
import { bendBoth, roundTicks, type Scale, scaleOf, thinned } from './scale.ts';
import { element, type Point, polyline, px } from './svg.ts';

const TOO_FEW = 'not known: too few rows, or a price that stands still';

/** The part of all returns in each bin, by logarithms so that the tails show. */
export function histogramPlot(
  of: Pick<InstrumentRealism, 'symbol' | 'histogram' | 'moments'>,
  width = PLOT_WIDTH,
): string {
  const title = `${of.symbol}: distribution of returns beside a normal one`;
  const { histogram } = of;
  if (histogram === null) return emptyPlot(title, TOO_FEW, width);
  const area = areaOf(width);
  const { edges, shares, normalShares, below, above } = histogram;
  const end = edges.at(-1)!;
  const beyond = formatTick(Number(end.toFixed(1)));
  const lowest = Math.min(-2, Math.max(-7, Math.floor(Math.log10(1 / of.moments.count))));
  const floor = 10 ** lowest;
  const step = lowest < -4 ? 2 : 1;
  const powers = Array.from({ length: Math.floor(-lowest / step) + 1 }, (_, i) => -i * step);
  const y = scaleOf(
    [floor, 1],
    [area.bottom, area.top],
    powers.map((power) => ({ value: 10 ** power, text: shareText(power) })),
    Math.log10,
  );
  const xTicks = [-6, -4, -2, 0, 2, 4, 6].map((value) => ({ value, text: formatTick(value) }));
  // Beyond the last bins there is room for what is left: the tails, as bins of their own.
  const x = scaleOf([-end - 1, end + 1], [area.left, area.right], xTicks);
  const level = (share: number) => y.at(Math.max(share, floor));
  const steps = shares.flatMap((share, i): Point[] => [
    [x.at(edges[i]!), level(share)],
    [x.at(edges[i + 1]!), level(share)],
  ]);
  const outline: Point[] = [[x.at(-end), area.bottom], ...steps, [x.at(end), area.bottom]];
  const tails =
    barOf(x.at(-end - 0.9), x.at(-end - 0.3), level(below), area) +
    barOf(x.at(end + 0.3), x.at(end + 0.9), level(above), area);
  const normal = normalShares.flatMap((share, i): Point[] =>
    share < floor ? [] : [[x.at((edges[i]! + edges[i + 1]!) / 2), y.at(share)]],
  );
  const marks =
    filled(outline) +
    linesOver(steps, area).join('') +
    tails +
    polyline(normal, { class: 'reference', 'stroke-width': 1.5, 'stroke-dasharray': '4 3' });
  const keys = [
    { kind: 'line', class: 'series-a', text: of.symbol },
    { kind: 'dashes', class: 'reference', text: 'normal' },
  ] as const;
  const xLabel = `standard deviations from the mean; beyond ${beyond} together`;
  return framed({ width, title, x, y, xLabel, yLabel: 'share of returns', keys }, '', marks);
}

/** The autocorrelation of r and of |r| by lag, the lag by its logarithm. */
export function autocorrelationPlot(
  of: Pick<InstrumentRealism, 'symbol' | 'autocorrelation' | 'intervalMs'>,
  width = PLOT_WIDTH,
): string {
  const title = `${of.symbol}: autocorrelation of returns and of their magnitudes`;
  const { lags, returns, magnitudes, noise } = of.autocorrelation;
  if (returns === null || lags.length < 2) return emptyPlot(title, TOO_FEW, width);
  const area = areaOf(width);
  const all = [...returns, ...(magnitudes ?? []), noise, -noise];
  const values = roundTicks(Math.min(...all), Math.max(...all, 0.1), 4);
  const y = scaleOf(
    [values[0]!, values.at(-1)!],
    [area.bottom, area.top],
    values.map((value) => ({ value, text: formatTick(value) })),
  );
  const x = logRows(lags.at(-1)!, area);
  const line = (series: readonly number[]) =>
    series.map((value, i): Point => [x.at(lags[i]!), y.at(value)]);
  const band = element('rect', {
    ...{ x: area.left, y: y.at(noise), width: area.right - area.left },
    ...{ height: y.at(-noise) - y.at(noise), class: 'band', fill: 'currentColor' },
    'fill-opacity': 0.16,
  });
  const size = magnitudes === null ? [] : line(magnitudes);
  const marks =
    polyline(line(returns), { class: 'series-b', 'stroke-width': 1.5 }) +
    polyline(size, { class: 'series-a', 'stroke-width': 2 });
  const keys = [
    { kind: 'line', class: 'series-a', text: '|r|' },
    { kind: 'line', class: 'series-b', text: 'r' },
    { kind: 'area', class: 'band-key', text: 'noise' },
  ] as const;
  const xLabel = `lag, rows of ${formatSpan(of.intervalMs)}`;
  return framed({ width, title, x, y, xLabel, yLabel: 'autocorrelation', keys }, band, marks);
}

/** 0 first: the others make room for it. */
const KURTOSIS_TICKS = [0, -1, -2, 1, 3, 10, 30, 100, 300, 1000, 10_000, 100_000];

/** Excess kurtosis by the length of a return, beside what a normal one of as many would show. */
export function kurtosisPlot(of: InstrumentRealism, width = PLOT_WIDTH): string {
  const title = `${of.symbol}: excess kurtosis by scale`;
  const known = of.kurtosisByScale.flatMap(({ rows, count, kurtosis }) =>
    kurtosis === null ? [] : [{ rows, kurtosis, noise: 2 * Math.sqrt(24 / count) }],
  );
  if (known.length === 0) return emptyPlot(title, TOO_FEW, width);
  const area = areaOf(width);
  const low = Math.min(-1, ...known.map(({ kurtosis, noise }) => Math.min(kurtosis, -noise)));
  const high = Math.max(3, ...known.map(({ kurtosis }) => kurtosis));
  const y = scaleOf(
    [low * 1.05, high * 1.2],
    [area.bottom, area.top],
    KURTOSIS_TICKS.map((value) => ({ value, text: formatTick(value) })),
    bendBoth,
  );
  const x = scaleOf(
    [0.8, known.at(-1)!.rows * 1.25 + 1],
    [area.left, area.right],
    of.kurtosisByScale.map(({ rows, spanMs }) => ({ value: rows, text: formatSpan(spanMs) })),
    Math.log10,
  );
  const edge = (sign: number) =>
    known.map(({ rows, noise }): Point => [x.at(rows), y.at(sign * noise)]);
  const band = filled([...edge(1), ...edge(-1).reverse()], 'band', 0.16);
  const points = known.map(({ rows, kurtosis }): Point => [x.at(rows), y.at(kurtosis)]);
  const dots = points.map(([cx, cy]) =>
    element('circle', { cx, cy, r: 3, class: 'dot-a', fill: 'currentColor' }),
  );
  const marks = polyline(points, { class: 'series-a', 'stroke-width': 1.5 }) + dots.join('');
  const keys = [
    { kind: 'line', class: 'series-a', text: of.symbol },
    { kind: 'area', class: 'band-key', text: 'normal, give or take' },
  ] as const;
  const frame = { width, title, x: thinned(x, 44), y: thinned(y, 15), keys };
  const labels = { xLabel: 'length of a return', yLabel: 'excess kurtosis' };
  return framed({ ...frame, ...labels }, band, marks);
}

/** The mean of |r| by the hour of the day. */
export function hoursPlot(of: InstrumentRealism, width = PLOT_WIDTH): string {
  const title = `${of.symbol}: mean magnitude of returns by hour of the day`;
  const known = of.hours.filter((hour) => hour !== null);
  const most = Math.max(0, ...known);
  if (most === 0) return emptyPlot(title, 'not known: too few rows in an hour', width);
  const area = areaOf(width);
  // A basis point is 1/10,000.
  const unit = of.returns === 'log' ? 1e4 : 1;
  const values = roundTicks(0, most * unit, 4);
  const y = scaleOf(
    [0, values.at(-1)!],
    [area.bottom, area.top],
    values.map((value) => ({ value, text: formatTick(value) })),
  );
  const hours = [0, 6, 12, 18, 24].map((value) => ({ value, text: `${value}:00` }));
  const x = scaleOf([-0.4, 24.4], [area.left, area.right], hours);
  const bars = of.hours.map((hour, at) =>
    hour === null ? '' : barOf(x.at(at + 0.12), x.at(at + 0.88), y.at(hour * unit), area),
  );
  const yLabel = `mean |r|, ${of.returns === 'log' ? 'basis points' : 'ticks'}`;
  const xLabel = 'hour of the day, UTC';
  return framed({ width, title, x, y, xLabel, yLabel, keys: [] }, '', bars.join(''));
}

function shareText(power: number): string {
  return power >= -4 ? `${Number((100 * 10 ** power).toPrecision(1))} %` : `1e−${-power}`;
}

/** Numbers of rows by their logarithm, from 1. */
function logRows(most: number, area: Area): Scale {
  const ticks = [1, 10, 100, 1000, 10_000].map((value) => ({ value, text: formatTick(value) }));
  return scaleOf([0.9, most * 1.1], [area.left, area.right], ticks, Math.log10);
}

/** The line over bins that hold anything: along the floor there is nothing to show. */
function linesOver(steps: readonly Point[], area: Area): string[] {
  const lines: Point[][] = [[]];
  for (const point of steps) {
    if (point[1] < area.bottom) lines.at(-1)!.push(point);
    else if (lines.at(-1)!.length > 0) lines.push([]);
  }
  return lines.map((line) => polyline(line, { class: 'series-a', 'stroke-width': 1.5 }));
}

function barOf(left: number, right: number, top: number, area: Area): string {
  if (top >= area.bottom) return '';
  const size = { x: left, y: top, width: right - left, height: area.bottom - top };
  return element('rect', { ...size, class: 'bar', fill: 'currentColor' });
}

function filled(points: readonly Point[], name = 'fill-a', opacity = 0.16): string {
  const path = points.map(([x, y]) => `${px(x)},${px(y)}`).join(' ');
  const paint = { class: name, fill: 'currentColor', 'fill-opacity': opacity };
  return element('polygon', { points: path, ...paint });
}
