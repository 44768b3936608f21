import { areaOf, framed } from '../dist/realism/frame.js';
import { scaleOf } from '../dist/realism/scale.js';
import { element, polyline } from '../dist/realism/svg.js';

const WIDTH = 640;
const CLASSES = ['a', 'b', 'c', 'd', 'e', 'f'];
const STYLE = `
  .plot { color: #1f2328; font-family: system-ui, sans-serif; background: #ffffff }
  .tick, .caption { color: #57606a }
  .a { color: #0b6bcb } .b { color: #b35c00 } .c { color: #0a7853 }
  .d { color: #8250df } .e { color: #c0356b } .f { color: #57606a }
  @media (prefers-color-scheme: dark) {
    .plot { color: #e6edf3; background: #0d1117 }
    .tick, .caption { color: #9aa4af }
    .a { color: #4aa8ff } .b { color: #f0a04b } .c { color: #2fc28f }
    .d { color: #b58cff } .e { color: #ff7aa8 } .f { color: #9aa4af }
  }`;

/** Powers of ten around values, with the texts that `textOf` gives them. */
function powersAround(values, textOf) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const from = Math.floor(Math.log10(low) + 1e-9);
  const to = Math.ceil(Math.log10(high) - 1e-9);
  const ticks = [];
  for (let power = from; power <= Math.max(to, from + 1); power++) {
    ticks.push({ value: 10 ** power, text: textOf(10 ** power) });
  }
  return ticks;
}

/**
 * Lines through points, both axes by their logarithm: `series` is a list of `{ name, points }`.
 * `xTicks` are `{ value, text }`, the powers of ten if not given.
 */
export function plotOf({ title, xLabel, yLabel, series, xTicks, yText = String }) {
  const area = areaOf(WIDTH);
  const points = series.flatMap((each) => each.points);
  const xs =
    xTicks ??
    powersAround(
      points.map(([x]) => x),
      (value) => value.toLocaleString('en'),
    );
  const ys = powersAround(
    points.map(([, y]) => y),
    yText,
  );
  const end = (ticks) => [ticks[0].value, ticks.at(-1).value];
  const x = scaleOf(end(xs), [area.left + 8, area.right - 8], xs, Math.log10);
  const y = scaleOf(end(ys), [area.bottom, area.top], ys, Math.log10);
  const marks = series.map(({ points }, n) => {
    const at = points.map(([px, py]) => [x.at(px), y.at(py)]);
    const dots = at.map(([cx, cy]) => element('circle', { cx, cy, r: 2.5, fill: 'currentColor' }));
    return element('g', { class: CLASSES[n] }, polyline(at, { 'stroke-width': 2 }) + dots.join(''));
  });
  const keys = series.map(({ name }, n) => ({ kind: 'line', class: CLASSES[n], text: name }));
  const svg = framed({ width: WIDTH, title, x, y, xLabel, yLabel, keys }, '', marks.join(''));
  return svg.replace('</title>', `</title><style>${STYLE}</style>`);
}
