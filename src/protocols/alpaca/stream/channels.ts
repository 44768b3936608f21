import type { AssetClass } from '../../../core/market/listing.ts';

/** What can be followed, as messages name it. */
const EVERYWHERE = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars'] as const;
const OF_STOCKS = ['statuses', 'lulds', 'imbalances'] as const;
const OF_PAIRS = ['orderbooks'] as const;

export type Channel =
  | (typeof EVERYWHERE)[number]
  | (typeof OF_STOCKS)[number]
  | (typeof OF_PAIRS)[number];

export const CHANNELS: readonly Channel[] = [...EVERYWHERE, ...OF_STOCKS, ...OF_PAIRS];

const OF: Readonly<Record<AssetClass, readonly Channel[]>> = {
  stock: [...EVERYWHERE, ...OF_STOCKS],
  crypto: [...EVERYWHERE, ...OF_PAIRS],
};

export function channelsOf(kind: AssetClass): readonly Channel[] {
  return OF[kind];
}

/**
 * Those of which something is sent, with the ids of their subscriptions: equal for all clients, who
 * so share frames. Of the others nothing comes: no bar that is whole ever changes, no price has a
 * band that it is held in, and auctions are not told.
 */
export const IDS = {
  ...{ trades: 1, quotes: 2, bars: 3, dailyBars: 4, orderbooks: 5, statuses: 6 },
} as const;

export type SentChannel = keyof typeof IDS;

export function isSent(channel: Channel): channel is SentChannel {
  return Object.hasOwn(IDS, channel);
}

/** Which symbols a client follows on a channel. */
export interface Followed {
  /** Whether it is all that there are, whatever else it names. */
  isAll: boolean;
  readonly columns: Set<number>;
}

/** Nothing on all channels of a kind. */
export function nothingFollowed(kind: AssetClass): Map<Channel, Followed> {
  return new Map(
    channelsOf(kind).map((channel) => [channel, { isAll: false, columns: new Set<number>() }]),
  );
}
