import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Model } from '../model.ts';
import { formatNumber, formatPrice } from '../price.ts';
import { formatBarTime, formatRange } from '../time/format.ts';
import { barAt } from '../time/resolution.ts';
import { visibleRange } from './reading.ts';

const LONG_STEP = 10;

/** Makes the chart reachable by key: Left and Right read it bar by bar, aloud. */
export function ChartFocus({
  model,
  isMade,
  children,
}: {
  model: Model;
  isMade: boolean;
  children: ComponentChildren;
}) {
  const bar = useRef<number | undefined>(undefined);
  const range = isMade ? visibleRange(model) : undefined;
  const { symbol } = model.instrument.value;
  const resolution = model.resolution.value;
  const shown =
    range === undefined
      ? ''
      : `, ${formatRange(model.zone.value, range.fromMs, range.toMs, resolution)}`;

  const read = (step: number) => {
    const { chart } = model;
    const inView = chart?.barsInView() ?? [];
    const [first, last] = [inView[0], inView.at(-1)];
    if (chart === undefined || first === undefined || last === undefined) return;
    const [from, to] = [barAt(resolution, first.time), barAt(resolution, last.time)];
    // It may be of another resolution, or gone.
    if (chart.window.at(bar.current ?? Number.NaN) === undefined) bar.current = undefined;
    const wanted = (bar.current ?? (step < 0 ? to + 1 : from - 1)) + step;
    if (wanted < from || wanted > to) chart.nudge(wanted < from ? wanted - from : wanted - to);
    const { first: oldest, end } = chart.window;
    const reached = Math.max(oldest, Math.min(end - 1, wanted));
    const found = chart.window.at(reached);
    if (found === undefined) return;
    bar.current = reached;
    chart.pane.point(found);
    const price = (ticks: number) => formatPrice(ticks, model.instrument.peek());
    const { open, high, low, close, volume } = found;
    const when = formatBarTime(model.zone.peek(), found.time, resolution);
    const range = `high ${price(high)}, low ${price(low)}`;
    const isTold = model.hasVolume.peek() && volume !== undefined;
    const traded = isTold ? `, volume ${formatNumber(volume, 0)}` : '';
    model.spoken.value = `${when}: open ${price(open)}, ${range}, close ${price(close)}${traded}`;
  };

  return (
    <div
      class="chart-focus"
      role="application"
      aria-label={`Chart of ${symbol}, ${resolution.text}${shown}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is operated by key
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        read((event.key === 'ArrowLeft' ? -1 : 1) * (event.shiftKey ? LONG_STEP : 1));
      }}
      onBlur={() => {
        if (bar.current === undefined) return;
        bar.current = undefined;
        model.chart?.pane.point(undefined);
      }}
    >
      {children}
    </div>
  );
}
