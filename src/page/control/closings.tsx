import type { Model } from '../model.ts';
import { formatDate, formatTime } from '../time/format.ts';
import { barStartMs, DAY_MS, placeAt } from '../time/resolution.ts';
import { roomOf } from './room.ts';
import { closingsOf } from './trading.ts';

/** So far ahead of the newest row it is said when it opens. */
const AHEAD_MS = 7 * DAY_MS;

/** When the chosen instrument was closed, and is: a shade on the chart. */
export function Closings({ model }: { model: Model }) {
  const room = roomOf(model);
  const resolution = model.resolution.value;
  const { calendar } = model.instrument.value;
  if (room === undefined || calendar === undefined || resolution.ms >= DAY_MS) return null;
  const zone = model.zone.value;
  const nowMs = model.serverMs.value;
  const fromMs = Math.max(model.market.origin, barStartMs(resolution, room.left));
  const toMs = Math.min(barStartMs(resolution, room.right), nowMs + AHEAD_MS);
  return (
    <>
      {closingsOf(calendar, fromMs, toMs).map((closing) => {
        const left = Math.max(0, room.x(placeAt(resolution, closing.fromMs)));
        const right = Math.min(room.widthPx, room.x(placeAt(resolution, closing.untilMs)));
        if (right <= left) return null;
        const opens = closing.untilMs;
        return (
          <div
            key={opens}
            class="closing"
            style={{ left: `${left}px`, width: `${right - left}px` }}
          >
            {right - left > 170 && opens > nowMs && (
              <span>
                Opens {formatDate(zone, opens)} {formatTime(zone, opens, 60_000)}
              </span>
            )}
          </div>
        );
      })}
    </>
  );
}
