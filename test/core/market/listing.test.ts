import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NAMING, Names, type Naming, unlisted } from '../../../src/core/market/listing.ts';
import { checkSpec, describeSpec } from '../../../src/core/market/spec.ts';
import { ROOT } from '../../helpers/consumer.ts';
import { marketOf } from '../../helpers/market.ts';

const NAMED = { binance: 'BTCUSDT' };

const namesOf = (protocol: Naming, instruments: readonly object[]) =>
  new Names(protocol, marketOf({ instruments }).instruments);

describe('the names of instruments in other protocols', () => {
  it.each<[symbol: string, more: object, names: readonly string[]]>([
    ['ticker_07', {}, ['TICKER07USDT', 'TICKER07USDT', 'TICKER07USDT', 'TICKER07/USDT']],
    ['ORBX', { quote: 'EUR' }, ['ORBXEUR', 'ORBXEUR', 'ORBXEUR', 'ORBX/EUR']],
    ['AUR/VEL', {}, ['AURVEL', 'AURVEL', 'AURVEL', 'AUR/VEL']],
    ['NIMBO', { assetClass: 'stock' }, ['NIMBOUSDT', 'NIMBO', 'NIMBOUSDT', 'NIMBO']],
  ])('of %s with %j follow from what it is', (symbol, more, names) => {
    const found = NAMING.map((protocol) => namesOf(protocol, [{ symbol, ...more }]).of(0));
    expect(found).toEqual(names);
  });

  it('say the quote of their own, then that of their symbol, then the default one', () => {
    const market = marketOf({
      defaults: { quote: 'USD' },
      instruments: [
        { symbol: 'ORBX' },
        { symbol: 'AUR/VEL' },
        { symbol: 'AUR/EUR', quote: 'GBP' },
        { symbol: 'AUR/-' },
      ],
    });
    const quotes = market.instruments.map(({ listing }) => listing.quote);
    expect(quotes).toEqual(['USD', 'VEL', 'GBP', 'USD']);
    const again = checkSpec(describeSpec(market.spec));
    expect(again.ok && again.spec).toEqual(market.spec);
    const pairs = marketOf({ count: 2, pattern: 'A{}/B', defaults: { quote: 'USD' } });
    expect(pairs.instruments.map(({ listing }) => listing.quote)).toEqual(['B', 'B']);
  });

  it('are as the page on protocols shows them', () => {
    const page = readFileSync(join(ROOT, 'docs/protocols.md'), 'utf8');
    const [, yaml] = /```yaml\n(instruments:.*?)```/s.exec(page)!;
    const { instruments } = marketOf(parse(yaml!));
    const names = NAMING.map((protocol) => new Names(protocol, instruments).all);
    expect(names).toEqual([
      ['BTCUSDT', 'AURVEL', 'NIMBOUSD'],
      ['ORBXUSD', 'AURVEL', 'NIMBO'],
      ['ORBXUSD', 'AURVEL', 'NIMBOUSD'],
      ['ORBX/USD', 'AUR/VEL', 'NIMBO'],
    ]);
  });

  it('are those that were given, whatever others are called', () => {
    const names = namesOf('binance', [{ symbol: 'BTC' }, { symbol: 'x', names: NAMED }]);
    expect(names.all).toEqual([undefined, 'BTCUSDT']);
    expect(names.columnOf('BTCUSDT')).toBe(1);
    expect(names.columnOf('XUSDT')).toBeUndefined();
    expect(names.unknown('BTCUSD')).toBe('unknown symbol "BTCUSD"; did you mean "BTCUSDT"?');
  });

  it('are missed where a protocol cannot say them, in one sentence', () => {
    const { instruments } = marketOf({
      instruments: [{ symbol: 'ab' }, { symbol: 'AB' }, { symbol: '^' }],
    });
    const where = 'must be given names of its own to be listed in binance, udf, deriv, alpaca';
    expect(unlisted(instruments)).toEqual([
      `instruments[1] "AB" ${where}`,
      `instruments[2] "^" ${where}`,
    ]);
  });

  it.each<[object, string]>([
    [{ names: { binance: 'btc' } }, 'instruments[0].names.binance must be 2 to 20 of A-Z and 0-9'],
    [{ names: { udf: '.A' } }, 'instruments[0].names.udf must be 1 to 30 of A-Z'],
    [{ names: { deriv: 'a-b' } }, 'instruments[0].names.deriv must be 2 to 30 letters'],
    [{ names: { alpaca: 'ABC' } }, 'instruments[0].names.alpaca must be 1 to 20 of A-Z'],
    [{ names: { binanc: 'X' } }, 'did you mean "binance"?'],
    [{ names: 7 }, 'instruments[0].names must be '],
    [{ quote: 'usdt' }, 'instruments[0].quote must be 1 to 10 of A-Z and 0-9'],
    [{ assetClass: 'stocks' }, 'did you mean "stock"?'],
  ])('are refused in %j', (fields, sentence) => {
    const check = checkSpec({ instruments: [{ symbol: 'A', ...fields }] });
    expect(check.ok ? [] : check.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(sentence),
    ]);
  });

  it('are given once each', () => {
    const check = checkSpec({
      instruments: [
        { symbol: 'A', names: NAMED },
        { symbol: 'B', names: NAMED },
      ],
    });
    expect(check.ok ? [] : check.problems.map(({ message }) => message)).toEqual([
      'instruments[1].names.binance must differ from instruments[0].names.binance; given: BTCUSDT',
    ]);
  });

  it('decide no price: the id is the same, and a market that is printed keeps them', () => {
    const plain = marketOf({ instruments: [{ symbol: 'A' }] });
    const named = { symbol: 'A', names: NAMED, quote: 'EUR', assetClass: 'stock' };
    const market = marketOf({ instruments: [named] });
    expect(market.id).toBe(plain.id);
    const again = checkSpec(describeSpec(market.spec));
    expect(again.ok && again.spec).toEqual(market.spec);
    expect(market.instruments[0]!.listing).toEqual({
      ...{ assetClass: 'stock', quote: 'EUR', names: NAMED },
    });
  });
});
