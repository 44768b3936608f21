import { computed, type ReadonlySignal } from '@preact/signals';
import type { CalendarSpec } from '../../core/market/calendar/calendar-spec.ts';
import { Hours, newSession } from '../../core/market/calendar/hours.ts';
import type { Model } from '../model.ts';
import { DAY_MS } from '../time/resolution.ts';
import { haltsOf } from './log.ts';

/** Why an instrument stands still, and when it goes on, as far as that is known. */
export interface Still {
  readonly kind: 'halted' | 'closed';
  readonly untilMs: number | undefined;
}

/** More are no longer seen as such. */
const MOST_CLOSINGS = 60;

/** A time in which an instrument is closed. */
export interface Closing {
  readonly fromMs: number;
  /** When it opens. */
  readonly untilMs: number;
}

/** When an instrument is closed between two times; none if that is too often to be shown. */
export function closingsOf(
  calendar: CalendarSpec | undefined,
  fromMs: number,
  toMs: number,
): readonly Closing[] {
  if (calendar === undefined) return [];
  const hours = new Hours(calendar);
  const session = newSession();
  const closings: Closing[] = [];
  let closedMs = fromMs;
  while (closedMs < toMs) {
    const utcDay = Math.floor(closedMs / DAY_MS);
    hours.sessionAt(session, utcDay, closedMs - utcDay * DAY_MS);
    const [openMs, closeMs] = [session.openMs, session.closeMs].map((ms) => utcDay * DAY_MS + ms);
    if (openMs! > closedMs) closings.push({ fromMs: closedMs, untilMs: openMs! });
    if (closings.length > MOST_CLOSINGS) return [];
    closedMs = closeMs!;
  }
  return closings;
}

/** Why the chosen instrument stands still; undefined while it trades, or nothing is known. */
export function stillOf(model: Model): ReadonlySignal<Still | undefined> {
  return computed(() => {
    const status = model.status.value;
    if (status === 0 || model.isFrozen) return undefined;
    const instrument = model.instrument.value;
    const nowMs = model.serverMs.value;
    if (status === 2) {
      const [closing] = closingsOf(instrument.calendar, nowMs, nowMs + 1);
      return { kind: 'closed', untilMs: closing?.untilMs };
    }
    const entries = model.control.value?.entries.value ?? [];
    const halts = haltsOf(entries, instrument, model.market.interval);
    const halt = halts.findLast(({ fromMs }) => fromMs <= nowMs + model.market.interval);
    const isKnown = halt !== undefined && halt.untilMs >= nowMs;
    return { kind: 'halted', untilMs: isKnown ? halt.untilMs : undefined };
  });
}
