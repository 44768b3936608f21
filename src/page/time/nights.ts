/**
 * Bars of instruments that are closed at times, at night as a rule. This comes before the page
 * where a market has some, and not at all where none is.
 */

import { type Signal, signal } from '@preact/signals';
import type { InstrumentInfo } from '../../client/index.ts';
import { calendarText } from '../../core/market/calendar/calendar-spec.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { type MarketGrid, OpenBars } from './open-bars.ts';
import { type Cut, DAY_MS } from './resolution.ts';

const KEY = 'tickwell.nights';
/** Such bars have business as a rule; and the next 512 of years are of thousands of years. */
const WIDEST_MS = 7 * DAY_MS;

/** Whether the chart has room for the time in which an instrument is closed. */
export class Nights {
  readonly areShown: Signal<boolean>;
  #isChosen: boolean;
  readonly #grid: MarketGrid;
  readonly #cuts = new Map<string, Cut>();

  constructor(grid: MarketGrid, fromUrl: boolean | undefined) {
    this.#grid = grid;
    const chosen = fromUrl ?? kept();
    this.#isChosen = chosen !== undefined;
    this.areShown = signal(chosen ?? false);
  }

  /** What a link says of it; undefined if nobody has chosen. */
  get linked(): boolean | undefined {
    const areShown = this.areShown.value;
    return this.#isChosen ? areShown : undefined;
  }

  /** As an address has it after Back. */
  follow(fromUrl: boolean | undefined): void {
    if (fromUrl === undefined) return;
    this.#isChosen = true;
    this.areShown.value = fromUrl;
  }

  toggle(): void {
    this.follow(!this.areShown.peek());
    try {
      localStorage.setItem(KEY, this.areShown.peek() ? 'on' : 'off');
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
  }

  /**
   * The bars of an instrument: all, those empty in which it is closed; or those alone in which it
   * is open.
   */
  cut(all: Resolution, { calendar }: Pick<InstrumentInfo, 'calendar'>): Cut {
    if (calendar === undefined || all.ms >= WIDEST_MS) return all;
    const areShown = this.areShown.value;
    const key = `${all.key} ${areShown ? 'with' : 'without'} ${calendarText(calendar)}`;
    const known = this.#cuts.get(key);
    if (known !== undefined) return known;
    const open = new OpenBars(all, calendar, this.#grid);
    const { text, clock, ms } = all;
    const cut: Cut = areShown
      ? { ...all, key, isShut: (bar) => !open.isOpen(bar) }
      : {
          ...{ text, clock, ms, key, all },
          numberOf: (timeMs) => open.countOf(all.numberOf(timeMs)),
          startOf: (number) => all.startOf(open.barOf(number)),
        };
    this.#cuts.set(key, cut);
    return cut;
  }
}

function kept(): boolean | undefined {
  try {
    const text = localStorage.getItem(KEY);
    return text === 'on' || (text === 'off' ? false : undefined);
  } catch {
    return undefined;
  }
}
