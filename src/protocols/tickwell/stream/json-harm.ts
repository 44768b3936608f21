import { withEvents, withMessages } from '../../../delivery/faulty/framing.ts';
import type { Changes, HarmForm, PriceField } from '../../../delivery/faulty/harm-form.ts';
import type { Told } from '../../../delivery/faulty/told.ts';
import { wrongValue } from '../../../delivery/faulty/wrong-value.ts';

/** What of a message, or of the data of an event, says prices and times; by columns. */
interface Message {
  until: number;
  /** Of candles, when each begins; of trades, of each column when each was. */
  time?: (number | number[])[];
  /** Of rows; of the newest the last stands in each list. */
  readonly prices?: unknown[][];
  readonly last?: unknown[][];
  readonly bid?: unknown[][];
  readonly ask?: unknown[][];
  /** Of candles. */
  readonly close?: unknown[][];
  /** Of trades. */
  readonly price?: unknown[][];
  /** Of books, the best first. */
  readonly bids?: unknown[][][];
  readonly asks?: unknown[][][];
}

/** How text messages of the stream say what is not so. */
export const MESSAGE_HARM: HarmForm = {
  alter: (frame, told, changes) => withMessages(frame, (message) => change(message, told, changes)),
};

/** The same of events. */
export const EVENT_HARM: HarmForm = {
  alter: (frame, told, changes) => withEvents(frame, (data) => change(data, told, changes)),
};

function change(message: Message, { subscription }: Told, { skewMs, prices }: Changes): void {
  if (skewMs !== 0) {
    message.until += skewMs;
    message.time = message.time?.map((time) =>
      typeof time === 'number' ? time + skewMs : time.map((each) => each + skewMs),
    ) as never;
  }
  for (const [n, column] of subscription.columns.entries()) {
    const wrong = prices.get(column);
    if (wrong === undefined) continue;
    for (const { list, at, field } of placesIn(message, n)) {
      const right = list[at];
      list[at] = wrongValue(right, wrong.of(Number(right), field), (ticks) => ticks);
    }
  }
}

/** Where the newest prices of the nth column stand. */
export function placesIn(
  message: Pick<Message, 'prices' | 'last' | 'bid' | 'ask' | 'close' | 'price' | 'bids' | 'asks'>,
  n: number,
): readonly { readonly list: unknown[]; readonly at: number; readonly field: PriceField }[] {
  const { prices, last, bid, ask, close, price, bids, asks } = message;
  const one = prices ?? last ?? close ?? price;
  const lists: readonly (readonly [unknown[] | undefined, number | undefined, PriceField])[] =
    one !== undefined
      ? [[one[n], undefined, 'last']]
      : [
          [bid?.[n] ?? bids?.[n]?.[0], bids && 0, 'bid'],
          [ask?.[n] ?? asks?.[n]?.[0], asks && 0, 'ask'],
        ];
  return lists.flatMap(([list, at, field]) => {
    if (list === undefined || list.length === 0) return [];
    // Candles that an instrument leaves out are null.
    return [{ list, at: at ?? list.findLastIndex((price) => price !== null), field }];
  });
}
