import {
  AreaSeries,
  type CandlestickData,
  CandlestickSeries,
  type HistogramData,
  HistogramSeries,
  type IChartApiBase,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type SeriesDefinition,
  type SingleValueData,
  type WhitespaceData,
} from 'lightweight-charts';
import { formatNumber, type PriceFormat, priceOf } from '../price.ts';
import type { Palette } from './palette.ts';
import { type Bar, isEmpty } from './window.ts';

export type ChartType = 'candles' | 'line' | 'area';
export type PriceSeries = ISeriesApi<'Candlestick' | 'Line' | 'Area', number>;
export type VolumeSeries = ISeriesApi<'Histogram', number>;
export type UnseenSeries = ISeriesApi<'Line', number>;
type Item = CandlestickData<number> | SingleValueData<number> | WhitespaceData<number>;
type VolumeItem = HistogramData<number> | WhitespaceData<number>;

/** How bars are drawn. */
export interface Look {
  type: ChartType;
  palette: Palette;
  format: PriceFormat;
  isStill?: boolean;
}

/** How much of the plot volumes take, at the bottom, and what is then left for prices. */
const VOLUME_PART = 0.18;
const PRICE_MARGINS = { top: 0.12, bottom: 0.1 };
const ABOVE_VOLUME = { top: 0.1, bottom: VOLUME_PART + 0.04 };

/** Where prices end, above and below, with volumes below them or without. */
export const marginsOf = (hasVolume: boolean) => (hasVolume ? ABOVE_VOLUME : PRICE_MARGINS);

export function addPrices(chart: IChartApiBase<number>, look: Look): PriceSeries {
  const kinds = { candles: CandlestickSeries, line: LineSeries, area: AreaSeries };
  const kind = kinds[look.type] as SeriesDefinition<'Candlestick' | 'Line' | 'Area'>;
  return chart.addSeries(kind, seriesOptions(look)) as PriceSeries;
}

export function addVolume(chart: IChartApiBase<number>): VolumeSeries {
  // A scale without a name is nobody's: it has no axis.
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: '',
    lastValueVisible: false,
    priceLineVisible: false,
  }) as VolumeSeries;
  const scaleMargins = { top: 1 - VOLUME_PART, bottom: 0 };
  volume.priceScale().applyOptions({ scaleMargins });
  volume.setSeriesOrder(0);
  return volume;
}

export function addUnseen(chart: IChartApiBase<number>): UnseenSeries {
  return chart.addSeries(LineSeries, { priceScaleId: '', visible: false }) as UnseenSeries;
}

/** What the library is told of the whole series of prices. */
export function seriesOptions({ type, palette, format, isStill }: Look) {
  const { up, down, accent, areaTop, areaBottom, text3 } = palette;
  const { tickSize, decimals } = format;
  const colors =
    type === 'candles'
      ? {
          upColor: up,
          downColor: down,
          borderUpColor: up,
          borderDownColor: down,
          wickUpColor: up,
          wickDownColor: down,
        }
      : type === 'line'
        ? { color: accent, lineWidth: 2 as const }
        : { lineColor: accent, lineWidth: 2 as const, topColor: areaTop, bottomColor: areaBottom };
  return {
    ...colors,
    priceLineStyle: LineStyle.Dotted,
    // None is that of the bar.
    priceLineColor: isStill ? text3 : '',
    priceFormat: {
      type: 'custom' as const,
      minMove: tickSize,
      formatter: (price: number) => formatNumber(price, decimals),
    },
  };
}

/** The library would draw lines over bars without prices. */
const NO_LINE = {
  ...{ color: 'transparent', lineColor: 'transparent' },
  ...{ topColor: 'transparent', bottomColor: 'transparent' },
};

/** What the library is told of the prices of a bar, with whose price a line may end. */
export function priceItem({ type, palette, format }: Look, bar: Bar, endsLine = false): Item {
  const { time, open, high, low, close } = bar;
  if (isEmpty(bar)) return { time };
  const value = priceOf(close, format);
  if (type !== 'candles') return { time, value, ...(endsLine ? NO_LINE : {}) };
  const { flat } = palette;
  const item = {
    time,
    open: priceOf(open, format),
    high: priceOf(high, format),
    low: priceOf(low, format),
    close: value,
  };
  return open === close ? { ...item, color: flat, borderColor: flat, wickColor: flat } : item;
}

/** What the library is told of the volume of a bar. */
export function volumeItem({ palette }: Look, { time, open, close, volume }: Bar): VolumeItem {
  if (volume === undefined) return { time };
  const { volumeUp, volumeDown, volumeFlat } = palette;
  const color = close > open ? volumeUp : close < open ? volumeDown : volumeFlat;
  return { time, value: volume, color };
}

/** Whether the library has all that it was told of a bar. */
export function isSame(told: object, drawn: object | null): boolean {
  const found = drawn as Readonly<Record<string, unknown>> | null;
  return found !== null && Object.entries(told).every(([key, value]) => found[key] === value);
}
