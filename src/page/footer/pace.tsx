import type { Model } from '../model.ts';
import { formatDate } from '../time/format.ts';

/** How the market's time goes, where it is not that of a clock on the wall. */
export function Pace({ model }: { model: Model }) {
  const speed = model.speed.value;
  if (speed === 1) return null;
  const date = formatDate(model.zone.value, model.serverMs.value);
  const how = speed === 0 ? 'stands still' : `goes ${speed} times as fast as a clock`;
  return (
    <b class="status-pace" title={`${date}: the market's time ${how}`}>
      {speed === 0 ? 'paused' : `${speed}×`}
    </b>
  );
}
