import {
  AreaSeries,
  type CandlestickData,
  CandlestickSeries,
  CrosshairMode,
  createChartEx,
  type HistogramData,
  HistogramSeries,
  type IChartApiBase,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type SingleValueData,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Resolution } from '../../core/market/resolution.ts';
import { formatNumber, type PriceFormat, priceOf } from '../price.ts';
import type { Zone } from '../time/zone.ts';
import type { Palette } from './palette.ts';
import type { View } from './plan.ts';
import { BarScale } from './scale.ts';
import type { Bar } from './window.ts';

export type ChartType = 'candles' | 'line' | 'area';
type Series = ISeriesApi<'Candlestick' | 'Line' | 'Area', number>;
type Item = CandlestickData<number> | SingleValueData<number>;
type VolumeItem = HistogramData<number> | WhitespaceData<number>;

/** Of the price axis; wider prices make it wider. */
export const LEAST_AXIS_PX = 72;
const MOST_LABEL_LETTERS = 9;
/** How much of the plot volumes take, at the bottom, and what is then left for prices. */
const VOLUME_PART = 0.18;
const PRICE_MARGINS = { top: 0.12, bottom: 0.1 };
const ABOVE_VOLUME = { top: 0.1, bottom: VOLUME_PART + 0.04 };
const BAR_SPACING_PX = 9;
const LEAST_SPACING_PX = 1;
const MOST_SPACING_PX = 80;

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
  #series: Series;
  #volume: ISeriesApi<'Histogram', number> | undefined;
  #type: ChartType = 'candles';
  #palette: Palette;
  #format: PriceFormat = { tickSize: 1, decimals: 0 };
  #first = 0;
  /** As they are drawn: its own list, which nobody else changes. */
  #bars: Bar[] = [];
  /** Asked for, and not painted yet. */
  #pending: { right: number; span: number | undefined } | undefined;

  constructor(element: HTMLElement, resolution: Resolution, palette: Palette, painted: () => void) {
    this.#element = element;
    this.#scale = new BarScale(resolution);
    this.#palette = palette;
    this.#chart = createChartEx<number, BarScale>(element, this.#scale, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11 },
      rightPriceScale: {
        borderVisible: false,
        minimumWidth: LEAST_AXIS_PX,
        scaleMargins: PRICE_MARGINS,
      },
      timeScale: {
        borderVisible: false,
        minimumHeight: 28,
        barSpacing: BAR_SPACING_PX,
        minBarSpacing: LEAST_SPACING_PX,
        maxBarSpacing: MOST_SPACING_PX,
        ticksVisible: false,
        tickMarkMaxCharacterLength: MOST_LABEL_LETTERS,
      },
      crosshair: { mode: CrosshairMode.Normal },
      handleScroll: { mouseWheel: false, vertTouchDrag: false },
      handleScale: { mouseWheel: false, axisDoubleClickReset: { time: false, price: true } },
    });
    this.#series = this.#addSeries();
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
    const usual = this.usualSpan;
    return Math.min(8, Math.max(3.5, usual / 14)) * (span / usual);
  }

  /** The span at the usual zoom. */
  get usualSpan(): number {
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
    this.#series.setData(bars.map((bar) => this.#item(bar)));
    this.#volume?.setData(bars.map((bar) => this.#volumeItem(bar)));
    const wanted = right ?? this.#pending?.right;
    if (wanted !== undefined) this.place(wanted, span ?? this.#pending?.span);
  }

  /** Redraw the last bar, or draw the one after it. */
  update(bar: Bar, isNew: boolean): void {
    if (isNew) this.#bars.push(bar);
    else this.#bars[this.#bars.length - 1] = bar;
    this.#series.update(this.#item(bar));
    this.#volume?.update(this.#volumeItem(bar));
  }

  /** Whether the library draws this bar as number `number`: what it was told, told by it. */
  isDrawn(number: number, bar: Bar): boolean {
    const at = number - this.#first;
    if (!isSame(this.#item(bar), this.#series.dataByIndex(at))) return false;
    // One whose volume is being fetched has none to draw.
    if (this.#volume === undefined || bar.volume === undefined) return true;
    return isSame(this.#volumeItem(bar), this.#volume.dataByIndex(at));
  }

  /** Whether volumes are drawn below the prices. */
  showVolume(isShown: boolean): void {
    if (isShown === (this.#volume !== undefined)) return;
    if (this.#volume !== undefined) {
      this.#chart.removeSeries(this.#volume);
      this.#volume = undefined;
    } else {
      // A scale without a name is nobody's: it has no axis.
      this.#volume = this.#chart.addSeries(HistogramSeries, {
        priceScaleId: '',
        lastValueVisible: false,
        priceLineVisible: false,
      }) as ISeriesApi<'Histogram', number>;
      const scaleMargins = { top: 1 - VOLUME_PART, bottom: 0 };
      this.#volume.priceScale().applyOptions({ scaleMargins });
      this.#volume.setSeriesOrder(0);
    }
    const scaleMargins = isShown ? ABOVE_VOLUME : PRICE_MARGINS;
    this.#series.priceScale().applyOptions({ scaleMargins });
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

  setInstrument(resolution: Resolution, format: PriceFormat): void {
    this.#scale.resolution = resolution;
    this.#format = format;
    this.#forgetLabels();
    this.#series.priceScale().applyOptions({ autoScale: true });
    this.#series.applyOptions(this.#seriesOptions());
  }

  setZone(zone: Zone): void {
    this.#scale.zone = zone;
    this.#forgetLabels();
    this.#redraw();
  }

  setType(type: ChartType): void {
    if (type === this.#type) return;
    this.#type = type;
    const { right } = this.view;
    const { hasPriceLine } = this;
    const old = this.#series;
    this.#series = this.#addSeries();
    this.showPriceLine(hasPriceLine);
    this.replace(this.#first, this.#bars, right);
    this.#chart.removeSeries(old);
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#chart.applyOptions({
      layout: {
        background: { color: palette.panel },
        textColor: palette.text2,
        fontFamily: palette.font,
      },
      grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
      crosshair: {
        vertLine: { color: palette.text3, labelBackgroundColor: palette.text2 },
        horzLine: { color: palette.text3, labelBackgroundColor: palette.text2 },
      },
    });
    this.#series.applyOptions(this.#seriesOptions());
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
      const price = priceOf(bar.close, this.#format);
      this.#chart.setCrosshairPosition(price, bar.time, this.#series);
    }
  }

  destroy(): void {
    this.#chart.remove();
  }

  /** Labels of the time axis are kept by the library until an option about them is set. */
  #forgetLabels(): void {
    this.#chart.timeScale().applyOptions({ tickMarkMaxCharacterLength: MOST_LABEL_LETTERS });
  }

  #redraw(): void {
    if (this.#bars.length > 0) this.replace(this.#first, this.#bars, this.view.right);
  }

  #addSeries(): Series {
    const options = this.#seriesOptions();
    if (this.#type === 'candles')
      return this.#chart.addSeries(CandlestickSeries, options) as Series;
    if (this.#type === 'line') return this.#chart.addSeries(LineSeries, options) as Series;
    return this.#chart.addSeries(AreaSeries, options) as Series;
  }

  #seriesOptions() {
    const { up, down, accent, areaTop, areaBottom } = this.#palette;
    const { tickSize, decimals } = this.#format;
    const colors =
      this.#type === 'candles'
        ? {
            upColor: up,
            downColor: down,
            borderUpColor: up,
            borderDownColor: down,
            wickUpColor: up,
            wickDownColor: down,
          }
        : this.#type === 'line'
          ? { color: accent }
          : { lineColor: accent, topColor: areaTop, bottomColor: areaBottom };
    return {
      ...colors,
      ...(this.#type === 'candles' ? {} : { lineWidth: 2 as const }),
      priceLineStyle: LineStyle.Dotted,
      priceFormat: {
        type: 'custom' as const,
        minMove: tickSize,
        formatter: (price: number) => formatNumber(price, decimals),
      },
    };
  }

  #volumeItem({ time, open, close, volume }: Bar): VolumeItem {
    if (volume === undefined) return { time };
    const { volumeUp, volumeDown, volumeFlat } = this.#palette;
    const color = close > open ? volumeUp : close < open ? volumeDown : volumeFlat;
    return { time, value: volume, color };
  }

  #item({ time, open, high, low, close }: Bar): Item {
    const format = this.#format;
    const value = priceOf(close, format);
    if (this.#type !== 'candles') return { time, value };
    const { flat } = this.#palette;
    const item = {
      time,
      open: priceOf(open, format),
      high: priceOf(high, format),
      low: priceOf(low, format),
      close: value,
    };
    return open === close ? { ...item, color: flat, borderColor: flat, wickColor: flat } : item;
  }
}

/** Whether the library has all that it was told of a bar. */
function isSame(told: object, drawn: object | null): boolean {
  const found = drawn as Readonly<Record<string, unknown>> | null;
  return found !== null && Object.entries(told).every(([key, value]) => found[key] === value);
}
