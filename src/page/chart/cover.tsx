import type { Model } from '../model.ts';
import { formatInstant } from '../time/format.ts';

/** What stands in for the bars until they come, or says why they did not. */
export function ChartCover({ model }: { model: Model }) {
  const { chart } = model;
  const phase = chart?.phase.value ?? { kind: 'loading' };
  if (phase.kind === 'failed') {
    return (
      <div class="cover cover-failed" role="alert">
        <h3>History could not be loaded</h3>
        <p>
          {phase.message} {model.isFrozen ? '' : 'Live prices go on.'}
        </p>
        <button type="button" class="button is-primary" onClick={() => chart?.retry()}>
          Try again
        </button>
      </div>
    );
  }
  if (phase.kind === 'ready') return <NoBars model={model} />;
  return (
    <div class="cover" role="status" aria-label="Loading history">
      <Ghost />
      <Progress model={model} before="Loading history, " />
    </div>
  );
}

/** A market may begin later than now. */
function NoBars({ model }: { model: Model }) {
  model.chart?.changes.value;
  model.chart?.newest.value;
  if (model.chart?.window.bars.length !== 0) return null;
  const begins = formatInstant(model.zone.value, model.market.origin);
  return (
    <div class="cover cover-failed" role="status">
      <h3>No bars yet</h3>
      <p>The first row of this market is due {begins}.</p>
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
