import type { Market } from '../../core/market/market.ts';
import type { AnswerHarm } from '../../delivery/faulty/answer-harm.ts';
import type { PriceField } from '../../delivery/faulty/harm-form.ts';
import { harmPrice, type Place } from '../../delivery/faulty/price-place.ts';
import { EXCHANGE, type UdfSymbols } from './symbols.ts';

const QUOTED: readonly (readonly [string, PriceField])[] = [
  ['lp', 'last'],
  ['bid', 'bid'],
  ['ask', 'ask'],
];

/** How `/quotes` says what is not so; it tells no times. */
export function quotesHarm({ instruments }: Market, { names }: UdfSymbols): AnswerHarm {
  return (json: Place, { of }) => {
    for (const { n, v } of json.d ?? []) {
      const column = names.columnOf(plain(n));
      const change = column === undefined ? undefined : of(column);
      if (change === undefined) continue;
      const instrument = instruments[change.column]!;
      for (const [key, field] of QUOTED) harmPrice(v, key, change, { instrument, field });
    }
  };
}

/** How `/history` says what is not so: by its last bar. */
export function historyHarm({ instruments }: Market, { names }: UdfSymbols): AnswerHarm {
  return ({ t, c }: Place, { skewMs, of }, { query }) => {
    if (t === undefined) return;
    const last = t.length - 1;
    t[last] = Math.floor(t[last] + skewMs / 1000);
    const column = names.columnOf(plain(String((query as Place).symbol)));
    const change = column === undefined ? undefined : of(column);
    if (change === undefined) return;
    harmPrice(c, last, change, { instrument: instruments[change.column]!, field: 'last' });
  };
}

function plain(name: string): string {
  return name.startsWith(`${EXCHANGE}:`) ? name.slice(EXCHANGE.length + 1) : name;
}
