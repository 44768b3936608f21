import { chooseResolution, chooseType, toggleNights, toggleVolume } from './actions.ts';
import type { ChartController } from './chart/controller.ts';
import { goLive, resetZoom, scrollBy, zoom } from './chart/place.ts';
import type { Model } from './model.ts';
import { isOffered, PRESETS } from './time/resolution.ts';
import { toggleZone } from './toggle-zone.ts';

const ZOOM_STEP = 1.25;
const PAGE_PART = 0.8;

const onChart =
  (move: (chart: ChartController) => void) =>
  ({ chart }: Model) => {
    if (chart !== undefined) move(chart);
  };

/** What each key does, where it is not text for a field or meant for an open dialog. */
const KEYS: Readonly<Record<string, (model: Model, event: KeyboardEvent) => void>> = {
  '/': (model) => model.focusSearch(),
  ArrowUp: (model, { repeat }) => model.step(-1, repeat),
  ArrowDown: (model, { repeat }) => model.step(1, repeat),
  ',': (model) => {
    model.popover.value = 'resolution';
  },
  c: (model) => chooseType(model, 'candles'),
  l: (model) => chooseType(model, 'line'),
  a: (model) => chooseType(model, 'area'),
  v: toggleVolume,
  n: toggleNights,
  '+': onChart((chart) => zoom(chart, 1 / ZOOM_STEP)),
  '=': onChart((chart) => zoom(chart, 1 / ZOOM_STEP)),
  '-': onChart((chart) => zoom(chart, ZOOM_STEP)),
  '−': onChart((chart) => zoom(chart, ZOOM_STEP)),
  '0': onChart(resetZoom),
  PageUp: onChart((chart) => scrollBy(chart, -PAGE_PART * chart.pane.span)),
  PageDown: onChart((chart) => scrollBy(chart, PAGE_PART * chart.pane.span)),
  End: onChart(goLive),
  g: (model) => {
    model.popover.value = 'date';
  },
  t: (model) => model.themes.toggle(),
  u: toggleZone,
  d: (model) => {
    model.dialog.value = 'table';
  },
  r: (model) => {
    model.dialog.value = 'realism';
  },
  m: ({ control }) => {
    const isOpen = control.peek()?.isOpen;
    if (isOpen !== undefined) isOpen.value = !isOpen.peek();
  },
  '?': (model) => {
    model.dialog.value = 'help';
  },
  Escape: (model) => {
    model.isListOpen.value = false;
    model.popover.value = undefined;
    model.problems.value = [];
    const isOpen = model.control.peek()?.isOpen;
    if (isOpen !== undefined) isOpen.value = false;
  },
};

export function attachKeys(model: Model): void {
  addEventListener('keydown', (event) => {
    // A browser that fills in a field says so with a key that has no name.
    if (typeof event.key !== 'string' || document.querySelector('dialog[open]') !== null) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      model.focusSearch();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event.target)) return;
    const preset = PRESETS[Number(event.key) - 1];
    const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (preset !== undefined) {
      if (isOffered(preset, model.market.interval)) chooseResolution(model, preset.text);
    } else if (action === undefined) return;
    else action(model, event);
    event.preventDefault();
  });
}

/** Whether a key is meant for a field or a small panel, and not for the page. */
function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, [role="dialog"]') !== null;
}
