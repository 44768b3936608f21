import { ChartMarks } from '../control/market.tsx';
import { StillChip } from '../control/still.tsx';
import { ForwardIcon } from '../later-icons.tsx';
import type { Model } from '../model.ts';
import {
  directionOf,
  formatLots,
  formatPercent,
  formatPrice,
  formatSigned,
  percentChange,
} from '../price.ts';
import { formatBarTime, formatInstant, formatRange } from '../time/format.ts';
import { zoneName } from '../time/zone.ts';
import { Progress } from './cover.tsx';
import { barsBehind, currentReading } from './current.ts';
import { goLive } from './place.ts';
import { visibleRange } from './reading.ts';

/** What lies on the chart. */
export function Overlay({ model }: { model: Model }) {
  return (
    <>
      <ChartMarks model={model} />
      <div class="chart-top">
        <Legend model={model} />
        <StillChip model={model} />
      </div>
      <DateLabel model={model} />
      <NoHistory model={model} />
      <EdgeChip model={model} />
      <LivePill model={model} />
    </>
  );
}

/** The numbers of one bar, top left. */
function Legend({ model }: { model: Model }) {
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
function DateLabel({ model }: { model: Model }) {
  const range = visibleRange(model);
  if (range === undefined) return null;
  const zone = model.zone.value;
  const text = formatRange(zone, range.fromMs, range.toMs, model.resolution.value);
  const name = zoneName(zone, range.toMs);
  return (
    <div class="date-label">
      {text}
      {/* A range in which a clock was put, or an hour that it shows twice, has it already. */}
      {!text.endsWith(` ${name}`) && <span class="date-zone"> {name}</span>}
    </div>
  );
}

/** The way back from history, with the distance. */
function LivePill({ model }: { model: Model }) {
  const { chart } = model;
  const bars = barsBehind(model);
  if (bars === 0) return null;
  return (
    <button type="button" class="live-pill" onClick={() => chart && goLive(chart)}>
      <ForwardIcon />
      Back to live, {bars.toLocaleString('en')} {bars === 1 ? 'bar' : 'bars'}
    </button>
  );
}

/** What goes on beside the view, on the left. */
function EdgeChip({ model }: { model: Model }) {
  const refused = model.barsRefused.value;
  if (refused !== undefined) {
    // Prices flow: nobody would see that the newest bar does not.
    return (
      <div class="edge-chip" role="status">
        The newest bar stands still: {refused}
        <button type="button" class="text-button" onClick={() => model.chart?.reload()}>
          Try again
        </button>
      </div>
    );
  }
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

/** Why there are no bars, once it is known that none come. */
function NoHistory({ model }: { model: Model }) {
  const { chart } = model;
  const phase = chart?.phase.value;
  if (phase?.kind === 'ready') return <NoBars model={model} />;
  if (phase?.kind !== 'failed') return null;
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
