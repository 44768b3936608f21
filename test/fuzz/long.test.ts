import { expect, it } from 'vitest';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { AccessPolicy } from '../../src/host/access/access-policy.ts';
import { networkOf } from '../../src/host/access/network.ts';
import {
  limitOf as alpacaLimitOf,
  pageOf,
  rangeOf,
  timeframeOf,
} from '../../src/protocols/alpaca/http/parameters.ts';
import { fieldsOf as alpacaFieldsOf } from '../../src/protocols/alpaca/stream/messages.ts';
import { AlpacaSymbols } from '../../src/protocols/alpaca/symbols.ts';
import { requestOf as apiRequestOf } from '../../src/protocols/binance/api/requests.ts';
import {
  resolutionOf as binanceResolutionOf,
  offsetOf,
} from '../../src/protocols/binance/intervals.ts';
import { limitOf, momentOf } from '../../src/protocols/binance/parameters.ts';
import { BinanceSymbols } from '../../src/protocols/binance/symbols.ts';
import { timeUnitOf } from '../../src/protocols/binance/time-unit.ts';
import { columnOf as derivColumnOf, historyOf } from '../../src/protocols/deriv/fields.ts';
import { requestOf } from '../../src/protocols/deriv/request.ts';
import { DerivSymbols } from '../../src/protocols/deriv/symbols.ts';
import { type AskedCutting, cuttingOf } from '../../src/protocols/tickwell/cutting.ts';
import { rowAt } from '../../src/protocols/tickwell/depth.ts';
import { negotiate } from '../../src/protocols/tickwell/formats/negotiation.ts';
import { namedId } from '../../src/protocols/tickwell/market-ids.ts';
import { cursorOf, endOf, timeMsOf, wholeOf } from '../../src/protocols/tickwell/requests.ts';
import { deliveryOf } from '../../src/protocols/tickwell/streams.ts';
import { columnOf, columnsOf } from '../../src/protocols/tickwell/symbols.ts';
import { wholeOf as udfWholeOf } from '../../src/protocols/udf/parameters.ts';
import { resolutionOf } from '../../src/protocols/udf/resolutions.ts';
import { UdfSymbols } from '../../src/protocols/udf/symbols.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';

/** About what an address or a message may hold. */
const LETTERS = 12_000;
/**
 * What a long text may take, in milliseconds of CPU. What grows faster than a text takes many times
 * as long: a second where it goes by the square, hours by the cube.
 */
const MOST_MS = 60;
const BEGINS = ['', '1', 'utc', 'P', '2026-01-01T00:00', 'America/', 'ticker_0,', 'text/csv;q='];
const REPEATED = [...' +-.:,;/=*"[]%\n0azPT_', '1h', 'PT', ', ', 'a/', '0.', '::', 'q='];
const ENDS = ['', 'x', 'x\nx', '!'];

const market = marketOf({ seed: 7, count: 3, capacity: 100 });
const access = new AccessPolicy({ allowedHosts: ['b.example'] });
const free = () => {};
const udfSymbols = new UdfSymbols(market);
const binanceSymbols = new BinanceSymbols(market, 1000);
const alpacaSymbols = new AlpacaSymbols(market);
const derivSymbols = new DerivSymbols(market, 3);
const cutBy = (asked: AskedCutting) => cuttingOf({ market, head: 100 }, asked, free);
const request = (headers: object) => ({ headers, rawHeaders: [], url: '/', socket: {} }) as never;

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  symbols: (text) => columnsOf(market, text, free),
  symbol: (text) => columnOf(market, 'symbol', text, free),
  from: (text) => timeMsOf('from', text),
  since: (text) => cursorOf(market, DEFAULT_LIMITS, 100, text),
  until: (text) => endOf(market, 100, 0, text),
  at: (text) => rowAt(market, 100, text),
  count: (text) => wholeOf('count', text, 1, 100),
  resolution: (resolution) => cutBy({ resolution }),
  tz: (tz) => cutBy({ resolution: '1d', tz }),
  offset: (offset) => cutBy({ resolution: '1d', offset }),
  delivery: (text) => deliveryOf(text),
  market: (text) => namedId({ timeline: new Timeline(market), head: 100 }, text),
  accept: (text) => negotiate(['json', 'csv'], undefined, text),
  host: (host) => access.checkHost(request({ host })),
  origin: (origin) => access.checkOrigin(request({ host: 'localhost', origin })),
  address: (text) => networkOf(text),
  'a symbol of Binance': (symbol) => binanceSymbols.columnOf({ symbol }),
  'symbols of Binance': (symbols) => binanceSymbols.asked({ symbols }),
  'a limit of Binance': (limit) => limitOf({ limit }, 500, 1000),
  'a time of Binance': (startTime) => momentOf({ startTime }, 'startTime'),
  'an interval of Binance': (interval) => binanceResolutionOf(interval),
  'a zone of Binance': (zone) => offsetOf(zone),
  'a unit of time of Binance': (unit) => timeUnitOf('timeUnit', unit),
  'a message of Binance': (text) => apiRequestOf(text),
  'a symbol of UDF': (text) => udfSymbols.columnOf(text, free),
  'a resolution of UDF': (text) => resolutionOf(text, 1000),
  'a number of UDF': (text) => udfWholeOf({ to: text }, 'to', [0, 10], 0),
  'a search of UDF': (text) => udfSymbols.search(text, '', '', 30),
  'symbols of Alpaca': (text) => alpacaSymbols.columnsOf('stock', text, 100),
  'a timeframe of Alpaca': (timeframe) => timeframeOf({ timeframe }, 1000),
  'a time of Alpaca': (start) => rangeOf({ start }, 0, 0),
  'a limit of Alpaca': (limit) => alpacaLimitOf({ limit }, 100),
  'a page of Alpaca': (page_token) => pageOf({ page_token }),
  'a message of Alpaca': (text) => alpacaFieldsOf('json', text),
  'bytes of Alpaca': (text) => alpacaFieldsOf('msgpack', Buffer.from(text)),
  'a message of Deriv': (text) => requestOf(text),
  'a symbol of Deriv': (text) => derivColumnOf(derivSymbols, 'ticks', text),
  'an end of Deriv': (end) => historyOf({ end }, { intervalMs: 1000, isNewer: true }, 5000),
};

function cpuMsOf(run: () => unknown): number {
  const before = process.cpuUsage();
  try {
    run();
  } catch {
    // Refused, which `parsers.test.ts` looks at.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

it.each(Object.keys(PARSERS))('no long text keeps %s', (name) => {
  const parse = PARSERS[name]!;
  // What is laid out once.
  cpuMsOf(() => parse('x'));
  for (const begin of BEGINS) {
    for (const repeated of REPEATED) {
      for (const end of ENDS) {
        const text = begin + repeated.repeat(LETTERS / repeated.length) + end;
        const run = () => parse(text);
        // Garbage is collected now and then, and others' pages are fetched: not thrice.
        const isSlow = () => cpuMsOf(run) > MOST_MS;
        const isAlways = isSlow() && isSlow() && isSlow();
        expect(isAlways, JSON.stringify([begin, repeated, end])).toBe(false);
      }
    }
  }
});
