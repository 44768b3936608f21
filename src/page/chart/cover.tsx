import type { Model } from '../model.ts';

/** What stands in for the bars until they come. */
export function ChartCover({ model }: { model: Model }) {
  const isLoading = (model.chart?.phase.value.kind ?? 'loading') === 'loading';
  if (!isLoading) return null;
  return (
    <div class="cover" role="status" aria-label="Loading history">
      <Ghost />
      <Progress model={model} before="Loading history, " />
    </div>
  );
}

/** A row of pale candles: a sine or two, for nobody should take it for a price. */
export function Ghost() {
  const bars = Array.from({ length: 50 }, (_, index) => {
    const middle = 150 + 62 * Math.sin(index / 5.6 + 0.4) - 26 * Math.sin(index / 2.1);
    const height = 22 + 34 * Math.abs(Math.sin(index * 1.7));
    return `M${index * 20 + 4} ${(middle - height / 2).toFixed(1)}v${height.toFixed(1)}`;
  });
  return (
    <svg class="ghost" viewBox="0 0 1000 300" aria-hidden="true">
      <path d={bars.join('')} />
    </svg>
  );
}

/** How much is there of bars that take long. Not read out: that would be again and again. */
export function Progress({ model, before = '' }: { model: Model; before?: string }) {
  const part = model.chart?.progress.value;
  if (part === undefined) return null;
  return (
    <span class="progress" aria-hidden="true">
      {before}
      {Math.round(part * 100)} %
    </span>
  );
}
