/** How prices and times are written, in every format that leaves the choice. */

export const PRICE_NOTATIONS = ['ticks', 'decimal'] as const;
export const TIME_NOTATIONS = ['ms', 'iso'] as const;

export interface Notation {
  readonly prices: (typeof PRICE_NOTATIONS)[number];
  readonly time: (typeof TIME_NOTATIONS)[number];
}

/** Of whoever says nothing of it: whole numbers, which are exact everywhere. */
export const DEFAULT_NOTATION: Notation = { prices: 'ticks', time: 'ms' };
