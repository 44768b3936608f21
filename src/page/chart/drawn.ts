import { openBarAt } from '../time/resolution.ts';
import type { ChartController } from './controller.ts';
import type { Bar } from './window.ts';

/** Whether the picture has a bar that starts at `timeMs`. */
export function isHeld({ pane, resolution, window }: ChartController, timeMs: number): boolean {
  const bar = openBarAt(resolution, timeMs);
  return bar !== undefined && bar >= window.first && bar < pane.end;
}

/** Whether the picture shows exactly this bar. */
export function isDrawn({ pane, resolution }: ChartController, bar: Bar): boolean {
  const number = openBarAt(resolution, bar.time);
  return number !== undefined && pane.isDrawn(number, bar);
}
