import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DTYPES } from '../../../src/core/market/dtype.ts';
import { Market } from '../../../src/core/market/market.ts';
import { PRESET_NAMES } from '../../../src/core/market/presets/presets.ts';
import { checkSpec, describeSpec } from '../../../src/core/market/spec.ts';
import { marketOf } from '../../helpers/market.ts';
import { expectSentence } from '../../helpers/sentence.ts';

const HUGE = 1e300;
const LONG = 'x'.repeat(500);
const NO_NUMBERS = [null, '', '1', 'abc', true, false, [], [1], {}, Number.NaN];
const INFINITE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, HUGE, -HUGE];
const NO_WHOLE = [...NO_NUMBERS, ...INFINITE, -1, 0.5, 1.0000000000000002, 2 ** 53];
const NO_TEXT = [null, 1, 0, true, [], ['a'], {}, Number.NaN];
const NO_FIELDS = [5, 'abc', true, Number.NaN];

const SYMBOLS_WRONG = ['', ' ', 'A B', 'A,B', 'A\n', '-A', '.A', 'Ä', 'A"', '<A>', 'A'.repeat(33)];

/** How a value stands at the end of a problem's sentence. */
function shown(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? JSON.stringify(value) : String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return short.replace('\n', '\\u000a');
}

/** The one problem that a spec has, checked to be a sentence of `field` and the value. */
function expectProblem(
  spec: unknown,
  path: string,
  given: string,
  field = path === '' ? 'the spec' : path,
): void {
  const check = checkSpec(spec);
  const problems = check.ok ? [] : check.problems;
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expectSentence(problems[0].message, field, given);
}

/** What a sentence begins with: of an unknown name, its kind. */
function fieldOf(path: string, value: unknown): string {
  const [, kind] = /(?:^|\.)(dtype|model|preset)$/.exec(path) ?? [];
  return kind === undefined || typeof value !== 'string' ? path : `unknown ${kind}`;
}

describe('a wrong value of', () => {
  const table: Readonly<Record<string, readonly unknown[]>> = {
    seed: NO_WHOLE,
    origin: [...NO_NUMBERS.slice(1), null, ...INFINITE, 1.5, -2208988800001, 7258118400001].concat([
      'now',
      '2026',
      '2026-02-30',
      '2026-01-01T00:00:00',
      '1899-12-31',
      '2200-01-02',
      LONG,
    ]),
    interval: [...NO_NUMBERS, ...INFINITE, 0, -1, 1.5, 604_800_001].concat([
      '0s',
      '-1s',
      '1.5s',
      '1 s',
      '1M',
      '8d',
      '2w',
      '1e3ms',
      LONG,
    ]),
    dtype: [...NO_TEXT, '', 'uint64', 'UINT16', 'float', '__proto__', 'toString', LONG],
    capacity: [...NO_WHOLE, 0, 2 ** 40],
    count: [...NO_WHOLE, 0, 100_001],
    pattern: [
      ...NO_TEXT,
      '',
      'ticker',
      '{}{}',
      '{',
      'a {}',
      ' {}',
      '{}\n',
      LONG,
      `${'x'.repeat(27)}{}`,
    ],
  };
  for (const [field, values] of Object.entries(table)) {
    it.each(values.map((value) => [shown(value), value]))(
      `${field} is told: %s`,
      (given, value) => {
        expectProblem({ [field]: value }, field, given, fieldOf(field, value));
      },
    );
  }

  const parameters: Readonly<Record<string, readonly unknown[]>> = {
    model: [...NO_TEXT, '', 'Walk', 'brownian', 'constructor', LONG],
    drift: [...NO_NUMBERS, ...INFINITE, -100.1, 100.1],
    volatility: [...NO_NUMBERS, ...INFINITE, -0.1, 100.1],
    tickSize: [...NO_NUMBERS, ...INFINITE, 0, -0.01, 1e-13, 0.1 + 0.2, 1_000_001],
    startPrice: [...NO_NUMBERS, ...INFINITE, -1, 0, 0.005, 10.001, 655.36, 1e9],
  };
  for (const [field, values] of Object.entries(parameters)) {
    // A null is no model; undefined would be the default.
    const cases = values.filter((value) => !(field === 'model' && value === null));
    it.each(cases.map((value) => [shown(value), value]))(
      `${field} is told, in defaults and of an instrument: %s`,
      (given, value) => {
        const fields = { model: 'gbm', [field]: value };
        const defaults = `defaults.${field}`;
        expectProblem({ count: 1, defaults: fields }, defaults, given, fieldOf(defaults, value));
        const listed = { instruments: ['A', { symbol: 'B', ...fields }] };
        const own = `instruments[1].${field}`;
        expectProblem(listed, own, given, fieldOf(own, value));
      },
    );
  }

  it.each(SYMBOLS_WRONG.concat(NO_TEXT as string[]).map((value) => [shown(value), value]))(
    'symbol is told: %s',
    (given, symbol) => {
      expectProblem({ instruments: ['A', { symbol }] }, 'instruments[1].symbol', given);
      if (typeof symbol === 'string') {
        expectProblem({ instruments: [symbol, 'A'] }, 'instruments[0].symbol', given);
      }
    },
  );

  it.each([...NO_TEXT, '', 'x'.repeat(81)].map((value) => [shown(value), value]))(
    'name is told: %s',
    (given, name) => {
      expectProblem({ instruments: [{ symbol: 'A', name }] }, 'instruments[0].name', given);
    },
  );

  it.each([...NO_FIELDS, [], [{}]].map((value) => [shown(value), value]))(
    'defaults, of an instrument, of the spec itself is told: %s',
    (given, value) => {
      expectProblem(value, '', given);
      expectProblem({ defaults: value }, 'defaults', given);
      if (typeof value === 'string') return;
      expectProblem({ instruments: ['A', value] }, 'instruments[1]', given);
    },
  );

  it('instruments is told: no list, an empty one, one too long', () => {
    for (const value of [...NO_FIELDS, null, {}, { 0: 'A', length: 1 }]) {
      expectProblem({ instruments: value }, 'instruments', shown(value));
    }
    expectProblem({ instruments: [] }, 'instruments', '0 of them');
    const many = Array.from({ length: 100_001 }, (_, n) => `S${n}`);
    expectProblem({ instruments: many }, 'instruments', '100001 of them');
  });

  it.each([
    [{}, 65_000, 'from 0.00 to 655.35, which is what uint16 holds in ticks of 0.01: dtype uint32'],
    [{ dtype: 'uint8' }, 2.56, 'from 0.00 to 2.55, which is what uint8 holds .*: dtype uint16'],
    [{}, -1, 'from 0.00 to 655.35, which is what uint16 holds in ticks of 0.01: dtype int16'],
    [{ dtype: 'int8' }, -1.29, 'from -1.28 to 1.27, which is what int8 holds .*: dtype int16'],
    [{}, 1e9, 'from .*: dtype float64'],
  ])(
    'startPrice that the dtype cannot hold names one that would do: %j %d',
    (spec, price, says) => {
      const check = checkSpec({ count: 1, ...spec, defaults: { startPrice: price } });
      const [dtype] = says.split(' ').slice(-1);
      expect(!check.ok && check.problems[0].message).toMatch(
        new RegExp(`^defaults.startPrice must be ${says} would do; given: ${price}$`),
      );
      const other = checkSpec({ ...spec, count: 1, dtype, defaults: { startPrice: price } });
      expect(other.ok).toBe(true);
    },
  );

  it('startPrice that no dtype holds is told that the tick size is why', () => {
    const check = checkSpec({ count: 1, defaults: { startPrice: 1e13 } });
    expect(!check.ok && check.problems[0].message).toMatch(
      /: no dtype holds more of 0.01; given: /,
    );
  });

  it('startPrice follows the dtype, the tick size and the model', () => {
    const start = (spec: object, startPrice: number) => ({
      count: 1,
      ...spec,
      defaults: { startPrice, ...('defaults' in spec ? (spec.defaults as object) : {}) },
    });
    expectProblem(start({ dtype: 'uint8' }, 2.56), 'defaults.startPrice', '2.56');
    expectProblem(start({ dtype: 'int8' }, -1.29), 'defaults.startPrice', '-1.29');
    expectProblem(start({ defaults: { tickSize: 0.25 } }, 1.1), 'defaults.startPrice', '1.1');
    expectProblem(start({ defaults: { model: 'gbm' } }, 0), 'defaults.startPrice', '0');
    for (const good of [
      start({ dtype: 'uint8' }, 2.55),
      start({ dtype: 'int8' }, -1.28),
      start({ defaults: { tickSize: 0.25 } }, 1.25),
      start({ defaults: { tickSize: 0.1 } }, 0.3),
      start({ defaults: { model: 'gbm' } }, 0.01),
      start({}, 0),
    ]) {
      expect(checkSpec(good)).toMatchObject({ ok: true });
    }
  });
});

describe('a field', () => {
  const ALL =
    'there are preset, seed, origin, interval, dtype, capacity, count, pattern, defaults, instruments, scenario';
  it.each([
    [{ sede: 1 }, 'sede', 'did you mean "seed"?'],
    [{ Seed: 1 }, 'Seed', 'did you mean "seed"?'],
    [{ model: 'gbm' }, 'model', 'it is one of defaults, instruments'],
    [{ symbols: ['A'] }, 'symbols', ALL],
    [{ toString: 1 }, 'toString', ALL],
    [JSON.parse('{"__proto__": {"seed": 5}}'), '__proto__', ALL],
    [{ constructor: null }, 'constructor', ALL],
    [{ defaults: { symbol: 'A' } }, 'defaults.symbol', 'it is one of instruments'],
    [{ defaults: { tick: 1 } }, 'defaults.tick', 'did you mean "tickSize"?'],
    [{ defaults: { x: 1 } }, 'defaults.x', 'docs/models.md lists them'],
    [
      { instruments: [{ symbol: 'A', ticksize: 1 }] },
      'instruments[0].ticksize',
      'did you mean "tickSize"?',
    ],
    [{ instruments: [{ symbol: 'A', seed: 1 }] }, 'instruments[0].seed', 'it is one of the market'],
  ])('that is unknown is told, with what was meant or where it belongs: %j', (spec, path, says) => {
    const check = checkSpec(spec);
    const [name] = path.split('.').slice(-1);
    const whose = path === name ? '' : ` of ${path.slice(0, -name.length - 1)}`;
    const message = `unknown field "${name}"${whose}; ${says}`;
    expect(!check.ok && check.problems).toEqual([{ path, message }]);
  });

  it('count or pattern cannot stand beside instruments', () => {
    expectProblem({ instruments: ['A'], count: 1 }, 'count', '1');
    expectProblem({ instruments: ['A'], pattern: 'x{}' }, 'pattern', 'x{}');
  });

  it('drift or volatility belongs to gbm alone', () => {
    expectProblem({ count: 1, defaults: { drift: 0.1 } }, 'defaults.drift', '0.1');
    const walk = { symbol: 'A', model: 'walk', volatility: 0 };
    expectProblem({ instruments: [walk] }, 'instruments[0].volatility', '0');
  });

  it('symbol is required, and told once for each instrument without one', () => {
    expectProblem({ instruments: [{ name: 'A' }] }, 'instruments[0].symbol', 'nothing');
  });

  it.each([{ toString: 1 }, { toString: null }, [[]], JSON.parse('{"__proto__":null}')])(
    'symbol %o, which has no text, is told and no more',
    (symbol) => {
      const check = checkSpec({ instruments: [{ symbol }, { symbol }] });
      expect(check.ok).toBe(false);
    },
  );

  it('symbol must differ from all others: the second is told, and where the first is', () => {
    expectProblem({ instruments: ['A', 'B', 'A'] }, 'instruments[2].symbol', 'A');
    const check = checkSpec({ instruments: ['A', { symbol: 'A', name: 'Other' }] });
    expect(!check.ok && check.problems[0].message).toContain('instruments[0].symbol');
    // Case is part of a symbol.
    expect(checkSpec({ instruments: ['A', 'a'] }).ok).toBe(true);
  });
});

describe('a spec', () => {
  it('with many problems has them all told at once', () => {
    const check = checkSpec({
      seed: -1,
      interval: 0,
      colour: 'red',
      instruments: ['A', 'A', { symbol: '', tickSize: 0 }],
    });
    expect(!check.ok && check.problems.map(({ path }) => path).sort()).toEqual(
      ['colour', 'instruments[1].symbol', 'instruments[2].symbol', 'instruments[2].tickSize']
        .concat(['interval', 'seed'])
        .sort(),
    );
  });

  it('with a problem in its defaults has it told once, not for each instrument', () => {
    expectProblem({ count: 5000, defaults: { tickSize: -1 } }, 'defaults.tickSize', '-1');
  });

  it('of any JSON is either right or told in sentences; it never throws', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.string());
    const names = ['seed', 'origin', 'interval', 'dtype', 'capacity', 'count', 'pattern'];
    const parameters = ['symbol', 'name', 'model', 'drift', 'volatility', 'tickSize', 'startPrice'];
    const record = (fields: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...fields, 'x'), value, { maxKeys: 4 });
    const spec = fc.record(
      {
        some: record(names.filter((name) => name !== 'count')),
        count: fc.option(fc.oneof(fc.integer({ min: -1, max: 5 }), value)),
        defaults: fc.option(fc.oneof(record(parameters), value)),
        instruments: fc.option(fc.oneof(fc.array(fc.oneof(record(parameters), value)), value)),
      },
      { requiredKeys: ['some'] },
    );
    fc.assert(
      fc.property(fc.oneof(value, spec), (input) => {
        const isSpec = typeof input === 'object' && input !== null && 'some' in input;
        const { some = {}, ...others } = isSpec ? (input as { some?: object }) : {};
        const check = checkSpec(isSpec ? { ...others, ...some } : input);
        if (check.ok) return;
        expect(check.problems.length).toBeGreaterThan(0);
        for (const { path, message } of check.problems) {
          if (/^unknown (field|dtype|model|preset) "/.test(message)) continue;
          expect(message.startsWith(path === '' ? 'the spec ' : `${path} `)).toBe(true);
          expect(message).toMatch(/ is missing: it must be |; given: /);
          expect(message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that says nothing is the default market', () => {
    const expected = marketOf({
      seed: 1,
      origin: '2026-01-01T00:00:00Z',
      interval: '1s',
      dtype: 'uint16',
      capacity: 86_400,
      count: 100,
      pattern: 'ticker_{}',
      defaults: { model: 'walk', tickSize: 0.01 },
    });
    for (const nothing of [undefined, null, {}, { defaults: {} }, { defaults: null }]) {
      const market = marketOf(nothing);
      expect(market.spec).toEqual(expected.spec);
      expect(market.id).toBe(expected.id);
    }
    expect(expected.instruments).toHaveLength(100);
    expect(expected.instruments[7]).toMatchObject({ symbol: 'ticker_07', name: 'Ticker 07' });
  });

  it('may use every bound of every field', () => {
    for (const spec of [
      { seed: 0 },
      { seed: Number.MAX_SAFE_INTEGER },
      { origin: '1900-01-01' },
      { origin: 7_258_118_400_000 },
      { origin: -2_208_988_800_000 },
      { interval: 1 },
      { interval: '7d' },
      { interval: '1w' },
      { capacity: 1 },
      { count: 1 },
      { count: 1, capacity: 2 ** 32 },
      { pattern: '^{}' },
      { pattern: '{}' },
      { instruments: ['A'.repeat(32), '^GSPC', 'BRK.B', 'EUR/USD', 'ES=F', '0'] },
      { instruments: [{ symbol: 'A', name: 'x'.repeat(80) }] },
      { count: 1, defaults: { model: 'gbm', drift: -100, volatility: 0 } },
      { count: 1, defaults: { model: 'gbm', drift: 100, volatility: 100 } },
      { count: 1, defaults: { tickSize: 1e-12 } },
      { count: 1, defaults: { tickSize: 1e6 } },
    ]) {
      expect(checkSpec(spec), JSON.stringify(spec)).toMatchObject({ ok: true });
    }
  });

  it.each(Object.keys(DTYPES))('of dtype %s starts every price within it', (dtype) => {
    const { min, max } = DTYPES[dtype as keyof typeof DTYPES];
    for (const model of ['walk', 'gbm']) {
      const { instruments } = marketOf({ dtype, count: 50, defaults: { model } });
      for (const { startTicks, minTicks, maxTicks } of instruments) {
        expect(minTicks).toBe(model === 'gbm' ? 1 : min);
        expect(maxTicks).toBe(max);
        expect(startTicks).toBeGreaterThanOrEqual(minTicks);
        expect(startTicks).toBeLessThanOrEqual(maxTicks);
      }
    }
  });

  it('keeps its ring below 256 MiB where it names no capacity', () => {
    for (const [dtype, count] of [
      ['float64', 1000],
      ['uint8', 100_000],
      ['uint16', 100],
    ] as const) {
      const { spec, instruments } = marketOf({ dtype, count });
      const bytes = spec.capacity * DTYPES[dtype].bytes * instruments.length;
      expect(bytes).toBeLessThanOrEqual(2 ** 28);
      expect(spec.capacity).toBeLessThanOrEqual(86_400);
      expect(spec.capacity).toBeGreaterThanOrEqual(1);
    }
  });

  it('described and checked again is the same spec', () => {
    const price = fc.constantFrom(0.01, 0.25, 1, 5, 0.0001, 1e-12, 3);
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.maxSafeNat(),
          origin: fc.integer({ min: -2_208_988_800_000, max: 7_258_118_400_000 }),
          interval: fc.integer({ min: 1, max: 604_800_000 }),
          dtype: fc.constantFrom(...Object.keys(DTYPES)),
          capacity: fc.integer({ min: 1, max: 100_000 }),
          count: fc.integer({ min: 1, max: 5 }),
          defaults: fc.oneof(
            fc.record({ tickSize: price }),
            fc.record({
              model: fc.constant('gbm'),
              tickSize: price,
              drift: fc.double({ min: -100, max: 100, noNaN: true }),
              volatility: fc.double({ min: 0, max: 100, noNaN: true }),
            }),
          ),
        }),
        (input) => {
          const { spec, id } = marketOf(input);
          // Through text, as a file holds it.
          const again = checkSpec(JSON.parse(JSON.stringify(describeSpec(spec))));
          expect(again.ok && new Market(again.spec).id).toBe(id);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says once what all instruments share, and nothing of others for them', () => {
    const described = (instruments: object[], defaults: object = {}) =>
      describeSpec(marketOf({ defaults, instruments }).spec) as {
        defaults: Record<string, unknown>;
        instruments: Record<string, unknown>[];
      };
    const gbm = { model: 'gbm', volatility: 0.5, sector: 'Ore', startPrice: 10 };
    const one = described([{ symbol: 'A' }, { symbol: 'B', startPrice: 20, tickSize: 0.5 }], gbm);
    expect(one.defaults).toMatchObject({ model: 'gbm', volatility: 0.5, sector: 'Ore' });
    expect(one.instruments).toEqual([
      { symbol: 'A', name: 'A', tickSize: 0.01, startPrice: 10 },
      { symbol: 'B', name: 'B', tickSize: 0.5, startPrice: 20 },
    ]);
    // Of two models, with a parameter of one name.
    const jump = { symbol: 'B', model: 'jump', volatility: 0.5 };
    const two = described([{ symbol: 'A', model: 'gbm', volatility: 0.5, sector: 'Ore' }, jump]);
    expect(Object.keys(two.defaults)).toEqual([
      'tickSize',
      'calendar',
      'spreadTicks',
      'tradesPerDay',
      'lotsPerTrade',
    ]);
    expect(two.instruments).toMatchObject([{ model: 'gbm', volatility: 0.5, sector: 'Ore' }, jump]);
  });

  it('has the id of its prices: capacity and names do not count, all else does', () => {
    const base = { seed: 3, count: 2, origin: '2026-01-01', interval: '1s' };
    const { id } = marketOf(base);
    expect(marketOf({ ...base, capacity: 5 }).id).toBe(id);
    const named = [{ symbol: 'ticker_0', name: 'Other' }, 'ticker_1'];
    expect(marketOf({ ...base, count: undefined, instruments: named }).id).toBe(id);
    const others = [
      { seed: 4 },
      { count: 3 },
      { origin: '2026-01-02' },
      { interval: '2s' },
      { dtype: 'uint32' },
      { pattern: 'x{}' },
      { defaults: { model: 'gbm' } },
      { defaults: { tickSize: 0.02 } },
      { defaults: { startPrice: 5 } },
    ].map((change) => marketOf({ ...base, ...change }).id);
    expect(new Set([id, ...others]).size).toBe(others.length + 1);
  });
});

describe('parameters of models', () => {
  const given = (model: string, parameters: object, spec: object = {}) => ({
    ...spec,
    count: 1,
    defaults: { model, ...parameters },
  });

  it.each([
    ['ou', 'halfLife', '0s', '0s'],
    ['ou', 'halfLife', 'soon', 'soon'],
    ['ou', 'halfLife', 1.5, '1.5'],
    ['ou', 'halfLife', '100000w', '100000w'],
    ['jump', 'jumpsPerDay', -1, '-1'],
    ['jump', 'jumpsPerDay', 691_201, '691201'],
    ['crash-boom', 'direction', 1, '1'],
    ['crash-boom', 'recovery', '52w', '52w'],
    ['range', 'breakTime', '5h', '5h'],
    ['range', 'holdTime', '7s', '7s'],
    ['regime', 'calmTime', '31s', '31s'],
    ['market', 'clustering', 1.01, '1.01'],
    ['market', 'intraday', 0.91, '0.91'],
    ['market', 'intraday', -0.46, '-0.46'],
    ['market', 'calendar', 7, '7'],
    ['market', 'weekend', 0, '0'],
    ['market', 'weekend', 'none', 'none'],
    ['market', 'jumpsPerDay', 8.1, '8.1'],
    ['market', 'jumpShare', -0.01, '-0.01'],
    ['market', 'jumpSkew', 0.96, '0.96'],
    ['market', 'ownJumpSkew', null, 'null'],
    ['market', 'feedbackShare', 0.91, '0.91'],
    ['market', 'feedbackShare', 0.83, '1.01'],
    ['market', 'feedbackDays', 0, '0'],
    ['market', 'feedbackDays', 1e9, '1000000000'],
    ['market', 'asymmetry', -1.5, '-1.5'],
    ['market', 'pull', 1.1, '1.1'],
  ])('%s: a wrong %s of %s is told', (model, name, value, shownValue) => {
    expectProblem(given(model, { [name]: value }), `defaults.${name}`, shownValue);
  });

  it('crash-boom: a wrong direction of sideways is told, with those that there are', () => {
    const check = checkSpec(given('crash-boom', { direction: 'sideways' }));
    const message = 'unknown direction "sideways" of defaults; there are crash, boom, both';
    expect(!check.ok && check.problems).toEqual([{ path: 'defaults.direction', message }]);
  });

  it('market: an unknown calendar is told, with those that there are', () => {
    const check = checkSpec(given('market', { calendar: 'new-yrok' }));
    const message = 'unknown calendar "new-yrok" of defaults; did you mean "new-york"?';
    const [problem] = check.ok ? [] : check.problems;
    expect(problem).toEqual({ path: 'defaults.calendar', message });
  });

  it('are bounded by rows: a time that is fine for seconds is too short for hours', () => {
    expect(checkSpec(given('regime', { calmTime: '1h' })).ok).toBe(true);
    expectProblem(
      given('regime', { calmTime: '1h' }, { interval: '1h' }),
      'defaults.calmTime',
      '1h',
    );
    // What nobody said adapts.
    const check = checkSpec(given('regime', {}, { interval: '1d' }));
    expect(check.ok && check.spec.instruments[0].model).toMatchObject({
      calmTime: 32 * 86_400_000,
    });
  });

  it('are durations as text or in milliseconds: the same market', () => {
    const ids = ['90m', 5_400_000].map((halfLife) => {
      const check = checkSpec(given('ou', { halfLife }));
      return check.ok && new Market(check.spec).id;
    });
    expect(ids[0]).toBe(ids[1]);
  });

  it('of other models are told with the models that have them', () => {
    const check = checkSpec(given('gbm', { halfLife: '1h' }));
    expect(!check.ok && check.problems[0].message).toBe(
      'defaults.halfLife is a parameter of ou, not of gbm: leave it out; given: 1h',
    );
  });

  it('may not ask for more than there is together', () => {
    expectProblem(
      given('market', { marketShare: 0.6, sectorShare: 0.5 }),
      'defaults.sectorShare',
      '1.1',
    );
    const crowded = { spikesPerDay: 5000, recovery: '3h' };
    expectProblem(given('crash-boom', crowded), 'defaults.recovery', '625');
  });

  it('of the defaults are inherited by whoever has a use for them', () => {
    const instruments = [
      { symbol: 'A' },
      { symbol: 'B', model: 'ou' },
      { symbol: 'C', model: 'walk' },
    ];
    const defaults = { model: 'market', volatility: 0.7, leverage: 0.3 };
    const check = checkSpec({ defaults, instruments });
    expect(check.ok && check.spec.instruments.map(({ model }) => model)).toMatchObject([
      { kind: 'market', volatility: 0.7, leverage: 0.3 },
      { kind: 'ou', volatility: 0.7 },
      { kind: 'walk' },
    ]);
  });

  it('say how an instrument is traded, with bounds of their own', () => {
    for (const name of ['spreadTicks', 'tradesPerDay', 'lotsPerTrade']) {
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e13, '5', null, true, [5]]) {
        expectProblem(given('market', { [name]: value }), `defaults.${name}`, shown(value));
      }
      expect(checkSpec(given('market', { [name]: undefined }))).toMatchObject({ ok: true });
    }
    for (const [name, value, shownValue] of [
      ['spreadTicks', 0, '0'],
      ['tradesPerDay', -1, '-1'],
      ['lotsPerTrade', 0.5, '0.5'],
      ['sector', '', ''],
      ['sector', 7, '7'],
      ['sector', 'Łódź', 'Łódź'],
    ] as const) {
      expectProblem(given('market', { [name]: value }), `defaults.${name}`, shownValue);
    }
  });

  it('trade no more lots a row, or a day, than are told exactly', () => {
    const tooMany: readonly (readonly [string, object, string, string])[] = [
      ['1s', { tradesPerDay: 240_000.25, lotsPerTrade: 1e6 }, 'tradesPerDay', '240000250000'],
      ['1s', { tradesPerDay: 1e12 }, 'tradesPerDay', '5000000000000'],
      ['1ms', { lotsPerTrade: 3000, model: 'walk' }, 'lotsPerTrade', '259200000000'],
      ['1ms', { tradesPerDay: 5, lotsPerTrade: 3000 }, 'lotsPerTrade', '259200000000'],
      ['1d', { tradesPerDay: 1e7, lotsPerTrade: 7 }, 'tradesPerDay', '70000000'],
      ['7d', { lotsPerTrade: 100, model: 'market' }, 'lotsPerTrade', '120960000'],
    ];
    for (const [interval, fields, name, found] of tooMany) {
      expectProblem({ interval, count: 2, defaults: fields }, `defaults.${name}`, found);
    }
    const instruments = [{ symbol: 'A' }, { symbol: 'B', tradesPerDay: 1e8 }];
    expectProblem({ interval: '1d', instruments }, 'instruments[1].tradesPerDay', '500000000');
    for (const [interval, defaults] of [
      ['1s', { tradesPerDay: 240_000, lotsPerTrade: 1e6 }],
      ['1s', { lotsPerTrade: 1e6, model: 'market' }],
      ['1ms', { lotsPerTrade: 3000, model: 'market' }],
      ['1d', { tradesPerDay: 1e7, lotsPerTrade: 6.7 }],
    ] as const) {
      expect(checkSpec({ interval, count: 2, defaults })).toMatchObject({ ok: true });
    }
  });

  it('are traded within them in every preset, on grids of 1 ms to a day', () => {
    for (const preset of PRESET_NAMES) {
      for (const interval of ['1ms', '1s', '1h', '1d']) {
        expect(checkSpec({ preset, interval }), `${preset} ${interval}`).toMatchObject({
          ok: true,
        });
      }
    }
  });
});
