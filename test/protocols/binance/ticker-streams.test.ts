import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { Failures } from '../../../src/host/failures.ts';
import { MarketClock } from '../../../src/host/market-clock.ts';
import { Metrics } from '../../../src/host/metrics/metrics.ts';
import { Slicer } from '../../../src/host/slicer.ts';
import type { BinanceService } from '../../../src/protocols/binance/limits.ts';
import { BinanceSymbols } from '../../../src/protocols/binance/symbols.ts';
import {
  FULL_DAY,
  FULL_SPAN,
  MINI,
  MINI_EVENT,
  tickerText,
} from '../../../src/protocols/binance/tickers/ticker-forms.ts';
import {
  TickerStreams,
  type TickerTopic,
} from '../../../src/protocols/binance/tickers/ticker-streams.ts';
import { type SpanName, Tickers } from '../../../src/protocols/binance/tickers/tickers.ts';
import { eventually } from '../../helpers/eventually.ts';
import { marketOf } from '../../helpers/market.ts';

const HOUR_MS = 3_600_000;

/** A server of three instruments, whose rows a test moves, a second each. */
function world() {
  const instruments = ['a', { symbol: 'b', model: 'gbm' }, { symbol: 'c', model: 'market' }];
  const market = marketOf({ seed: 8, capacity: 500, dtype: 'uint32', instruments });
  const feed = new Feed(market);
  let nowMs = 0;
  const clock = new MarketClock({ nowMs: () => nowMs, steadyMs: () => 0 });
  const logger = pino({ level: 'silent' });
  const metrics = new Metrics();
  const failures = new Failures(logger, clock, metrics);
  const service = { feed, clock, logger, failures, slicer: new Slicer(clock, 5) };
  const symbols = new BinanceSymbols(market, 100);
  const tickers = new Tickers(service as unknown as BinanceService, symbols);
  const streams = new TickerStreams(service as unknown as BinanceService, tickers, symbols);
  const moveTo = (head: number) => {
    nowMs = timeOf(market.grid, head - 1) + 7;
    finish(feed.fill(nowMs));
    tickers.advanced();
    streams.advanced();
  };
  moveTo(20_000);
  const refusals = () => [...metrics.refusals].filter(([, times]) => times > 0);
  return { feed, tickers, streams, moveTo, now: () => nowMs, refusals };
}

// biome-ignore lint/suspicious/noExplicitAny: messages that each test knows.
type Message = any;

/** Follows a topic; what comes is read as JSON. */
function listening({ streams }: ReturnType<typeof world>, topic: TickerTopic, unit: 'ms' | 'us') {
  const payloads: Buffer[] = [];
  const end = streams.follow(topic, unit, (payload) => payloads.push(payload));
  const last = (): Message => JSON.parse(payloads.at(-1)!.toString());
  return { payloads, end, last };
}

/** What REST says of the same. */
function rest(own: ReturnType<typeof world>, span: SpanName, column: number): Message {
  const form = span === 'day' ? FULL_DAY : FULL_SPAN;
  const [ticker] = finish(own.tickers.newest(span, [column], false, span === 'day'));
  const said = JSON.parse(tickerText(form, ticker!, { unit: 'ms' }));
  expect(said).toMatchObject(JSON.parse(tickerText(MINI, ticker!, { unit: 'ms' })));
  return said;
}

const MINI_NAMES = { c: 'lastPrice', o: 'openPrice', h: 'highPrice', l: 'lowPrice' };
const SUM_NAMES = { v: 'volume', q: 'quoteVolume' };
const SPAN_NAMES = {
  ...{ p: 'priceChange', P: 'priceChangePercent', w: 'weightedAvgPrice' },
  ...{ ...MINI_NAMES, ...SUM_NAMES },
  ...{ O: 'openTime', C: 'closeTime', F: 'firstId', L: 'lastId', n: 'count' },
};
const DAY_NAMES = {
  ...SPAN_NAMES,
  ...{ x: 'prevClosePrice', Q: 'lastQty' },
  ...{ b: 'bidPrice', B: 'bidQty', a: 'askPrice', A: 'askQty' },
};

function renamed(said: Message, names: Record<string, string>): Message {
  return Object.fromEntries(Object.entries(names).map(([name, long]) => [name, said[long]]));
}

describe('streams of tickers', () => {
  it.each<[string, TickerTopic, string, Record<string, string>]>([
    [
      '@miniTicker',
      { kind: 'mini', span: 'day' },
      '24hrMiniTicker',
      { ...MINI_NAMES, ...SUM_NAMES },
    ],
    ['@ticker', { kind: 'full', span: 'day' }, '24hrTicker', DAY_NAMES],
    ['@ticker_1h', { kind: 'full', span: '1h' }, '1hTicker', SPAN_NAMES],
    ['@ticker_4h', { kind: 'full', span: '4h' }, '4hTicker', SPAN_NAMES],
    ['@ticker_1d', { kind: 'full', span: '1d' }, '1dTicker', SPAN_NAMES],
  ])('%s says what REST says, each second', async (_, topic, e, names) => {
    const own = world();
    for (const column of [0, 1, 2]) {
      const heard = listening(own, { ...topic, column }, 'ms');
      for (let round = 0; round < 3; round++) {
        const before = heard.payloads.length;
        own.moveTo(own.feed.head + 1 + round * 70);
        await eventually(() => expect(heard.payloads).toHaveLength(before + 1));
        const said = rest(own, topic.span, column);
        expect(heard.last()).toEqual({ e, E: own.now(), s: said.symbol, ...renamed(said, names) });
      }
      heard.end();
    }
    expect(own.refusals()).toEqual([]);
  });

  it('of all are lists of those of which it is known', async () => {
    const own = world();
    const minis = listening(own, { kind: 'mini', span: 'day' }, 'ms');
    const hours = listening(own, { kind: 'full', span: '1h' }, 'ms');
    const early = listening(own, { kind: 'full', span: '4h', column: 0 }, 'ms');
    own.moveTo(20_001);
    // An empty list would be told to nobody's use; what is told of one comes in the same go.
    await eventually(() => expect(early.payloads).toHaveLength(1));
    expect([minis.payloads, hours.payloads]).toEqual([[], []]);
    finish(own.tickers.rolling('day').follow([0, 2], true));
    finish(own.tickers.rolling('1h').follow([1], true));
    own.moveTo(20_002);
    await eventually(() => expect(hours.payloads).toHaveLength(1));
    const names = (list: Message[]) => list.map(({ s }) => s);
    expect(names(minis.last())).toEqual(['AUSDT', 'CUSDT']);
    expect(names(hours.last())).toEqual(['BUSDT']);
    const single = listening(own, { kind: 'mini', span: 'day', column: 2 }, 'ms');
    own.moveTo(20_003);
    await eventually(() => expect(hours.payloads).toHaveLength(2));
    // To the byte, though lists are written in another way.
    const [a] = finish(own.tickers.newest('day', [0], false, false));
    const telling = { unit: 'ms', event: '24hrMiniTicker', eventMs: own.now() } as const;
    const first = tickerText(MINI_EVENT, a!, telling);
    expect(minis.payloads.at(-1)!.toString()).toBe(`[${first},${single.payloads.at(-1)}]`);
  });

  it('are made once a second for all who want the same, while somebody does', async () => {
    const own = world();
    const topic: TickerTopic = { kind: 'mini', span: 'day', column: 1 };
    const [first, second] = [listening(own, topic, 'ms'), listening(own, topic, 'ms')];
    const micros = listening(own, topic, 'us');
    own.moveTo(20_001);
    await eventually(() => expect(micros.payloads).toHaveLength(1));
    expect(first.payloads[0]).toBe(second.payloads[0]);
    expect(micros.last()).toEqual({ ...first.last(), E: first.last().E * 1000 });
    // No more in the same second.
    own.streams.advanced();
    second.end();
    second.end();
    own.moveTo(20_002);
    await eventually(() => expect(first.payloads).toHaveLength(2));
    expect(second.payloads).toHaveLength(1);
    first.end();
    micros.end();
    own.moveTo(20_003);
    await new Promise(setImmediate);
    expect([first, second, micros].map(({ payloads }) => payloads.length)).toEqual([2, 1, 2]);
  });

  it('cost what it takes to begin with an instrument, then next to nothing', () => {
    const own = world();
    const topic: TickerTopic = { kind: 'full', span: '4h', column: 1 };
    const begin = own.streams.costOf(topic);
    expect(begin).toBeGreaterThan((4 * HOUR_MS) / 1000);
    finish(own.tickers.rolling('4h').follow([1], true));
    expect(own.streams.costOf(topic)).toBeLessThan(1000);
    expect(own.streams.costOf({ kind: 'full', span: '4h' })).toBeLessThan(1000);
  });
});
