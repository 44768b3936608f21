import type { Strike } from '../../core/faults/strike.ts';
import type { History } from '../../core/history/history.ts';
import { readRows } from '../../core/history/read-rows.ts';
import { type Wanted, wantedOf } from '../../core/history/wanted.ts';
import { finish } from '../../core/market/finish.ts';
import type { Fate } from '../../host/faults/fates.ts';
import type { Changes, PriceChange, PriceField, WrongPrice } from './harm-form.ts';

/** What is done to the values of a row that is told; undefined for nothing. */
export function changesOf(
  history: History,
  fate: Fate,
  { columns }: Pick<Wanted, 'columns'>,
  index: number,
): (Changes & { readonly strikes: readonly Strike[] }) | undefined {
  const strikes: Strike[] = [];
  let skewMs = 0;
  for (const strike of fate.strikes(index)) {
    if (strike.kind !== 'skew') continue;
    skewMs += strike.ms;
    strikes.push(strike);
  }
  const prices = new Map<number, PriceChange>();
  for (const column of columns) {
    const change = priceChangeOf(history, fate, column, index);
    if (change === undefined) continue;
    prices.set(column, change);
    strikes.push(...change.strikes);
  }
  return strikes.length === 0 ? undefined : { skewMs, prices, strikes };
}

/** What is done to one instrument of a row, and by which strikes. */
export interface StruckPrice extends PriceChange {
  readonly strikes: readonly Strike[];
}

/** What is done to one instrument of a row; undefined for nothing. */
export function priceChangeOf(
  history: History,
  fate: Fate,
  column: number,
  index: number,
): StruckPrice | undefined {
  if (!fate.hasSymbols) return undefined;
  const strikes: Strike[] = [];
  let last: PriceChange['of'] | undefined;
  for (const strike of fate.strikesOf(index, column)) {
    const of = changeOf(history, strike, column, index);
    if (of === undefined) continue;
    last = of;
    strikes.push(strike);
  }
  return last === undefined ? undefined : { column, of: last, strikes };
}

/** What a strike makes of the prices of an instrument; undefined if there is none to make it of. */
function changeOf(
  history: History,
  strike: Strike,
  column: number,
  index: number,
): PriceChange['of'] | undefined {
  if (strike.kind === 'stale') {
    if (index === 0) return undefined;
    return (_ticks, field) => inTicks(priceAt(history, column, index - 1, field));
  }
  if (strike.kind !== 'corrupt') return undefined;
  switch (strike.form) {
    case 'ticks':
      return (ticks) => inTicks(ticks + strike.ticks);
    case 'negative':
      return (ticks) => inTicks(-Math.max(1, Math.abs(ticks)));
    case 'zero':
      return () => inTicks(0);
    case 'other':
      return () => inTicks(otherPrice(history, strike.other, column, index));
    default: {
      const wrong: WrongPrice = { as: strike.form };
      return () => wrong;
    }
  }
}

function inTicks(ticks: number): WrongPrice {
  return { as: 'ticks', ticks };
}

/** The price of another instrument, in ticks of this one. */
function otherPrice(history: History, symbol: string, column: number, index: number): number {
  const { market } = history;
  const other = market.symbols.indexOf(symbol);
  const price = priceAt(history, other, index, 'last') * market.instruments[other]!.tickSize;
  return Math.round(price / market.instruments[column]!.tickSize);
}

/** In ticks; one row is read at once. */
function priceAt(history: History, column: number, index: number, field: PriceField): number {
  return finish(readRows(history, wantedOf([field], [column]), index, index + 1)).at(0)![0]!;
}
