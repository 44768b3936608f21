/**
 * Rows after `since`, which the subscription has, are of this market id: whoever goes on from there
 * names it. It comes before the first of them.
 */
export interface MarketMessage {
  readonly type: 'market';
  readonly id: number;
  readonly market: string;
  readonly since: number;
}
