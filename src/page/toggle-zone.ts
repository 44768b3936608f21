import { chooseZone } from './actions.ts';
import type { Model } from './model.ts';
import { UTC } from './time/zone.ts';
import { shownZoneOf } from './time/zones.ts';

/** Go to and fro between UTC and the zone that was shown last, at first the local one. */
export function toggleZone(model: Model): void {
  const shown = model.zone.peek();
  if (shown !== UTC) model.otherZone = shown.text;
  chooseZone(model, (shown === UTC && shownZoneOf(model, model.otherZone)) || UTC);
}
