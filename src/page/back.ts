import { batch } from '@preact/signals';
import { refreshTitle } from './actions.ts';
import type { Model } from './model.ts';
import { UTC } from './time/zone.ts';
import { shownZoneOf } from './time/zones.ts';
import { readUrl } from './url.ts';
import { viewOf } from './view.ts';

/** Show what the address says after Back and Forward. */
export function attachBack(model: Model): void {
  addEventListener('popstate', () => followUrl(model));
}

function followUrl(model: Model): void {
  const url = readUrl(location.search);
  const view = viewOf(url, model.market);
  batch(() => {
    model.column.value = view.column;
    model.width.value = view.width;
    model.chosenType.value = url.type;
    model.chosenVolume.value = url.volume;
    model.nights?.follow(url.nights);
    model.zone.value = shownZoneOf(model, url.zone) ?? UTC;
  });
  const [column, resolution] = [model.column.peek(), model.resolution.peek()];
  void model.chart?.open({ column, resolution, atMs: url.atMs, span: url.bars });
  model.asked.value = location.search;
  refreshTitle(model);
}
