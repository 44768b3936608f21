import { checksum } from '../../src/core/market/checksum.ts';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { Fold } from '../../src/core/market/models/model.ts';
import { marketOf } from '../helpers/market.ts';
import { type FrozenTrading, tradingAt } from './frozen.ts';

interface CalendarMarket {
  readonly origin: string;
  readonly interval: string;
  readonly count: number;
  readonly defaults: { readonly model: string; readonly calendar: unknown };
}

/** What is frozen of a market that closes. */
export interface CalendarNumbers {
  readonly spec: CalendarMarket;
  readonly id: string;
  readonly blocks: readonly object[];
  readonly candle: readonly number[];
  readonly trading: readonly FrozenTrading[];
}

/** Of minutes from March on: where clocks of the United States and of Europe are moved, both ways. */
const BLOCKS = [0, 2, 20, 21];
/** A row by night and one by day, in New York. */
const ROWS = [20_000, 350_000];

export function calendarNumbersOf(spec: CalendarMarket): CalendarNumbers {
  const market = marketOf(spec);
  const blocks = BLOCKS.map((block) => {
    const last = market.newPrices(BLOCK_ROWS);
    market.fillBlock(last, 0, block);
    const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
    market.fillTrades(trades, 0, block);
    const status = market.newPrices(BLOCK_ROWS);
    const start = block * BLOCK_ROWS;
    market.fillStatus(status, 0, 0, start, start + BLOCK_ROWS);
    const fields = { last, ...trades, status };
    return Object.fromEntries(Object.entries(fields).map(([name, list]) => [name, checksum(list)]));
  });
  const fold = new Fold();
  market.fold(fold, 0, 0, 400_000);
  const { open, high, low, close } = fold;
  const trading = ROWS.map((row) => tradingAt(market, row));
  return { spec, id: market.id, blocks, candle: [open, high, low, close], trading };
}
