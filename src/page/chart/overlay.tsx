import { ForwardIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import {
  directionOf,
  formatLots,
  formatPercent,
  formatPrice,
  formatSigned,
  percentChange,
} from '../price.ts';
import { formatBarTime, formatInstant, formatRange, shownZone } from '../time/format.ts';
import { zoneName } from '../time/zone.ts';
import { barsBehind, currentReading, visibleRange } from './reading.ts';

/** The numbers of one bar, top left. */
export function Legend({ model }: { model: Model }) {
  const reading = currentReading(model);
  if (reading === undefined) return null;
  const instrument = model.instrument.value;
  const { bar, kind } = reading;
  const { open, high, low, close, volume } = bar;
  const percent = percentChange(close, open);
  const change = formatSigned((close - open) * instrument.tickSize, instrument.decimals);
  const title =
    kind === 'current'
      ? 'Current bar'
      : formatBarTime(model.zone.value, bar.time, model.resolution.value);
  return (
    <div class={`legend is-${directionOf(close - open)}`}>
      <span class="legend-title">{title}</span>
      {[
        ['O', open],
        ['H', high],
        ['L', low],
        ['C', close],
      ].map(([name, ticks]) => (
        <span key={name}>
          {name} <b>{formatPrice(ticks as number, instrument)}</b>
        </span>
      ))}
      <b class="legend-change not-phone">
        {change}
        {percent === undefined ? '' : ` (${formatPercent(percent)})`}
      </b>
      {model.hasVolume.value && volume !== undefined && (
        <span class="legend-volume">
          V <b>{formatLots(volume)}</b>
        </span>
      )}
    </div>
  );
}

/** The dates in view, bottom left. */
export function DateLabel({ model }: { model: Model }) {
  const range = visibleRange(model);
  if (range === undefined) return null;
  const resolution = model.resolution.value;
  const zone = shownZone(model.zone.value, resolution);
  const text = formatRange(zone, range.fromMs, range.toMs, resolution);
  const name = zoneName(zone, range.toMs);
  return (
    <div class="date-label">
      {text}
      {/* An hour that a clock shows twice has it already. */}
      {!text.endsWith(name) && <span class="date-zone"> {name}</span>}
    </div>
  );
}

/** The way back from history, with the distance. */
export function LivePill({ model }: { model: Model }) {
  const bars = barsBehind(model);
  if (bars === 0) return null;
  return (
    <button type="button" class="live-pill" onClick={() => model.chart?.goLive()}>
      <ForwardIcon />
      Back to live, {bars.toLocaleString('en')} {bars === 1 ? 'bar' : 'bars'}
    </button>
  );
}

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
function Progress({ model, before = '' }: { model: Model; before?: string }) {
  const part = model.chart?.progress.value;
  if (part === undefined) return null;
  return (
    <span class="progress" aria-hidden="true">
      {before}
      {Math.round(part * 100)} %
    </span>
  );
}

/** What goes on beside the view, on the left. */
export function EdgeChip({ model }: { model: Model }) {
  const edge = model.chart?.edges.state.value ?? 'idle';
  const isSlow =
    model.chart?.phase.value.kind === 'ready' && model.chart.progress.value !== undefined;
  if (edge === 'loading' || (edge === 'idle' && isSlow)) {
    return (
      <div class="edge-chip is-waiting" role="status">
        {edge === 'loading' ? 'Loading older bars' : 'Loading bars'}
        <Progress model={model} />
      </div>
    );
  }
  if (edge === 'idle') return null;
  return (
    <div class="edge-chip" role="status">
      More bars could not be loaded.
      <button type="button" class="text-button" onClick={() => model.chart?.retry()}>
        Try again
      </button>
    </div>
  );
}
