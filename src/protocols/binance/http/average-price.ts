import type { History } from '../../../core/history/history.ts';
import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { PaidSums, TradeSums } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import { UNIT_MS } from '../../../core/market/resolution.ts';
import { rowsCost, sumsCost } from '../../../host/budgets/cost.ts';
import { paidCost } from '../../../host/budgets/paid-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { checkBegun } from '../begun.ts';
import type { Numbers } from '../numbers.ts';
import type { BinanceParts } from '../parts.ts';
import { timeIn } from '../time-unit.ts';
import type { Endpoint } from './endpoint.ts';

const MINUTES = 5;

/** What was paid on average in the last minutes, or the newest price if nothing was. */
export function averagePrice({ service, symbols }: BinanceParts): Endpoint {
  const { feed, version } = service;
  const { market, history } = feed;
  const rows = Math.ceil((MINUTES * UNIT_MS.m) / market.grid.intervalMs);
  return {
    path: 'avgPrice',
    weight: () => 2,
    answer({ parameters, unit }) {
      checkReady(service);
      const column = symbols.columnOf(parameters);
      checkBegun(service);
      const { head } = history;
      const from = Math.max(0, head - rows);
      const id = history.timeline.idAt(head - 1);
      const closeTime = timeIn(unit, sinceOf(market.grid, head));
      const one = wantedOf(['last'], [column]);
      return {
        mediaType: 'application/json',
        etag: etagOf([version, 'binance avgPrice', id, head, unit], [column]),
        isImmutable: false,
        isFinal: false,
        columns: 1,
        cost:
          paidCost(history, column, from, head) +
          sumsCost(market, column) +
          rowsCost(history, one, [head - 1, head], 'json'),
        make: () => made(history, symbols.numbersOf(column), column, [from, head], closeTime),
      };
    },
  };
}

function* made(
  history: History,
  numbers: Numbers,
  column: number,
  [from, head]: readonly [number, number],
  closeTime: number,
): Generator<unknown, Made, void> {
  const [traded, paid] = [new TradeSums(), new PaidSums()];
  history.timeline.foldTrades(traded, column, from, head);
  yield* history.trades.foldPaid(paid, column, from, head);
  let price = numbers.average(paid.notional.value, traded.volume);
  if (traded.volume === 0) {
    const rows = yield* readRows(history, wantedOf(['last'], [column]), head - 1, head);
    price = numbers.price(rows.at(0)[0]!);
  }
  return {
    pieces: [Buffer.from(JSON.stringify({ mins: MINUTES, price, closeTime }))],
    headers: {},
  };
}
