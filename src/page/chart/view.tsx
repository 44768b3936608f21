import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fetchCandles } from '../../client/index.ts';
import { Banner } from '../footer/banner.tsx';
import type { Model } from '../model.ts';
import { fetchAnew, SERVER } from '../server.ts';
import { type UrlState, writeUrl } from '../url.ts';
import { ChartController } from './controller.ts';
import { ChartFocus } from './focus.tsx';
import { ChartCover, DateLabel, EdgeChip, Legend, LivePill } from './overlay.tsx';
import { readPalette } from './palette.ts';
import { attachWheel } from './wheel.ts';

const URL_REST_MS = 150;

/** The chart and what lies on it. */
export function ChartView({ model, url }: { model: Model; url: UrlState }) {
  const host = useRef<HTMLDivElement>(null);
  const isMade = useSignal(false);

  useEffect(() => {
    const element = host.current!;
    const chart = new ChartController({
      element,
      market: model.market,
      fetchCandles: ({ isAnew, ...query }) =>
        fetchCandles({ url: SERVER, ...query, ...(isAnew ? { fetch: fetchAnew } : {}) }),
      resolution: model.resolution.peek(),
      palette: readPalette(),
    });
    model.chart = chart;
    chart.pane.setType(model.chartType.peek());
    void chart.open({
      column: model.column.peek(),
      resolution: model.resolution.peek(),
      atMs: url.atMs,
      span: url.bars,
    });
    const detach = attachWheel(element, {
      scroll: (px) => chart.nudge((px / chart.pane.width) * chart.pane.span),
      zoom: (factor, x) => chart.zoom(factor, chart.pane.barUnder(x)),
    });
    const resetTime = (event: MouseEvent) => {
      const y = event.clientY - element.getBoundingClientRect().top;
      if (y > chart.pane.plotHeight) chart.resetZoom();
    };
    element.addEventListener('dblclick', resetTime);
    isMade.value = true;
    return () => {
      detach();
      element.removeEventListener('dblclick', resetTime);
      model.chart = undefined;
      chart.destroy();
    };
  }, [model]);

  useSignalEffect(() => {
    model.chart?.pane.setType(model.chartType.value);
  });
  useSignalEffect(() => {
    if (isMade.value) model.chart?.pane.setZone(model.zone.value);
  });
  useSignalEffect(() => {
    model.themes.theme.value;
    // The style sheet answers with the new colours once this frame's attributes are in place.
    model.chart?.pane.setPalette(readPalette());
  });
  useSignalEffect(() => {
    if (!isMade.value || model.chart === undefined) return;
    model.chart.view.value;
    model.chart.phase.value;
    model.resolution.value;
    model.chosenType.value;
    model.zone.value;
    model.themes.theme.value;
    const timer = setTimeout(() => {
      if (model.chart?.isReady) history.replaceState(null, '', writeUrl(model.urlState()));
    }, URL_REST_MS);
    return () => clearTimeout(timer);
  });

  return (
    <section class="chart" aria-label="Chart">
      <ChartFocus model={model} isMade={isMade.value}>
        <div ref={host} class="chart-host" aria-hidden="true" />
      </ChartFocus>
      {isMade.value && (
        <>
          <Legend model={model} />
          <DateLabel model={model} />
          <ChartCover model={model} />
          <EdgeChip model={model} />
          <LivePill model={model} />
        </>
      )}
      <Banner model={model} />
      <div class="unseen" role="status" aria-live="polite">
        {model.spoken.value}
      </div>
    </section>
  );
}
