import type { Correlations } from '../core/realism/pairs.ts';
import { formatSpan } from './format.ts';
import { emptyPlot, PLOT_WIDTH, pictureOf } from './frame.ts';
import { element, escaped, label } from './svg.ts';

/** Cells smaller than these, in pixels, have no room for a symbol, for a number. */
const SYMBOL_CELL = 11;
const NUMBER_CELL = 26;
/** More cells than this have no tooltips, which would be most of the picture's bytes. */
const MOST_TIPS = 1000;
const CAPTION = 34;

/**
 * The lower half of the correlation matrix. Each symbol stands at the end of its row, which is the
 * head of its column: one label for both, and none that has to be read sideways.
 */
export function correlationPlot(
  { symbols, matrix, rows }: Correlations,
  intervalMs: number,
  width = PLOT_WIDTH,
): string {
  const title = `Correlations of returns over ${formatSpan(rows * intervalMs)}`;
  const count = symbols.length;
  if (count < 2) return emptyPlot(title, 'one instrument has no pairs', width);
  const longest = Math.max(...symbols.map((symbol) => symbol.length));
  const room = Math.min(width / 3, longest * 7.5 + 8);
  const fitting = (width - room) / count;
  const cell = Math.min(40, fitting < SYMBOL_CELL ? width / count : fitting);
  const parts = [legendOf(width)];
  const hasTips = (count * count) / 2 <= MOST_TIPS;
  for (let i = 0; i < count; i++) {
    const y = CAPTION + i * cell;
    for (let j = 0; j < i; j++) {
      const value = matrix[i]![j] ?? null;
      const tip = `${symbols[i]}, ${symbols[j]}: ${value === null ? 'not known' : two(value)}`;
      parts.push(cellOf(j * cell, y, cell, value, hasTips ? tip : ''));
    }
    if (cell < SYMBOL_CELL) continue;
    const at = { x: i * cell + 5, y: y + cell / 2 + 4 };
    parts.push(label({ ...at, text: symbols[i]!, class: 'symbol' }));
  }
  return pictureOf(width, CAPTION + count * cell + 2, title, parts.join(''));
}

/** Blue together, orange against one another, the stronger the fuller. */
function cellOf(x: number, y: number, cell: number, value: number | null, tip: string): string {
  const size = { x, y, width: Math.max(0.5, cell - 1), height: Math.max(0.5, cell - 1) };
  const title = tip === '' ? '' : element('title', {}, escaped(tip));
  const square = element(
    'rect',
    {
      ...{ ...size, class: (value ?? 0) < 0 ? 'negative' : 'positive', fill: 'currentColor' },
      'fill-opacity': value === null ? 0 : 0.06 + 0.94 * Math.min(1, Math.abs(value)),
    },
    title,
  );
  if (value === null || cell < NUMBER_CELL) return square;
  const name = Math.abs(value) > 0.55 ? 'number-on' : 'number';
  const at = { x: x + cell / 2 - 0.5, y: y + cell / 2 + 3.5 };
  return square + label({ ...at, text: two(value), anchor: 'middle', class: name });
}

/** Above all, where the half that is empty begins. */
function legendOf(width: number): string {
  const steps = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
  const left = width - steps.length * 14 - 12;
  const swatches = steps.map((value, i) => cellOf(left + i * 14, 2, 14, value, ''));
  return (
    swatches.join('') +
    label({ x: left - 6, y: 13, text: '−1', anchor: 'end' }) +
    label({ x: width, y: 13, text: '1', anchor: 'end' }) +
    label({ x: 0, y: 13, text: 'correlation', class: 'caption' })
  );
}

function two(value: number): string {
  return value.toFixed(2).replace('-0.00', '0.00').replace('-', '−');
}
