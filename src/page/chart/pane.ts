import { createChartEx, type IChartApiBase } from 'lightweight-charts';
import type { Resolution } from '../../core/market/resolution.ts';
import { type PriceFormat, priceOf } from '../price.ts';
import type { ShownZone } from '../time/zone.ts';
import {
  BAR_SPACING_PX,
  CHART_OPTIONS,
  LABELS,
  LEAST_SPACING_PX,
  MOST_SPACING_PX,
  paletteOptions,
} from './options.ts';
import type { Palette } from './palette.ts';
import type { View } from './plan.ts';
import { BarScale } from './scale.ts';
import {
  addPrices,
  addUnseen,
  addVolume,
  type ChartType,
  isSame,
  type Look,
  marginsOf,
  type PriceSeries,
  priceItem,
  seriesOptions,
  type UnseenSeries,
  type VolumeSeries,
  volumeItem,
} from './series.ts';
import { type Bar, isEmpty } from './window.ts';

/**
 * The drawing: lightweight-charts behind absolute bar numbers.
 *
 * The library counts from its first bar and applies a range on the next frame. Here a view is told
 * in bar numbers, survives every change of the bars around it, and reads back what was last asked
 * for.
 */
export class Pane {
  readonly #chart: IChartApiBase<number>;
  readonly #scale: BarScale;
  readonly #element: HTMLElement;
  readonly #look: Look;
  #series: PriceSeries;
  #volume: VolumeSeries | undefined;
  /** Has a value at the last bar, once that was one without prices. */
  #held: UnseenSeries | undefined;
  #first = 0;
  /** As they are drawn: its own list, which nobody else changes. */
  #bars: Bar[] = [];
  /** Asked for, and not painted yet. */
  #pending: { right: number; span: number | undefined } | undefined;

  constructor(element: HTMLElement, resolution: Resolution, palette: Palette, painted: () => void) {
    this.#element = element;
    this.#scale = new BarScale(resolution);
    this.#look = { type: 'candles', palette, format: { tickSize: 1, decimals: 0 } };
    this.#chart = createChartEx<number, BarScale>(element, this.#scale, CHART_OPTIONS);
    this.#series = addPrices(this.#chart, this.#look);
    this.setPalette(palette);
    // Ranges are applied just before the drawing: here, and only here, they are what people see.
    const view = {
      zOrder: () => 'bottom' as const,
      renderer: () => ({
        draw: () => {
          this.#pending = undefined;
          painted();
        },
      }),
    };
    const views = [view];
    this.#chart.panes()[0]!.attachPrimitive({ paneViews: () => views });
  }

  /** The number of the bar after the last one that is drawn. */
  get end(): number {
    return this.#first + this.#bars.length;
  }

  get width(): number {
    return this.#chart.timeScale().width();
  }

  get axisWidthPx(): number {
    return this.#series.priceScale().width();
  }

  get hasPriceLine(): boolean {
    return this.#series.options().lastValueVisible;
  }

  get isEmpty(): boolean {
    return this.#bars.length === 0;
  }

  /** Whether a view was asked for that has not been painted yet. */
  get isPlaced(): boolean {
    return this.#pending !== undefined;
  }

  /** Where the plot ends and the time axis begins. */
  get plotHeight(): number {
    return this.#element.clientHeight - this.#chart.timeScale().height();
  }

  get span(): number {
    return this.#pending?.span ?? this.width / this.#chart.timeScale().options().barSpacing;
  }

  /** Empty room right of the newest bar while it is followed: as wide at every zoom. */
  roomBars(span: number): number {
    const whole = this.defaultSpan;
    return Math.min(8, Math.max(3.5, whole / 14)) * (span / whole);
  }

  /** The span at the default zoom. */
  get defaultSpan(): number {
    return Math.max(1, this.width) / BAR_SPACING_PX;
  }

  get view(): View {
    const painted = this.#chart.timeScale().scrollPosition() + this.end - 1;
    const right = this.#pending?.right ?? painted;
    return { left: right - this.span + 1, right };
  }

  /** Draw these bars and, if told where, show those that end at `right`. */
  replace(first: number, bars: readonly Bar[], right?: number, span?: number): void {
    // The library confuses its points when it gets the times that it has (5.2.1: setSeriesData
    // makes new points, and replaceTimeScalePoints keeps the old ones).
    if (first === this.#first && bars.length === this.#bars.length) this.#series.setData([]);
    this.#first = first;
    this.#bars = [...bars];
    const last = bars.findLastIndex((bar) => !isEmpty(bar));
    const isBeforeGap = (at: number) => at < last && isEmpty(bars[at + 1]!);
    this.#series.setData(bars.map((bar, at) => priceItem(this.#look, bar, isBeforeGap(at))));
    this.#volume?.setData(bars.map((bar) => volumeItem(this.#look, bar)));
    this.#holdEnd();
    const wanted = right ?? this.#pending?.right;
    if (wanted !== undefined) this.place(wanted, span ?? this.#pending?.span);
  }

  /** Redraw the last bar, or draw the one after it. */
  update(bar: Bar, isNew: boolean): void {
    if (isNew) this.#bars.push(bar);
    else this.#bars[this.#bars.length - 1] = bar;
    this.#endLine();
    this.#series.update(priceItem(this.#look, bar));
    this.#volume?.update(volumeItem(this.#look, bar));
    this.#holdEnd();
  }

  /** The library counts from the last bar with a value, and shows little beyond. */
  #holdEnd(): void {
    const last = this.#bars.at(-1);
    if (last === undefined || (this.#held === undefined && !isEmpty(last))) return;
    this.#held ??= addUnseen(this.#chart);
    this.#held.setData([{ time: last.time, value: 0 }]);
  }

  /** Where the last bar has prices and those before it have none: the line to them is over. */
  #endLine(): void {
    if (this.#look.type === 'candles' || isEmpty(this.#bars.at(-1)!)) return;
    const at = this.#bars.findLastIndex((bar, n) => n < this.#bars.length - 1 && !isEmpty(bar));
    if (at < 0 || at === this.#bars.length - 2) return;
    this.#series.update(priceItem(this.#look, this.#bars[at]!, true), true);
  }

  /** Whether the library draws this bar as number `number`: what it was told, told by it. */
  isDrawn(number: number, bar: Bar): boolean {
    const at = number - this.#first;
    if (!isSame(priceItem(this.#look, bar), this.#series.dataByIndex(at))) return false;
    // One whose volume is being fetched has none to draw.
    if (this.#volume === undefined || bar.volume === undefined) return true;
    return isSame(volumeItem(this.#look, bar), this.#volume.dataByIndex(at));
  }

  /** Whether volumes are drawn below the prices. */
  showVolume(isShown: boolean): void {
    if (isShown === (this.#volume !== undefined)) return;
    if (this.#volume !== undefined) {
      this.#chart.removeSeries(this.#volume);
      this.#volume = undefined;
    } else {
      this.#volume = addVolume(this.#chart);
    }
    this.#series.priceScale().applyOptions({ scaleMargins: marginsOf(isShown) });
    this.#redraw();
  }

  /** Show the bars that end at `right`; as many as before, or `span` of them. */
  place(right: number, span?: number): void {
    if (this.#bars.length === 0) return;
    const shown = span === undefined ? this.#pending?.span : this.limitSpan(span);
    this.#pending = { right, span: shown };
    const scale = this.#chart.timeScale();
    if (shown === undefined) scale.scrollToPosition(right - (this.end - 1), false);
    else {
      scale.setVisibleLogicalRange({
        from: right - shown + 1 - this.#first,
        to: right - this.#first,
      });
    }
  }

  /** The nearest span that can be shown. */
  limitSpan(span: number): number {
    return Math.min(this.width / LEAST_SPACING_PX, Math.max(this.width / MOST_SPACING_PX, span));
  }

  /** Show the price line and its tag: they belong to the newest price only. */
  showPriceLine(isShown: boolean): void {
    if (this.hasPriceLine === isShown) return;
    this.#series.applyOptions({ lastValueVisible: isShown, priceLineVisible: isShown });
  }

  /** Whether the newest price is shown as one that stands still. */
  setStill(isStill: boolean): void {
    this.#look.isStill = isStill;
    this.#series.applyOptions(seriesOptions(this.#look));
  }

  setInstrument(resolution: Resolution, format: PriceFormat): void {
    this.#scale.resolution = resolution;
    this.#look.format = format;
    this.#forgetLabels();
    this.#series.priceScale().applyOptions({ autoScale: true });
    this.#series.applyOptions(seriesOptions(this.#look));
  }

  setZone(zone: ShownZone): void {
    this.#scale.zone = zone;
    this.#forgetLabels();
    this.#redraw();
  }

  setType(type: ChartType): void {
    if (type === this.#look.type) return;
    this.#look.type = type;
    const { right } = this.view;
    const { hasPriceLine } = this;
    const old = this.#series;
    this.#series = addPrices(this.#chart, this.#look);
    this.showPriceLine(hasPriceLine);
    this.replace(this.#first, this.#bars, right);
    this.#chart.removeSeries(old);
  }

  setPalette(palette: Palette): void {
    this.#look.palette = palette;
    this.#chart.applyOptions(paletteOptions(palette));
    this.#series.applyOptions(seriesOptions(this.#look));
    this.#redraw();
  }

  resetPriceScale(): void {
    this.#series.priceScale().applyOptions({ autoScale: true });
  }

  /** The number of the bar under `x`, which counts from the left of the plot. */
  barUnder(x: number): number {
    const { right } = this.view;
    return right - ((this.width - x) / this.width) * this.span + 0.5;
  }

  onHover(hover: (bar: number | undefined) => void): void {
    this.#chart.subscribeCrosshairMove(({ logical, point }) => {
      hover(logical === undefined || point === undefined ? undefined : this.#first + logical);
    });
  }

  onMove(moved: () => void): void {
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(moved);
  }

  /** Put the crosshair on a bar, for those who read the chart by key. */
  point(bar: Bar | undefined): void {
    if (bar === undefined) this.#chart.clearCrosshairPosition();
    else {
      const price = priceOf(bar.close, this.#look.format);
      this.#chart.setCrosshairPosition(price, bar.time, this.#series);
    }
  }

  destroy(): void {
    this.#chart.remove();
  }

  #forgetLabels(): void {
    this.#chart.timeScale().applyOptions(LABELS);
  }

  #redraw(): void {
    if (this.#bars.length > 0) this.replace(this.#first, this.#bars, this.view.right);
  }
}
