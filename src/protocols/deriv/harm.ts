import { timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import { withMessages } from '../../delivery/faulty/framing.ts';
import type { HarmForm } from '../../delivery/faulty/harm-form.ts';
import { harmPrice, type Place } from '../../delivery/faulty/price-place.ts';
import { epochOf } from './values.ts';

/** How messages of streams say what is not so: the quote of a tick, the close of a candle. */
export function messageHarm({ grid, instruments }: Market): HarmForm {
  return {
    alter: (frame, { subscription, next }, { skewMs, prices }) =>
      withMessages(frame, ({ tick, ohlc }: Place) => {
        const [column] = subscription.columns;
        const value: Place = tick ?? ohlc;
        // Of less than a second something is seen where it is past the end of one.
        if (skewMs !== 0) value.epoch = epochOf(timeOf(grid, next - 1) + skewMs);
        if (skewMs !== 0 && ohlc !== undefined) {
          ohlc.open_time = epochOf(ohlc.open_time * 1000 + skewMs);
        }
        const change = prices.get(column!);
        if (change === undefined) return;
        const priced = { instrument: instruments[column!]!, field: 'last' } as const;
        harmPrice(value, tick === undefined ? 'close' : 'quote', change, priced);
      }),
  };
}
