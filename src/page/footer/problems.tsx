import { useSignalEffect } from '@preact/signals';
import { linkOf } from '../link.ts';
import type { Model } from '../model.ts';
import { addressProblems, type Showing } from '../problems.ts';
import { formatInstant } from '../time/format.ts';

/** What the address, or somebody, asked for and the page cannot show. It stays until it is read. */
export function ProblemsCard({ model }: { model: Model }) {
  useSignalEffect(() => {
    const query = model.asked.value;
    const problems = addressProblems(query, showingOf(model));
    model.problems.value = problems;
    // Until the chart has bars nothing else does.
    if (problems.length > 0) history.replaceState(null, '', linkOf(model));
  });
  const problems = model.problems.value;
  if (problems.length === 0) return null;
  return (
    <div class="banner problems">
      <i class="dot" aria-hidden="true" />
      <div class="banner-text">
        <b>Not as asked for</b>
        {problems.map((problem) => (
          <p key={problem}>{problem}</p>
        ))}
      </div>
      <button type="button" class="button" onClick={() => (model.problems.value = [])}>
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
      nights: model.nights?.areShown.peek() ? 'on' : 'off',
      tz: zone.text,
      theme: model.themes.theme.peek(),
    },
    timeText: (timeMs) => formatInstant(zone, timeMs),
  };
}
