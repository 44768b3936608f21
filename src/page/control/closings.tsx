import type { Model } from '../model.ts';
import { formatDate, formatTime } from '../time/format.ts';
import { barFrom, barStartMs, DAY_MS, placeAt } from '../time/resolution.ts';
import { type Room, roomOf } from './room.ts';
import { type Closing, closingsOf } from './trading.ts';

/** So far ahead of the newest row it is said when it opens. */
const AHEAD_MS = 7 * DAY_MS;
/** Where sessions are narrower, seams would be a pattern. */
const LEAST_SEAM_PX = 24;
/** What a date beside a seam takes. */
const DATE_PX = 90;
const OPENS_PX = 170;

/** When the chosen instrument was closed, and is: a shade on the chart, or a seam of bars. */
export function Closings({ model }: { model: Model }) {
  const room = roomOf(model);
  const resolution = model.resolution.value;
  const { calendar } = model.instrument.value;
  if (room === undefined || calendar === undefined || resolution.ms >= DAY_MS) return null;
  const nowMs = model.serverMs.value;
  const fromMs = Math.max(model.market.origin, barStartMs(resolution, room.left));
  const toMs = Math.min(barStartMs(resolution, room.right), nowMs + AHEAD_MS);
  const closings = closingsOf(calendar, fromMs, toMs);
  const isSeamed = resolution.all !== undefined;
  const past = closings.filter(({ untilMs }) => untilMs <= nowMs);
  const now = closings.filter(
    ({ fromMs: closeMs, untilMs }) => closeMs <= nowMs && untilMs > nowMs,
  );
  return isSeamed ? (
    <>
      <Seams model={model} room={room} closings={past} />
      <Shades model={model} room={room} closings={now} isOpenEnded />
    </>
  ) : (
    <Shades model={model} room={room} closings={closings} />
  );
}

interface Parts {
  readonly model: Model;
  readonly room: Room;
  readonly closings: readonly Closing[];
}

/** From the close on; where bars of it have no place, up to the edge. */
function Shades({ model, room, closings, isOpenEnded }: Parts & { isOpenEnded?: boolean }) {
  const resolution = model.resolution.value;
  const zone = model.zone.value;
  return (
    <>
      {closings.map(({ fromMs, untilMs }) => {
        const close = isOpenEnded ? barFrom(resolution, untilMs) : placeAt(resolution, fromMs);
        const left = Math.max(0, room.x(close));
        const end = isOpenEnded ? room.widthPx : room.x(placeAt(resolution, untilMs));
        const right = Math.min(room.widthPx, end);
        if (right <= left) return null;
        return (
          <div
            key={untilMs}
            class="closing"
            style={{ left: `${left}px`, width: `${right - left}px` }}
          >
            {right - left > OPENS_PX && untilMs > model.serverMs.value && (
              <span>
                Opens {formatDate(zone, untilMs)} {formatTime(zone, untilMs, 60_000)}
              </span>
            )}
          </div>
        );
      })}
    </>
  );
}

/** Where bars of a time in which it is closed are left out: the date on which it goes on. */
function Seams({ model, room, closings }: Parts) {
  const resolution = model.resolution.value;
  const zone = model.zone.value;
  const seams = closings
    .map(({ fromMs, untilMs }) => {
      const date = formatDate(zone, untilMs);
      const isNewDate = date !== formatDate(zone, fromMs);
      return { untilMs, date: isNewDate ? date : '', x: room.x(barFrom(resolution, untilMs)) };
    })
    .filter(({ x }) => x > 0 && x < room.widthPx);
  const leastPx = Math.min(...seams.slice(1).map(({ x }, n) => x - seams[n]!.x));
  if (leastPx < LEAST_SEAM_PX) return null;
  return (
    <>
      {seams.map(({ untilMs, date, x }, n) => {
        const roomPx = (seams[n + 1]?.x ?? room.widthPx) - x;
        return (
          <div key={untilMs} class="seam" style={{ left: `${x}px` }}>
            {/* The weekday and the day: years are on the axis. */}
            {roomPx > DATE_PX && <span>{date.replace(/ \d+$/, '')}</span>}
          </div>
        );
      })}
    </>
  );
}
