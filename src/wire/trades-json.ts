import { type TradeLists, tradeTimeText } from '../core/market/trading/trade-lists.ts';

/** Values that are joined between two yields, at 40 to 200 ns each. */
const VALUES_PER_STEP = 2 ** 12;

/**
 * The members of an object that say trades of the rows after `sinceMs`: `"first":[..]`, then
 * `"time":[[..],[..]]` and so on. Yields after every few thousand values.
 */
export function* tradesJsonInSteps(
  { first, counts, micros, prices, lots, sides }: TradeLists,
  sinceMs: number,
): Generator<void, string, void> {
  let text = `"first":[${first.join(',')}]`;
  const members: readonly (readonly [string, (at: number) => string | number])[] = [
    ['time', (at) => tradeTimeText(sinceMs, micros[at]!)],
    ['price', (at) => prices[at]!],
    ['lots', (at) => lots[at]!],
    ['side', (at) => sides[at]!],
  ];
  for (const [name, textOf] of members) {
    text += `,"${name}":[`;
    let at = 0;
    let stop = VALUES_PER_STEP;
    for (const [n, count] of counts.entries()) {
      text += n === 0 ? '[' : ',[';
      for (let k = 0; k < count; k++) {
        text += k === 0 ? textOf(at) : `,${textOf(at)}`;
        at += 1;
        if (at + n < stop) continue;
        stop = at + n + VALUES_PER_STEP;
        yield;
      }
      text += ']';
      if (at + n < stop) continue;
      stop = at + n + VALUES_PER_STEP;
      yield;
    }
    text += ']';
  }
  return text;
}
