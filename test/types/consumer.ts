/** What a program in strict TypeScript may write. It is compiled, and never runs. */
import {
  type AnyCandles,
  type AnyRows,
  fetchCandles,
  fetchRows,
  type Rows,
  type RowsAnswer,
  subscribe,
  subscribeCandles,
} from 'tickwell/client';

declare const url: string;
declare function takeNumber(value: number): void;
declare function takeRows(rows: AnyRows): void;

const atEach = { url, symbols: '*', since: 'now' } as const;

export async function columns(): Promise<void> {
  for await (const rows of subscribe(atEach)) {
    for (const column of rows.prices) {
      for (const ticks of column) takeNumber(ticks);
      for (const [n, ticks] of column.entries()) takeNumber(n + ticks);
      takeNumber(Math.max(...column) + column.reduce((sum, ticks) => sum + ticks, 0));
      takeNumber((column.at(-1) ?? 0) + (column.find((ticks) => ticks > 1) ?? 0));
      takeNumber(column.map((ticks) => ticks / 100)[0] ?? 0);
    }
    for (const { time, prices, last } of rows) {
      takeNumber(time + (prices.NIMBO ?? 0));
      for (const ticks of Object.values(last)) takeNumber(ticks);
    }
    takeNumber(rows.values.last.length);
    takeRows(rows);
    const same: Rows = rows;
    takeNumber(same.until);
  }
}

export async function namedFields(): Promise<void> {
  for await (const rows of subscribe({ ...atEach, fields: ['bid', 'volume'] })) {
    for (const bids of rows.values.bid) takeNumber(bids.at(-1) ?? 0);
    for (const { time, bid, volume } of rows) takeNumber(time + (bid.NIMBO ?? volume.NIMBO ?? 0));
    takeRows(rows);
    // @ts-expect-error: it was not named.
    takeNumber(rows.values.ask.length);
    // @ts-expect-error: neither was `last`.
    takeNumber(rows.prices[0].length);
    for (const row of rows) {
      // @ts-expect-error: as above.
      takeNumber(row.prices.NIMBO);
    }
  }
  const both = subscribe({ ...atEach, fields: ['last', 'ask'] });
  for await (const { prices, values } of both) takeNumber(prices.length + values.ask.length);
}

/** Which fields they are, only the running program knows. */
export async function chosenFields(isWanted: boolean): Promise<void> {
  const fields = isWanted ? (['last', 'bid'] as const) : (['ask'] as const);
  for await (const rows of subscribe({ ...atEach, fields: [...fields] })) {
    takeNumber(rows.prices.length + (rows.values.bid?.length ?? 0));
    // @ts-expect-error: it may be missing.
    takeNumber(rows.values.bid.length);
    for (const row of rows) {
      takeNumber(row.prices?.NIMBO ?? row.bid?.NIMBO ?? 0);
      // @ts-expect-error: they may be missing.
      takeNumber(row.prices.NIMBO);
    }
  }
  for await (const { values } of subscribe({ ...atEach, fields: [isWanted ? 'bid' : 'ask'] })) {
    takeNumber(values.bid?.length ?? values.ask?.length ?? 0);
    // @ts-expect-error: it is one of the two.
    takeNumber(values.bid.length);
  }
}

export async function cursors(): Promise<void> {
  const stream = subscribe(atEach);
  const until: number | undefined = stream.until;
  subscribe({ ...atEach, since: until ?? 'now', market: stream.market, fields: undefined });
  // @ts-expect-error: it is called `until`.
  takeNumber(stream.since);
}

export async function answers(fields: readonly ('last' | 'bid')[]): Promise<void> {
  const rows: RowsAnswer = await fetchRows({ url, last: 3 });
  for (const column of rows.prices) for (const ticks of column) takeNumber(ticks);
  const sides = await fetchRows({ url, last: 3, fields: ['bid', 'ask'] });
  for (const bids of sides.bid) takeNumber(bids.at(-1) ?? sides.ask.length);
  // @ts-expect-error: fields were named.
  takeNumber(sides.prices.length);
  takeNumber((await fetchRows({ url, last: 3, fields: ['last'] })).prices.length);
  const either = await fetchRows({ url, last: 3, fields });
  takeNumber('prices' in either ? either.prices.length : (either.bid?.length ?? 0));
  const asked = { url, symbol: 'NIMBO', resolution: '1h', last: 3 } as const;
  const candles = await fetchCandles({ ...asked, fields: ['volume'] });
  takeNumber(candles.volume.length + (candles.trades?.length ?? 0));
  // @ts-expect-error: none were named.
  takeNumber((await fetchCandles(asked)).volume.length);
}

declare function takeCandles(candles: AnyCandles): void;

export async function streamedCandles(): Promise<void> {
  for await (const candles of subscribeCandles({ ...atEach, resolution: '1m' })) {
    takeNumber(candles.until + candles.lag + (candles.final ? 1 : 0));
    for (const [n, time] of candles.time.entries()) takeNumber(time + (candles.close[0]?.[n] ?? 0));
    for (const { time, open, close, final } of candles) {
      takeNumber(time + (open.NIMBO ?? 0) + (close.NIMBO ?? 0) + Number(final));
    }
    takeCandles(candles);
    // @ts-expect-error: it was not named.
    takeNumber(candles.volume.length);
  }
  const zoned = { ...atEach, resolution: '1mo', tz: 'Asia/Tokyo', every: 250 } as const;
  for await (const candles of subscribeCandles({ ...zoned, fields: ['volume'] })) {
    takeNumber(candles.volume.length);
    for (const { volume } of candles) takeNumber(volume.NIMBO ?? 0);
    // @ts-expect-error: it was not named.
    takeNumber(candles.trades.length);
  }
  // @ts-expect-error: candles have no bids.
  subscribeCandles({ ...zoned, fields: ['bid'] });
  // @ts-expect-error: a width must be said.
  subscribeCandles(atEach);
}

export async function candlesOfMany(): Promise<void> {
  const range = { url, resolution: '1d', tz: 'America/New_York', last: 5 } as const;
  const one = await fetchCandles({ ...range, symbol: 'NIMBO' });
  takeNumber(one.close[0] ?? 0);
  const many = await fetchCandles({ ...range, symbols: ['NIMBO', 'VELAR'], fields: ['volume'] });
  takeNumber((many.close[0]?.[0] ?? 0) + (many.volume[1]?.[0] ?? 0) + many.symbols.length);
  // @ts-expect-error: of one or of several, not both.
  await fetchCandles({ ...range, symbol: 'NIMBO', symbols: '*' });
}

/** Without held candles, a symbol may have none where another has one. */
export async function withoutHeld(held: boolean): Promise<void> {
  const asked = { url, resolution: '1h', last: 2, fields: ['volume'] } as const;
  const one = await fetchCandles({ ...asked, symbol: 'NIMBO', held: false });
  takeNumber((one.close[0] ?? 0) + (one.volume[0] ?? 0));
  const all = await fetchCandles({ ...asked, symbols: '*', held: true });
  takeNumber(all.close[0]![0]! + all.volume[0]![0]!);
  const some = await fetchCandles({ ...asked, symbols: '*', held: false });
  takeNumber((some.close[0]![0] ?? 0) + (some.volume[0]![0] ?? 0) + some.closed);
  // @ts-expect-error: it may be null.
  takeNumber(some.close[0]![0]);
  const either = await fetchCandles({ ...asked, symbols: '*', held });
  // @ts-expect-error: it may be null.
  takeNumber(either.volume[0]![0]);
}
