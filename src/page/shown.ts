export type DialogName = 'help' | 'table' | 'continuity' | 'realism';
export type PopoverName = 'resolution' | 'date' | 'more' | 'zone';

/** A short message about something that has just happened. */
export interface Toast {
  readonly text: string;
  readonly kind: 'good' | 'note';
}

/** The price of the chosen instrument, as shown at the top. */
export interface Quote {
  readonly lastTicks: number;
  readonly baseTicks: number;
}
