import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fetchCandles } from '../../client/index.ts';
import { leaveZone } from '../actions.ts';
import { inTime } from '../in-time.ts';
import { linkOf } from '../link.ts';
import { askNamed } from '../market-id.ts';
import type { Model } from '../model.ts';
import { fetchAnew, SERVER } from '../server.ts';
import type { UrlState } from '../url.ts';
import { ChartController } from './controller.ts';
import { ChartCover } from './cover.tsx';
import { ChartFocus } from './focus.tsx';
import { LEAST_AXIS_PX } from './options.ts';
import { readPalette } from './palette.ts';
import type { FetchCandles } from './tiles.ts';

const URL_REST_MS = 150;

/** Asks for candles by the market id that is in force, and past the browser's memory if told to. */
function fetcherOf(model: Model): FetchCandles {
  return ({ isAnew, ...query }) => {
    const fetching = inTime(isAnew ? fetchAnew : fetch);
    return askNamed(model, (market) =>
      fetchCandles({ url: SERVER, fetch: fetching, market, ...query }),
    );
  };
}

/** The chart and what lies on it. */
export function ChartView({ model, url }: { model: Model; url: UrlState }) {
  const host = useRef<HTMLDivElement>(null);
  const isMade = useSignal(false);
  /** What the address will say, once the view has come to rest. */
  const link = useRef<{ text: string; timer?: ReturnType<typeof setTimeout> }>({ text: '' });

  useEffect(() => {
    const element = host.current!;
    const chart = new ChartController({
      element,
      market: model.market,
      fetchCandles: fetcherOf(model),
      resolution: model.resolution.peek(),
      palette: readPalette(),
      hasVolume: model.hasVolume.peek(),
      live: model.live,
      onCutOtherwise: () => leaveZone(model),
    });
    model.chart = chart;
    void chart.open({
      column: model.column.peek(),
      resolution: model.resolution.peek(),
      atMs: url.atMs,
      span: url.bars,
    });
    isMade.value = true;
    return () => {
      model.chart = undefined;
      chart.destroy();
    };
  }, [model]);

  useSignalEffect(() => {
    const attachMouse = model.later.value?.attachMouse;
    const chart = isMade.value ? model.chart : undefined;
    return chart && attachMouse?.(host.current!, chart);
  });
  useSignalEffect(() => {
    if (isMade.value) model.chart?.pane.setType(model.chartType.value);
  });
  useSignalEffect(() => {
    if (isMade.value) model.chart?.showVolume(model.hasVolume.value);
  });
  useSignalEffect(() => {
    if (isMade.value) model.chart?.pane.setZone(model.zone.value);
  });
  useSignalEffect(() => {
    model.themes.theme.value;
    // The style sheet answers with the new colours once this frame's attributes are in place.
    if (isMade.value) model.chart?.pane.setPalette(readPalette());
  });
  useSignalEffect(() => {
    if (!isMade.value || model.chart === undefined) return;
    model.chart.view.value;
    model.chart.phase.value;
    model.resolution.value;
    model.chosenType.value;
    model.chosenVolume.value;
    model.zone.value;
    model.themes.theme.value;
    // Bars that come while it is live change the view, but not what a link says of it.
    const wanted = linkOf(model);
    if (wanted === link.current.text || !model.chart.isReady) return;
    clearTimeout(link.current.timer);
    const timer = setTimeout(() => {
      if (model.chart?.isReady) history.replaceState(null, '', linkOf(model));
    }, URL_REST_MS);
    link.current = { text: wanted, timer };
  });
  useEffect(() => () => clearTimeout(link.current.timer), []);

  const later = model.later.value;
  // What lies on the plot keeps clear of the price axis.
  const axisWidthPx = (isMade.value && model.chart?.axisWidthPx.value) || LEAST_AXIS_PX;
  return (
    <section class="chart" aria-label="Chart" style={{ '--axis': `${axisWidthPx}px` }}>
      <ChartFocus model={model} isMade={isMade.value}>
        <div ref={host} class="chart-host" aria-hidden="true" />
      </ChartFocus>
      {isMade.value && (
        <>
          <ChartCover model={model} />
          {later && <later.Overlay model={model} />}
        </>
      )}
      <div class="banner-place">
        <div role={model.connection.value.kind === 'refused' ? 'alert' : 'status'}>
          {later && <later.Banner model={model} />}
        </div>
        <div role="status">{later && <later.ProblemsCard model={model} />}</div>
      </div>
      <div class="unseen" role="status" aria-live="polite">
        {model.spoken.value}
      </div>
    </section>
  );
}
