import { parseResolution, parseWidth } from '../../core/market/resolution.ts';
import { type Zone, zoneOf } from '../../zones/zone.ts';
import { zonedResolution } from '../../zones/zoned-resolution.ts';
import type { Model } from '../model.ts';
import { type ShownZone, UTC } from './zone.ts';

/** Clocks that will be put otherwise are not looked for further ahead. */
const AHEAD_MS = 2 * 366 * 86_400_000;

/** The zone that the browser says it is in. */
export function localName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The zone that an address calls so; undefined if the browser knows none of that name. `firstMs` is
 * the first time that will be looked at.
 */
export function namedZone(text: string, firstMs: number, nowMs: number): ShownZone | undefined {
  const name = text === 'local' ? localName() : text;
  if (/^(etc\/)?(utc|gmt)$/i.test(name)) return text === 'local' ? { ...UTC, text } : UTC;
  const clock = zoneOf(name);
  if (clock === undefined) return undefined;
  const alikeMs = clockParts(clock, firstMs, nowMs + AHEAD_MS);
  return {
    text,
    offsetAt: (timeMs) => clock.offsetAt(timeMs),
    cut(width) {
      const parsed = parseWidth(width);
      // Minutes are minutes everywhere, and hours nearly: answers about these can be kept for good.
      const isAlike = parsed?.unit === 'clock' && alikeMs.every((ms) => ms % parsed.ms === 0);
      return isAlike ? parseResolution(width) : zonedResolution(width, name, firstMs);
    },
  };
}

/** The same for what a page shows; undefined also without a name. */
export function shownZoneOf(
  { market, serverMs }: Model,
  text: string | undefined,
): ShownZone | undefined {
  return text === undefined ? undefined : namedZone(text, market.earliest, serverMs.peek());
}

/** What must be multiples of a width, for this clock to cut as that of UTC does. */
function clockParts(clock: Zone, fromMs: number, toMs: number): readonly number[] {
  const segments = clock.segments(fromMs, toMs);
  const isPut = (n: number) => n > 0 && segments[n]!.offsetMs !== segments[n - 1]!.offsetMs;
  return segments.flatMap(({ fromMs: beginMs, offsetMs }, n) =>
    isPut(n) ? [offsetMs, beginMs] : [offsetMs],
  );
}
