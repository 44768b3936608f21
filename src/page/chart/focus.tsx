import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Model } from '../model.ts';
import { formatRange } from '../time/format.ts';
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
  const Reader = model.later.value?.Reader;
  const reader = useMemo(() => Reader && new Reader(model), [model, Reader]);
  const range = isMade ? visibleRange(model) : undefined;
  const { symbol } = model.instrument.value;
  const resolution = model.resolution.value;
  const shown =
    range === undefined
      ? ''
      : `, ${formatRange(model.zone.value, range.fromMs, range.toMs, resolution)}`;

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
        reader?.read((event.key === 'ArrowLeft' ? -1 : 1) * (event.shiftKey ? LONG_STEP : 1));
      }}
      onBlur={() => reader?.leave()}
    >
      {children}
    </div>
  );
}
