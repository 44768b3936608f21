import type { History } from '../../core/history/history.ts';
import { sinceOf } from '../../core/market/grid.ts';
import { inQuotes, quoted } from '../../core/market/quoted.ts';
import {
  parseResolution,
  RESOLUTION_UNITS,
  type Resolution,
  WIDEST,
} from '../../core/market/resolution.ts';
import { clockCost, lookingCost } from '../../host/budgets/cost.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';
import { namesSought, nearestZone } from '../../zones/nearest-zone.ts';
import { zoneNameOf } from '../../zones/zone.ts';
import { zonedResolution } from '../../zones/zoned-resolution.ts';
import { looksLikeOffset, nearestOffset, nearestWidth, unitProblem } from './nearest-cutting.ts';

/** How candles are to be cut, as a request says it. */
export interface AskedCutting {
  readonly resolution: unknown;
  /** The name of a zone. */
  readonly tz?: unknown;
  /** A clock that is so far ahead of UTC for ever, such as `-5h`. */
  readonly offset?: unknown;
}

const DAY_MINUTES = 24 * 60;

/** The market that candles are of, as far as it has come. */
type CutMarket = Pick<History, 'market' | 'head'>;

/**
 * A resolution that this market has candles of. Throws a `TickwellError`; before a clock is looked
 * at, or the nearest to a zone that there is not is sought, `pay` pays.
 */
export function cuttingOf(
  history: CutMarket,
  { resolution: asked, tz, offset }: AskedCutting,
  pay: Pay,
): Resolution {
  const { intervalMs } = history.market.grid;
  const text = textOf(asked);
  const plain = typeof asked === 'string' ? parseResolution(asked) : undefined;
  if (plain === undefined || plain.ms < intervalMs) {
    const problem = unitProblem(text, intervalMs) ?? widthProblem(text, intervalMs, asked);
    throw new TickwellError('bad_request', problem, { interval: intervalMs });
  }
  if (tz !== undefined && offset !== undefined) {
    throw new TickwellError(
      'bad_request',
      `tz cannot stand beside offset, as each says whose clock cuts; given: ` +
        `${quoted(tz)} and ${quoted(offset)}`,
    );
  }
  if (offset !== undefined) return parseResolution(text, offsetOf(offset))!;
  return tz === undefined ? plain : zoned(history, plain, tz, pay);
}

/** A number is taken for what its text would mean. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function widthProblem(text: string, intervalMs: number, asked: unknown): string {
  const nearest = nearestWidth(text, intervalMs);
  const such = nearest === undefined ? '' : `, such as ${nearest}`;
  return (
    `resolution must be a number and one of ${RESOLUTION_UNITS.join(' ')}, at least the interval ` +
    `of ${intervalMs} ms and at most ${WIDEST.weeks} or ${WIDEST.years}${such}; given: ` +
    quoted(asked)
  );
}

function zoned(history: CutMarket, { text, ms }: Resolution, tz: unknown, pay: Pay): Resolution {
  if (typeof tz !== 'string' || tz === '') {
    throw new TickwellError(
      'bad_request',
      `tz must be the name of a zone, such as America/New_York; given: ${quoted(tz)}`,
    );
  }
  const { grid } = history.market;
  const resolution = zonedResolution(text, tz, grid.originMs);
  if (resolution !== undefined) {
    // Where the first candle begins, and where the one ends that forms.
    const headMs = sinceOf(grid, history.head);
    lookAtClock(resolution, grid.originMs - ms, grid.originMs, pay);
    lookAtClock(resolution, headMs, headMs + ms, pay);
    return resolution;
  }
  if (looksLikeOffset(tz)) {
    throw new TickwellError(
      'bad_request',
      `tz must be the name of a zone; a clock that is never put is an offset, such as ` +
        `offset=${nearestOffset(tz) ?? '-5h'}; given: ${quoted(tz)}`,
    );
  }
  pay(lookingCost(namesSought()));
  const near = nearestZone(tz);
  const told =
    near === undefined
      ? 'it is one of the IANA time zone database, such as America/New_York'
      : `did you mean ${inQuotes(near)}?`;
  throw new TickwellError('bad_request', `unknown tz ${inQuotes(tz)}; ${told}`);
}

/** Looks at the clock that cuts, if one does, once `pay` has paid: what was seen is free. */
export function lookAtClock(resolution: Resolution, fromMs: number, toMs: number, pay: Pay): void {
  pay(clockCost(resolution, fromMs, toMs));
  resolution.look?.(fromMs, toMs);
}

/** What may have been meant by a wrong offset, or what a right one looks like. */
function meantBy(value: unknown): string {
  const text = textOf(value);
  const zone = zoneNameOf(text);
  if (zone !== undefined) return `-5h; a zone is named by tz, such as tz=${zone}`;
  return nearestOffset(text) ?? '-5h or 5h30m';
}

/** Milliseconds that `5h`, `-5h` or `+5h30m` stands for. */
function offsetOf(value: unknown): number {
  // In a query, a plus sign is a space.
  const match =
    typeof value === 'string' ? /^([ +-]?)(?:(\d{1,2})h)?(?:(\d{1,4})m)?$/.exec(value) : null;
  const [, sign, hours, minutes] = match ?? [];
  const all = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  if ((hours === undefined && minutes === undefined) || all >= DAY_MINUTES) {
    const rule = 'offset must be hours and minutes ahead of UTC, less than 24h, such as ';
    throw new TickwellError('bad_request', `${rule}${meantBy(value)}; given: ${quoted(value)}`);
  }
  return (sign === '-' ? -all : all) * 60_000;
}
