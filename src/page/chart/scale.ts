import type {
  ChartOptionsImpl,
  IHorzScaleBehavior,
  InternalHorzScaleItem,
  InternalHorzScaleItemKey,
  Mutable,
  TickMark,
  TickMarkWeightValue,
  TimeMark,
  TimeScalePoint,
} from 'lightweight-charts';
import type { Resolution } from '../../core/market/resolution.ts';
import { formatBarTime, formatMark, type MarkStep } from '../time/format.ts';
import { DAY_MS } from '../time/resolution.ts';
import { type ShownZone, UTC } from '../time/zone.ts';

/** The steps of the time axis from fine to coarse: crossing one gives a label its weight. */
const STEPS_MS: readonly number[] = [
  1_000, 5_000, 15_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 10_800_000,
  21_600_000, 43_200_000,
];
const HOUR_WEIGHT = STEPS_MS.indexOf(3_600_000) + 1;
const DAY_WEIGHT = STEPS_MS.length + 1;
const MONTH_WEIGHT = DAY_WEIGHT + 1;
const YEAR_WEIGHT = MONTH_WEIGHT + 1;

/** How much time `timeMs` starts, as seen by a clock in `zone`, given the bar before it. */
export function markWeight(zone: ShownZone, timeMs: number, beforeMs: number): number {
  const wallMs = timeMs + zone.offsetAt(timeMs);
  const wallBeforeMs = beforeMs + zone.offsetAt(beforeMs);
  if (Math.floor(wallMs / DAY_MS) !== Math.floor(wallBeforeMs / DAY_MS)) {
    const now = new Date(wallMs);
    const before = new Date(wallBeforeMs);
    if (now.getUTCFullYear() !== before.getUTCFullYear()) return YEAR_WEIGHT;
    return now.getUTCMonth() === before.getUTCMonth() ? DAY_WEIGHT : MONTH_WEIGHT;
  }
  for (let step = STEPS_MS.length - 1; step >= 0; step--) {
    const stepMs = STEPS_MS[step]!;
    if (Math.floor(wallMs / stepMs) !== Math.floor(wallBeforeMs / stepMs)) return step + 1;
  }
  return 0;
}

function stepOf(weight: number): MarkStep {
  if (weight === YEAR_WEIGHT) return 'year';
  if (weight === MONTH_WEIGHT) return 'month';
  return weight === DAY_WEIGHT ? 'day' : 'time';
}

/**
 * The chart's time axis: milliseconds since the epoch, labelled in the page's zone.
 *
 * The library's own axis knows only UTC, and shifting the data instead would draw the two 01:00 of
 * a night in autumn on top of each other.
 */
export class BarScale implements IHorzScaleBehavior<number> {
  zone: ShownZone = UTC;
  resolution: Resolution;
  #options: ChartOptionsImpl<number> | undefined;

  constructor(resolution: Resolution) {
    this.resolution = resolution;
  }

  options(): ChartOptionsImpl<number> {
    return this.#options!;
  }

  setOptions(options: ChartOptionsImpl<number>): void {
    this.#options = options;
  }

  preprocessData(): void {}

  updateFormatter(): void {}

  convertHorzItemToInternal(timeMs: number): InternalHorzScaleItem {
    return timeMs as unknown as InternalHorzScaleItem;
  }

  createConverterToInternalObj(): (timeMs: number) => InternalHorzScaleItem {
    return this.convertHorzItemToInternal;
  }

  key(item: InternalHorzScaleItem | number): InternalHorzScaleItemKey {
    return item as unknown as InternalHorzScaleItemKey;
  }

  cacheKey(item: InternalHorzScaleItem): number {
    return item as unknown as number;
  }

  formatHorzItem(item: InternalHorzScaleItem): string {
    return formatBarTime(this.zone, item as unknown as number, this.resolution);
  }

  formatTickmark(mark: TickMark): string {
    const timeMs = mark.time as unknown as number;
    return formatMark(this.zone, timeMs, stepOf(mark.weight), this.resolution);
  }

  /** It would look odd if 15:00 were bold and 14:00 were not: all full hours count alike. */
  maxTickMarkWeight(marks: TimeMark[]): TickMarkWeightValue {
    const most = Math.max(...marks.map((mark) => mark.weight));
    return (most > HOUR_WEIGHT && most < DAY_WEIGHT ? HOUR_WEIGHT : most) as TickMarkWeightValue;
  }

  fillWeightsForPoints(points: readonly Mutable<TimeScalePoint>[], startIndex: number): void {
    for (let index = startIndex; index < points.length; index++) {
      const timeMs = points[index]!.time as unknown as number;
      const before = points[index - 1]?.time as unknown as number | undefined;
      const beforeMs = before ?? timeMs - this.resolution.ms;
      points[index]!.timeWeight = markWeight(this.zone, timeMs, beforeMs) as TickMarkWeightValue;
    }
  }
}
