import type { ChartController } from './controller.ts';
import { nudge, resetZoom, zoom } from './place.ts';

const LINE_PX = 16;
/** Ctrl + wheel: e to the power of this per pixel. A notch of a mouse is 100 to 120 pixels. */
const ZOOM_PER_PX = 0.0022;

/**
 * Wheel scrolls through history, in whichever direction it turns; Ctrl, Cmd or a pinch zooms. A
 * double click on the time axis goes back to the default zoom.
 */
export function attachMouse(element: HTMLElement, chart: ChartController): () => void {
  const turn = (event: WheelEvent) => {
    event.preventDefault();
    const unit = unitPx(event.deltaMode, element);
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const { pane } = chart;
    if (event.ctrlKey || event.metaKey) {
      const x = event.clientX - element.getBoundingClientRect().left;
      zoom(chart, Math.exp(dy * ZOOM_PER_PX), pane.barUnder(x));
    } else nudge(chart, ((Math.abs(dx) > Math.abs(dy) ? dx : dy) / pane.width) * pane.span);
  };
  const resetTime = (event: MouseEvent) => {
    const y = event.clientY - element.getBoundingClientRect().top;
    if (y > chart.pane.plotHeight) resetZoom(chart);
  };
  element.addEventListener('wheel', turn, { passive: false });
  element.addEventListener('dblclick', resetTime);
  return () => {
    element.removeEventListener('wheel', turn);
    element.removeEventListener('dblclick', resetTime);
  };
}

function unitPx(deltaMode: number, element: HTMLElement): number {
  if (deltaMode === WheelEvent.DOM_DELTA_LINE) return LINE_PX;
  return deltaMode === WheelEvent.DOM_DELTA_PAGE ? element.clientWidth : 1;
}
