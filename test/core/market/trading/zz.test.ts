import { test } from 'vitest';
import { marketOf } from '../../../helpers/market.ts';
import { newTrades, TradeSums } from '../../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../../src/core/market/grid.ts';
test('x', () => {
  const cpu = () => process.cpuUsage().user / 1000;
  for (const [kind, tpd] of [['walk', 172800], ['gbm', 172800], ['gbm', 5e6], ['market', 172800]] as const) {
    const market = marketOf({ capacity: 10, count: 2, dtype: 'float64', defaults: { model: kind, tradesPerDay: tpd, ...(kind === 'walk' ? {} : { startPrice: 5000, tickSize: 1 }) } } as any);
    const out = newTrades('float64', BLOCK_ROWS);
    const prices = market.newPrices(BLOCK_ROWS);
    for (let b = 0; b < 10; b++) market.fillTrades(out, 0, b);
    let t = cpu();
    for (let b = 0; b < 40; b++) market.fillBlock(prices, 1, b);
    const alone = ((cpu() - t) * 1e6) / 40 / BLOCK_ROWS;
    t = cpu();
    for (let b = 0; b < 40; b++) market.fillTrades(out, 0, b);
    const all = ((cpu() - t) * 1e6) / 40 / BLOCK_ROWS;
    const sums = new TradeSums(), folded = new TradeSums();
    for (let b = 0; b < 40; b++) { market.fillTrades(out, 0, b); sums.add(out, 0, BLOCK_ROWS); }
    market.foldTrades(folded, 0, 0, 40 * BLOCK_ROWS);
    t = cpu();
    for (let i = 0; i < 400; i++) market.foldTrades(folded, 0, i * 86400, i * 86400 + 86400);
    console.log(kind, tpd, 'prices', alone.toFixed(1), 'all', all.toFixed(1), 'fold us', ((cpu() - t) / 400 * 1000).toFixed(1), sums.trades, sums.volume);
  }
});
