import { CrosshairMode } from 'lightweight-charts';
import type { Palette } from './palette.ts';
import { marginsOf } from './series.ts';

/** Of the price axis; wider prices make it wider. */
export const LEAST_AXIS_PX = 72;
export const BAR_SPACING_PX = 9;
export const LEAST_SPACING_PX = 1;
export const MOST_SPACING_PX = 80;

/** Labels of the time axis are kept by the library until this is set. */
export const LABELS = { tickMarkMaxCharacterLength: 9 };

/** What the library is told once, before it has anything to draw. */
export const CHART_OPTIONS = {
  autoSize: true,
  layout: { attributionLogo: false, fontSize: 11 },
  rightPriceScale: {
    borderVisible: false,
    minimumWidth: LEAST_AXIS_PX,
    scaleMargins: marginsOf(false),
  },
  timeScale: {
    borderVisible: false,
    minimumHeight: 28,
    barSpacing: BAR_SPACING_PX,
    minBarSpacing: LEAST_SPACING_PX,
    maxBarSpacing: MOST_SPACING_PX,
    ticksVisible: false,
    ...LABELS,
  },
  crosshair: { mode: CrosshairMode.Normal },
  handleScroll: { mouseWheel: false, vertTouchDrag: false },
  handleScale: { mouseWheel: false, axisDoubleClickReset: { time: false, price: true } },
};

/** The colours of everything but the bars. */
export function paletteOptions({ panel, text2, text3, font, grid }: Palette) {
  return {
    layout: { background: { color: panel }, textColor: text2, fontFamily: font },
    grid: { vertLines: { color: grid }, horzLines: { color: grid } },
    crosshair: {
      vertLine: { color: text3, labelBackgroundColor: text2 },
      horzLine: { color: text3, labelBackgroundColor: text2 },
    },
  };
}
