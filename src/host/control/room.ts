import { countActs, type Effect } from '../../core/market/entries/effects.ts';
import { indexFrom, MAX_ROWS, timeOf } from '../../core/market/grid.ts';
import { formatTime } from '../../core/market/time.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { Wish } from './director.ts';
import type { ControlLimits } from './limits.ts';

/** How much a market has done to it, and whether more may be. */
export class Room {
  readonly #timeline: Timeline;
  readonly #limits: ControlLimits;
  #effects = 0;
  /** The same, each times the instruments that it is for, with those of the market's own. */
  #acts = 0;

  constructor(timeline: Timeline, limits: ControlLimits) {
    this.#timeline = timeline;
    this.#limits = limits;
    for (const { effects } of timeline.spec.scenario ?? []) this.#acts += this.#actsOf(effects);
  }

  get figures() {
    return {
      entries: this.#timeline.entries.length,
      effects: this.#effects,
      instrumentEffects: this.#acts,
    };
  }

  /** Throws if there is none for so many more. */
  check({ effects }: Pick<Wish, 'effects'>): void {
    const { maxEffects, maxInstrumentEffects } = this.#limits;
    const check = (most: number, before: number, more: number, what: string) => {
      if (before + more <= most) return;
      const rule = `a market must have at most ${most} effects in its log${what}`;
      throw new TickwellError('log_full', `${rule}; given: ${more} more than ${before}`);
    };
    check(maxEffects, this.#effects, effects.length, '');
    const what = ', each counted for every instrument that it is for';
    check(maxInstrumentEffects, this.#acts, this.#actsOf(effects), what);
  }

  take(effects: readonly Effect[]): void {
    this.#effects += effects.length;
    this.#acts += this.#actsOf(effects);
  }

  #actsOf(effects: readonly Effect[]): number {
    return countActs(effects, this.#timeline.instruments);
  }
}

/**
 * The row at which something takes effect that is wanted from `atMs` on, where rows before `first`
 * may have been given. Throws if it is one of those.
 */
export function rowFor({ grid }: Timeline, first: number, atMs: number | undefined): number {
  if (atMs === undefined) return first;
  const index = indexFrom(grid, atMs);
  if (index >= first && index < MAX_ROWS) return index;
  const [from, end] = [first, MAX_ROWS].map((row) => formatTime(timeOf(grid, row)));
  const rule =
    index < MAX_ROWS
      ? `at must be ${from} or later: rows before that may have been given`
      : `at must be before ${end}: there the market ends`;
  throw new TickwellError('bad_request', `${rule}; given: ${formatTime(atMs)}`);
}
