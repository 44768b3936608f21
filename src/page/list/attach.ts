import type { InstrumentInfo } from '../../client/index.ts';
import type { Model } from '../model.ts';
import type { InstrumentList } from './list.ts';
import { Rows } from './rows.ts';

const RESORT_MS = 3_000;
const LETTER_PX = 8.2;
const HOVER = '(hover: hover)';

/** Shows the list in `scroller`, for as long as there is a page. */
export function attachRows(model: Model, list: InstrumentList, scroller: HTMLElement): void {
  const { prices, market } = model;
  const { instruments } = market;
  // As wide as the longest symbol, within reason: the sparkline takes what is left.
  const letters = longestSymbol(instruments);
  scroller.parentElement!.style.setProperty('--symbol', `${letters * LETTER_PX + 6}px`);
  const rows = new Rows(scroller, instruments, prices, (columns) => {
    list.shown.value = columns;
  });
  list.rows = rows;
  const found = list.found.peek();
  rows.show(found);
  // Before it is first said which rows are shown: that is followed at once, and changes later.
  rows.reveal(found.indexOf(model.column.peek()));
  model.onPrices = () => rows.paint();
  model.step = (places, isOneOfMany) => list.step(places, isOneOfMany);
  new ResizeObserver(() => rows.measure()).observe(scroller);
  const resort = () => {
    // A finger that has left still hovers, as far as the browser can tell.
    const isWatched = matchMedia(HOVER).matches && scroller.matches(':hover');
    if (list.sort.peek().key !== 'symbol' && !isWatched) list.resorts.value += 1;
  };
  setInterval(resort, RESORT_MS);
  model.marketKnown.subscribe(resort);
}

function longestSymbol(instruments: readonly InstrumentInfo[]): number {
  let letters = 4;
  for (const { symbol } of instruments) letters = Math.max(letters, symbol.length);
  return Math.min(letters, 12);
}
