import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { MarketMessage } from '../../../wire/market-message.ts';

/** Which market id the rows of a subscription have from row `from` on, as it is told. */
export function marketText({ grid }: Market, id: number, market: string, from: number): string {
  const message: MarketMessage = { type: 'market', id, market, since: sinceOf(grid, from) };
  return JSON.stringify(message);
}
