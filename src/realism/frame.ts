import type { Scale } from './scale.ts';
import { element, escaped, label } from './svg.ts';

/** Narrow enough for a telephone. Text keeps its size where a plot is drawn as wide as it says. */
export const PLOT_WIDTH = 360;
const HEIGHT = 232;
const MARGIN = { top: 40, right: 12, bottom: 38, left: 46 };

/** The part of a plot that data is drawn in, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function areaOf(width: number): Area {
  const { left, top } = MARGIN;
  return { left, top, right: width - MARGIN.right, bottom: HEIGHT - MARGIN.bottom };
}

/** What the eye has to tell apart: how it is drawn, and what it is called. */
export interface Key {
  readonly kind: 'line' | 'dashes' | 'area';
  /** The class of its colour. */
  readonly class: string;
  readonly text: string;
}

export interface Frame {
  readonly width: number;
  /** What is read out in place of the picture. */
  readonly title: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly keys: readonly Key[];
}

/** A plot: what is behind the grid, the grid, and the marks upon it. */
export function framed(frame: Frame, behind: string, marks: string): string {
  const { width, x, y } = frame;
  const area = areaOf(width);
  const rules = y.ticks.map(({ value }) => {
    const at = Math.round(y.at(value)) + 0.5;
    return ruleOf(area.left, at, area.right, at);
  });
  const yTexts = y.ticks.map(({ value, text }) =>
    label({ x: area.left - 7, y: y.at(value) + 4, text, anchor: 'end', class: 'tick' }),
  );
  const xTexts = x.ticks.map(({ value, text }) => {
    // A long one at the very end would be cut off: it ends where the picture does.
    const half = text.length * 3.5;
    const middle = Math.min(x.at(value), width - half);
    return label({ x: middle, y: area.bottom + 16, text, anchor: 'middle', class: 'tick' });
  });
  const captions =
    label({ x: 0, y: frame.keys.length > 0 ? 12 : 29, text: frame.yLabel, class: 'caption' }) +
    label({ x: area.right, y: HEIGHT - 5, text: frame.xLabel, anchor: 'end', class: 'caption' });
  const content = [behind, ...rules, marks, ...yTexts, ...xTexts, captions, legendOf(frame.keys)];
  return pictureOf(width, HEIGHT, frame.title, content.join(''));
}

/** An accessible picture that takes the width it is given. */
export function pictureOf(width: number, height: number, title: string, content: string): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'plot',
    role: 'img',
    viewBox: `0 0 ${width} ${height}`,
    'font-size': 11,
  };
  return element('svg', attributes, element('title', {}, escaped(title)) + content);
}

/** A picture that says why there is none. */
export function emptyPlot(title: string, reason: string, width = PLOT_WIDTH): string {
  const at = { x: width / 2, y: HEIGHT / 2, anchor: 'middle' } as const;
  return pictureOf(width, HEIGHT, `${title}: ${reason}`, label({ ...at, text: reason }));
}

function ruleOf(x1: number, y1: number, x2: number, y2: number): string {
  const stroke = { stroke: 'currentColor', 'stroke-opacity': 0.14 };
  return element('line', { x1, y1, x2, y2, ...stroke });
}

/** On one line above the plot. A character is taken to be 7.5 pixels wide, as capitals are. */
function legendOf(keys: readonly Key[]): string {
  let x = 0;
  const parts: string[] = [];
  for (const { kind, class: name, text } of keys) {
    const swatch =
      kind === 'area'
        ? element('rect', { x, y: 21, width: 14, height: 9, class: name, fill: 'currentColor' })
        : element('line', {
            ...{ x1: x, x2: x + 14, y1: 25.5, y2: 25.5, class: name, stroke: 'currentColor' },
            'stroke-width': 2,
            'stroke-dasharray': kind === 'dashes' ? '4 3' : undefined,
          });
    parts.push(swatch, label({ x: x + 20, y: 29, text }));
    x += 20 + text.length * 7.5 + 10;
  }
  return parts.join('');
}
