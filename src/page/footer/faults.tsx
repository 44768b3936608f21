import { useSignalEffect } from '@preact/signals';
import { addressFaults, type Showing } from '../faults.ts';
import { linkOf } from '../link.ts';
import type { Model } from '../model.ts';
import { formatInstant } from '../time/format.ts';

/** What the address, or somebody, asked for and the page cannot show. It stays until it is read. */
export function FaultsCard({ model }: { model: Model }) {
  useSignalEffect(() => {
    const query = model.asked.value;
    const faults = addressFaults(query, showingOf(model));
    model.faults.value = faults;
    // Until the chart has bars nothing else does.
    if (faults.length > 0) history.replaceState(null, '', linkOf(model));
  });
  const faults = model.faults.value;
  if (faults.length === 0) return null;
  return (
    <div class="banner faults">
      <i class="dot" aria-hidden="true" />
      <div class="banner-text">
        <b>Not as asked for</b>
        {faults.map((fault) => (
          <p key={fault}>{fault}</p>
        ))}
      </div>
      <button type="button" class="button" onClick={() => (model.faults.value = [])}>
        Close
      </button>
    </div>
  );
}

/** What the page shows by now, in words. */
export function showingOf(model: Model): Showing {
  const { market, chart } = model;
  const zone = model.zone.peek();
  return {
    symbols: market.instruments.map(({ symbol }) => symbol),
    intervalMs: market.interval,
    earliest: market.earliest,
    now: model.stream.serverNowMs() ?? market.now,
    bars: chart && { least: chart.pane.limitSpan(0), most: chart.pane.limitSpan(Infinity) },
    taken: {
      s: model.instrument.peek().symbol,
      r: model.resolution.peek().text,
      type: model.chartType.peek(),
      volume: model.hasVolume.peek() ? 'on' : 'off',
      tz: zone,
      theme: model.themes.theme.peek(),
    },
    timeText: (timeMs) => formatInstant(zone, timeMs),
  };
}
