const LINE_PX = 16;
/** Ctrl + wheel: e to the power of this per pixel. A notch of a mouse is 100 to 120 pixels. */
const ZOOM_PER_PX = 0.0022;

export interface WheelTarget {
  /** Scroll by so many pixels; positive is towards the present. */
  scroll(px: number): void;
  /** Show `factor` times as many bars around the bar at `x`. */
  zoom(factor: number, x: number): void;
}

/** Wheel scrolls through history, in whichever direction it turns; Ctrl, Cmd or a pinch zooms. */
export function attachWheel(element: HTMLElement, target: WheelTarget): () => void {
  const turn = (event: WheelEvent) => {
    event.preventDefault();
    const unit = unitPx(event.deltaMode, element);
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
      const x = event.clientX - element.getBoundingClientRect().left;
      target.zoom(Math.exp(dy * ZOOM_PER_PX), x);
    } else target.scroll(Math.abs(dx) > Math.abs(dy) ? dx : dy);
  };
  element.addEventListener('wheel', turn, { passive: false });
  return () => element.removeEventListener('wheel', turn);
}

function unitPx(deltaMode: number, element: HTMLElement): number {
  if (deltaMode === WheelEvent.DOM_DELTA_LINE) return LINE_PX;
  return deltaMode === WheelEvent.DOM_DELTA_PAGE ? element.clientWidth : 1;
}
