import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MarketOptions } from '../../src/cli/commands/options.ts';
import { loadMarket } from '../../src/cli/config.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { parametersOf } from '../../src/core/market/models/parameters.ts';
import { CliThread } from '../helpers/cli.ts';
import { expectSentence } from '../helpers/sentence.ts';

/** Arguments, then the field that the first sentence begins with and the value it ends with. */
type Case = readonly [args: readonly string[], field: string, given: string];

const HUGE = '99999999999999999999';
const LONG = 'x'.repeat(5000);
const shown = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
const NO_NUMBERS = ['', ' ', 'abc', '1.5', '-1', '1e3', '0x10', 'NaN', 'Infinity', 'true', '[1]'];
const NO_TIMES = ['', 'now', 'yesterday', '2026-02-30', '2026-01-01T00:00:00', '1e3', '1.5', LONG];
const NO_WIDTHS = ['', 's', '1Y', '1 s', '-1s', '1.5s', '0s', '1S', HUGE, LONG];

/** An option that makes the market, and values that it must not have. */
const MARKET_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  seed: [...NO_NUMBERS, HUGE],
  origin: [...NO_TIMES, HUGE, '1899-12-31', '2200-01-02', '999999999999999'],
  interval: [...NO_WIDTHS, '0', '-1', '604800001', '2w'],
  dtype: ['', 'int64', 'UINT16', 'float32', 'toString', '16', LONG],
  capacity: ['0', 'abc', '', '1.5', '-1', HUGE, '1000000000'],
  count: ['0', 'abc', '', '1.5', '-1', '100001', HUGE],
  pattern: ['', 'ticker', '{}{}', 'a {}', '{', 'ticker_{}_which_is_far_too_long_x'],
};

let cli: CliThread;
let folder: string;
let taken: Server;
let takenPort: string;

beforeAll(async () => {
  cli = new CliThread();
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, 'localhost', resolve));
  takenPort = String((taken.address() as { port: number }).port);
});

afterAll(async () => {
  await cli.end();
  taken.close();
  rmSync(folder, { recursive: true });
});

/** Checks that a run says in a sentence what is wrong, writes nothing else and ends with 2. */
async function expectUsage(
  args: readonly string[],
  field: string,
  given: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, stdout, stderr } = await cli.run(args, env);
  const [line, ...others] = linesOf(stderr);
  expect(line.slice(0, 10)).toBe('tickwell: ');
  expectSentence(line.slice(10), field, given);
  expect(others).toEqual([]);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

/** What is wrong with the options that make a market, without starting the program. */
function problemsOf(options: MarketOptions): readonly string[] {
  try {
    loadMarket(options);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.lines;
  }
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** As numbers are shown that are too large for their digits. */
function shownNumber(text: string): string {
  return /^-?\d+$/.test(text) ? String(Number(text)) : shown(text);
}

describe('a wrong option that makes the market', () => {
  for (const [name, values] of Object.entries(MARKET_OPTIONS)) {
    for (const value of values) {
      it(`--${name}=${shown(value)} is told with its name and value`, () => {
        const given = name === 'pattern' || name === 'dtype' ? shown(value) : shownNumber(value);
        const lines = problemsOf({ [name]: value });
        expect(lines).toHaveLength(1);
        expectSentence(lines[0], name === 'dtype' ? 'unknown dtype' : name, given);
      });
    }
    it(`--${name} is told alike by its environment variable and by serve and generate`, async () => {
      const [, value] = values;
      const field = name === 'dtype' ? 'unknown dtype' : name;
      const given = shownNumber(value);
      const variable = `TICKWELL_${name.toUpperCase()}`;
      await expectUsage(['market', `--${name}=${value}`], field, given);
      await expectUsage(['market'], field, given, { [variable]: value });
      await expectUsage([`--${name}=${value}`, '--port=0'], field, given);
      const range = ['--from=2026-01-01', '--to=2026-01-02'];
      await expectUsage(['generate', ...range, `--${name}=${value}`], field, given);
    });
  }

  it.each(['', 'Walk', 'brownian', 'constructor', LONG])('--model=%.20s is told', async (model) => {
    await expectUsage(['market', `--model=${model}`], 'unknown model', shown(model));
    await expectUsage(['market'], 'unknown model', shown(model), { TICKWELL_MODEL: model });
  });

  it('is told together with every other, a line each', async () => {
    const args = ['market', '--seed=x', '--interval=y', '--capacity=z', '--count=0'];
    const { code, stdout, stderr } = await cli.run(args);
    const lines = linesOf(stderr);
    const fields = lines.map((line) => /^tickwell: (\w+) must be /.exec(line)?.[1]);
    expect(fields.sort()).toEqual(['capacity', 'count', 'interval', 'seed']);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

async function expectSaid(
  args: readonly string[],
  sentence: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const run = await cli.run(args, env);
  expect(run).toEqual({ code: 2, stdout: '', stderr: `tickwell: ${sentence}\n` });
}

describe('a wrong option of', () => {
  const RANGE = ['generate', '--count=2', '--from=2026-01-01', '--to=2026-01-02'];
  const swap = (name: string, value: string) => [
    ...RANGE.filter((arg) => !arg.startsWith(`--${name}=`)),
    `--${name}=${value}`,
  ];
  /** As HTTP says it: a name that nobody knows is told from none. */
  const wrongFields = (args: string[], fields: string, known: string): Case => {
    const unknown = fields.split(',').find((field) => field !== known);
    return unknown === '' ? [args, 'fields', fields] : [args, 'unknown field', unknown ?? ''];
  };
  const table: Readonly<Record<string, readonly Case[]>> = {
    serve: [
      ...['', 'abc', '-1', '65536', '99999', HUGE, '1.5', '0x50', ' 80', '80 '].map(
        (port): Case => [['serve', `--port=${port}`], 'port', port],
      ),
      [['--port=abc'], 'port', 'abc'],
      ...['', 'abc', '0', '-1', '0.0001', '10001', '1e3', '0x10', ' 60'].map(
        (speed): Case => [['serve', '--port=0', `--speed=${speed}`], 'speed', speed],
      ),
      ...['', 'noon', 'now', '2025-12-31', '9999-12-31T00:00:01Z'].map(
        (at): Case => [['serve', '--port=0', `--at=${at}`], 'at', at],
      ),
      [['serve', '--port=0', '--paused=yes'], 'paused', 'yes'],
      [['serve', '--port=0', '--no-faults=yes'], 'no-faults', 'yes'],
      [['serve', '--port=0', '--faulty='], 'faulty', ''],
      [['serve', '--port=0', '--faulty=drop'], 'faulty', 'drop'],
      [['serve', '--port=0', '--faulty=drop@1%:x'], 'faulty', 'x'],
      [['serve', '--port=0', '--faulty=drop@1%', '--no-faults'], 'no-faults', 'faulty too'],
      [['serve', '--port=0', '--faults='], 'faults', ''],
      [['--port=0', '--host='], 'host', ''],
      [['--port=0', '--host=192.0.2.1'], 'host', '192.0.2.1'],
    ],
    generate: [
      ...NO_TIMES.map((time): Case => [swap('from', time), 'from', time]),
      ...NO_TIMES.filter((time) => time !== 'now').map(
        (time): Case => [swap('to', time), 'to', time],
      ),
      [swap('from', '2025-12-31'), 'from', '2025-12-31'],
      [swap('from', '-1'), 'from', '-1'],
      [swap('to', '2026-01-01'), 'to', '2026-01-01'],
      [swap('to', '2025-01-01'), 'to', '2025-01-01'],
      [swap('to', '-1'), 'to', '-1'],
      [[...swap('to', '9999-12-31'), '--interval=1'], 'to', '9999-12-31'],
      ...[...NO_WIDTHS, '521w', '11y', '999ms'].map((width): Case => {
        const [, unit] = /^\d+([A-Za-z]+)$/.exec(width) ?? [];
        const isUnit = unit === undefined || /^(ms|mo|[smhdwy])$/.test(unit);
        const [field, given] = isUnit ? ['resolution', width] : ['unknown unit', unit];
        return [
          [...RANGE, `--resolution=${width}`],
          field,
          field === 'resolution' ? shown(given) : given,
        ];
      }),
      ...['', ',', 'ticker_0,', 'ticker_0,,ticker_1'].map(
        (symbols): Case => [[...RANGE, `--symbols=${symbols}`], 'symbols', symbols],
      ),
      ...['nope', 'TICKER_0', '*,ticker_0', 'toString'].map(
        (symbols): Case => [
          [...RANGE, `--symbols=${symbols}`],
          'unknown symbol',
          symbols.split(',').find((symbol) => symbol !== 'ticker_0') ?? '',
        ],
      ),
      ...['', 'nope', ',', 'last,', 'LAST', ' bid', 'toString', 'prices'].map(
        (fields): Case => wrongFields([...RANGE, `--fields=${fields}`], fields, 'last'),
      ),
      ...['', 'bid', 'last', 'volume,'].map(
        (fields): Case =>
          wrongFields([...RANGE, '--resolution=1m', `--fields=${fields}`], fields, 'volume'),
      ),
      [[...RANGE, '--fields=bid,bid'], 'fields', 'bid,bid'],
      [[...RANGE, '--resolution=1m', '--fields=volume,volume'], 'fields', 'volume,volume'],
      [[...RANGE, '--symbols=ticker_0,ticker_1,ticker_0'], 'symbols', 'ticker_0'],
      [[...RANGE, '--out='], 'out', ''],
    ],
  };
  for (const [command, cases] of Object.entries(table)) {
    for (const [args, field, given] of cases) {
      it(`${command}: ${field} of "${shown(given)}" is told (${args.at(-1)!.slice(0, 30)})`, () =>
        expectUsage(args, field, given));
    }
  }

  it('serve: a port that another program uses is told', () =>
    expectSaid(
      [`--port=${takenPort}`, '--count=1', '--capacity=1'],
      `port ${takenPort} is already in use`,
    ));

  it.each([
    [tmpdir(), `out "${tmpdir()}" is a folder, not a file`],
    ['/no/such/folder/x.csv', 'the folder of out "/no/such/folder/x.csv" is not there'],
    ['a\nb/c', 'the folder of out "a\\nb/c" is not there'],
  ])('generate: an --out that cannot be written is told: %s', (out, sentence) =>
    expectSaid(['generate', '--from=2026-01-01', '--to=2026-01-02', `--out=${out}`], sentence),
  );

  it.each([
    ['TICKWELL_PORT', 'port', 'abc'],
    ['TICKWELL_PORT', 'port', ''],
    ['TICKWELL_HOST', 'host', ''],
    ['TICKWELL_HOST', 'host', '192.0.2.1'],
    ['TICKWELL_AT', 'at', '2025-12-31'],
    ['TICKWELL_SPEED', 'speed', '0'],
    ['TICKWELL_PAUSED', 'paused', '1'],
    ['TICKWELL_NO_FAULTS', 'no-faults', '1'],
    ['TICKWELL_FAULTY', 'faulty', ''],
    ['TICKWELL_FAULTS', 'faults', ''],
  ])('serve: %s is told as %s of "%s"', async (variable, field, value) => {
    const env = { TICKWELL_PORT: '0', [variable]: value };
    await expectUsage(['serve', '--count=1', '--capacity=1'], field, value, env);
  });
});

describe('what follow is told', () => {
  it.each([
    ['--since=yesterday', 'since', 'yesterday'],
    ['--since=', 'since', ''],
    ['--symbols=', 'symbols', ''],
    ['--symbols=a,,b', 'symbols', 'a,,b'],
    ['--fields=bids', 'unknown field', 'bids'],
    ['--format=cvs', 'unknown format', 'cvs'],
    ['--prices=x', 'unknown notation of prices', 'x'],
    ['--time=x', 'unknown notation of time', 'x'],
    ['--cursor=', 'cursor', ''],
    ['localhost:8080', 'url', 'localhost:8080'],
    ['ftp://localhost', 'url', 'ftp://localhost'],
    ['', 'url', ''],
  ])('follow %s is told as %s of "%s"', (arg, field, given) =>
    expectUsage(['follow', arg], field, given),
  );

  it.each([
    [tmpdir(), `cursor "${tmpdir()}" is a folder, not a file`],
    ['/no/such/x', 'the folder of cursor "/no/such/x" is not there'],
  ])('a --cursor that cannot be written is told: %s', (cursor, sentence) =>
    expectSaid(['follow', `--cursor=${cursor}`], sentence),
  );

  it.each(['', 'hello', '{}', '[]', 'null', '{"market":"a","until":1.5}'])(
    'a --cursor that says %j is told to be none',
    async (text) => {
      const file = join(folder, 'wrong.cursor');
      writeFileSync(file, text);
      await expectUsage(['follow', `--cursor=${file}`], 'cursor', JSON.stringify(file));
    },
  );

  it('a --cursor that was written with other options is told which', async () => {
    const file = join(folder, 'other.cursor');
    const asked = { symbols: 'A', fields: 'last', format: 'csv', prices: 'ticks', time: 'ms' };
    writeFileSync(file, JSON.stringify({ market: 'a', until: 0, isBegun: true, asked }));
    const args = ['follow', `--cursor=${file}`, '--format=csv'];
    await expectUsage(args, 'symbols', '*');
    await expectUsage([...args, '--symbols=A', '--time=iso'], 'time', 'iso');
  });
});

describe('what a sink is told', () => {
  const LONELY = ['--stream=S'];
  const RULES: readonly (readonly [arg: string, field: string, given: string])[] = [
    ['--since=yesterday', 'since', 'yesterday'],
    ['--symbols=a,,b', 'symbols', 'a,,b'],
    ['--fields=bids', 'unknown field', 'bids'],
    ['--format=csv', 'unknown format', 'csv'],
    ['--from=localhost', 'from', 'localhost'],
    ['--metrics-port=65536', 'metrics-port', '65536'],
    ['--metrics-port=', 'metrics-port', ''],
    ['--metrics-host=', 'metrics-host', ''],
    ['--url=', 'url', ''],
    ['--url=http://x', 'url', 'http://x'],
  ];

  it.each(RULES)('sink nats and sink redis %s is told as %s of "%s"', async (arg, field, given) => {
    await expectUsage(['sink', 'nats', ...LONELY, arg], field, given);
    await expectUsage(['sink', 'redis', ...LONELY, arg], field, given);
  });

  it.each([
    ['--stream=a b', 'stream', 'a b'],
    ['--stream=', 'stream', ''],
    ['--subject=a..b', 'subject', 'a..b'],
    ['--subject=prices.*', 'subject', 'prices.*'],
    ['--url=nats://a,nats://b/x', 'url', 'nats://b/x'],
    ['--nats-creds=package.json', 'nats-creds', 'package.json'],
    ['--nats-ca=package.json', 'nats-ca', 'package.json'],
  ])('sink nats %s is told as %s of "%s"', (arg, field, given) =>
    expectUsage(['sink', 'nats', ...LONELY, arg], field, given),
  );

  it.each([
    ['--max-length=0', 'max-length', '0'],
    ['--max-length=1.5', 'max-length', '1.5'],
    ['--stream=', 'stream', ''],
  ])('sink redis %s is told as %s of "%s"', (arg, field, given) =>
    expectUsage(['sink', 'redis', ...LONELY, arg], field, given),
  );

  it('a file that is not there is told, and a password is not', async () => {
    const creds = ['sink', 'nats', ...LONELY, '--nats-creds=nowhere.creds'];
    await expectSaid(creds, 'nats-creds "nowhere.creds" is not there');
    const redis = ['sink', 'redis', ...LONELY, '--url=redis://me:secret@/'];
    await expectUsage(redis, 'url', 'redis://***@/');
    const fromEnvironment = { TICKWELL_SINK_URL: 'http://y' };
    await expectUsage(['sink', 'nats', ...LONELY], 'url', 'http://y', fromEnvironment);
    const misspelt = await cli.run(['sink', 'nats', ...LONELY], { TICKWELL_SINK_URI: 'x' });
    expect(misspelt.stderr).toContain('did you mean "TICKWELL_SINK_URL"?');
  });

  it('a port for metrics that another has is told', async () => {
    const args = ['sink', 'redis', ...LONELY, '--metrics-host=localhost'];
    const says = `metrics-port ${takenPort} is already in use`;
    await expectSaid([...args, `--metrics-port=${takenPort}`], says);
  });

  it('no stream is told', async () => {
    const { code, stderr } = await cli.run(['sink', 'nats']);
    expect([code, stderr]).toEqual([2, expect.stringContaining("'--stream <name>' not specified")]);
  });
});

describe('profiles of faults', () => {
  it('are refused by name if their file is not there, or is no such file', async () => {
    const serve = ['serve', '--port=0', '--count=1', '--capacity=1'];
    await expectSaid([...serve, '--faults=nowhere.json'], 'faults "nowhere.json" is not there');
    const { code, stderr } = await cli.run([...serve, '--faults=package.json']);
    expect(stderr).toMatch(/^tickwell: faults must be profiles by name; package\.json: .+\n$/);
    expect(code).toBe(2);
  });
});

describe('a time that was given in seconds', () => {
  it.each([
    ['from', ['--from=1769860800', '--to=2026-02-02']],
    ['to', ['--from=2026-02-01', '--to=1769860800']],
  ])('is told so: --%s', async (field, range) => {
    const { code, stderr } = await cli.run(['generate', '--count=1', ...range]);
    const rule = 'must be in milliseconds, not in seconds, such as 1769860800000';
    expect(stderr).toBe(`tickwell: ${field} ${rule}; given: 1769860800\n`);
    expect(code).toBe(2);
  });
});

describe('variables that Kubernetes sets for a service of the name tickwell', () => {
  const ADDRESS = 'tcp://10.0.0.1:8080';
  const LINKS = {
    TICKWELL_SERVICE_HOST: '10.0.0.1',
    TICKWELL_SERVICE_PORT: '8080',
    TICKWELL_SERVICE_PORT_HTTP: '8080',
    TICKWELL_PORT_8080_TCP: ADDRESS,
    TICKWELL_PORT_8080_TCP_PROTO: 'tcp',
    TICKWELL_PORT_8080_TCP_PORT: '8080',
    TICKWELL_PORT_8080_TCP_ADDR: '10.0.0.1',
    TICKWELL_FEED_PORT: ADDRESS,
  };

  it('are let be, but for TICKWELL_PORT, which is told', async () => {
    const byDefault = await cli.run(['market', '--count=1']);
    expect(await cli.run(['market', '--count=1'], LINKS)).toEqual(byDefault);
    expect(byDefault).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await cli.run(['serve'], { ...LINKS, TICKWELL_PORT: ADDRESS });
    expect(stderr).toMatch(/^tickwell: port must be .*Kubernetes sets TICKWELL_PORT .*--port.*\n$/);
    expect(stderr.trimEnd().endsWith(`; given: ${ADDRESS}`)).toBe(true);
    expect(code).toBe(2);
  });

  it('are not alone: another that begins like ours is said to count for nothing', async () => {
    const { code, stderr } = await cli.run(['market', '--count=1'], { TICKWELL_IMAGE: 'x' });
    const says = 'unknown variable "TICKWELL_IMAGE" counts for nothing; --help names those that do';
    expect(stderr).toBe(`tickwell: ${says}\n`);
    expect(code).toBe(0);
  });
});

describe('a wrong command line', () => {
  const RANGE = ['--from=2026-01-01', '--to=2026-01-02'];
  const LEVELS = 'trace, debug, info, warn, error, silent';
  const VARIABLE = 'variable "TICKWELL_SEEED"; did you mean "TICKWELL_SEED"?';

  it.each<[readonly string[], RegExp, Readonly<Record<string, string>>?]>([
    [['--frob'], /unknown option '--frob'/],
    [['serve', '--frob=1'], /unknown option '--frob/],
    [['generate', '--from=1', '--to=2', '--frob'], /unknown option '--frob'/],
    [['market', '--port=1'], /unknown option '--port/],
    [['frobnicate'], /^error: unknown command "frobnicate"; see tickwell --help\n$/],
    [['serv'], /^error: unknown command "serv"; did you mean "serve"\?\n$/],
    [['help', 'frob'], /^error: unknown command "frob"; see tickwell --help\n$/],
    [['help', 'serv'], /^error: unknown command "serv"; did you mean "serve"\?\n$/],
    [['market', 'frob'], /too many arguments/],
    [['generate', 'frob', '--from=1', '--to=2'], /too many arguments/],
    [['market', '--seed'], /--seed <number>' argument missing/],
    [['market', '--config'], /--config <file>' argument missing/],
    [['--port'], /--port <number>' argument missing/],
    [['generate'], /required option '--from <time>' not specified/],
    [['generate', '--from=2026-01-01'], /required option '--to <time>' not specified/],
    [['market', '--sede=1'], /unknown option '--sede=1'\n\(Did you mean --seed\?\)/],
  ])('%j is told in a sentence and ends with 2', async (args, says, env = {}) => {
    const { code, stdout, stderr } = await cli.run(args, env);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^error: /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it.each<[readonly string[], string, Readonly<Record<string, string>>?]>([
    [['generate', ...RANGE, '--format=cvs'], 'format "cvs"; did you mean "csv"?'],
    [
      ['generate', ...RANGE, '--format=xml'],
      'format "xml"; there are csv, ndjson, json, arrow, parquet',
    ],
    [['generate', ...RANGE, '--format='], 'format ""; there are csv, ndjson, json, arrow, parquet'],
    [
      ['generate', ...RANGE, '--prices=decimals'],
      'notation of prices "decimals"; did you mean "decimal"?',
    ],
    [['generate', ...RANGE, '--time=x'], 'notation of time "x"; there are ms, iso'],
    [['realism', '--format=htm'], 'format "htm"; did you mean "html"?'],
    [['market', '--format=xml'], 'format "xml"; there are yaml, json, names'],
    [['--log-level=wran'], 'log level "wran"; did you mean "warn"?'],
    [[], `log level "loud"; there are ${LEVELS}`, { TICKWELL_LOG_LEVEL: 'loud' }],
    [['market', '--model=gmb'], 'model "gmb" of defaults; did you mean "gbm"?'],
    [['market', '--preset=crypt'], 'preset "crypt"; did you mean "crypto"?'],
    [['market', '--dtype=unit16'], 'dtype "unit16"; did you mean "uint16"?'],
    [['serve', '--limit=maxConnection=5'], 'limit "maxConnection"; did you mean "maxConnections"?'],
    [
      ['generate', ...RANGE, '--symbols=TICKER_01'],
      'symbol "TICKER_01"; did you mean "ticker_01"?',
    ],
    [['generate', ...RANGE, '--fields=bids'], 'field "bids" of rows; did you mean "bid"?'],
    [
      ['generate', ...RANGE, '--resolution=1M'],
      'unit "M" of resolution; did you mean "1mo" or "1m"?',
    ],
    [['market'], VARIABLE, { TICKWELL_SEEED: '1' }],
    [['realism', '--rows=1000'], VARIABLE, { TICKWELL_SEEED: '1' }],
  ])('%j names what was meant, or what there is: unknown %s', async (args, says, env = {}) => {
    const run = await cli.run(args, env);
    expect(run).toEqual({ code: 2, stdout: '', stderr: `tickwell: unknown ${says}\n` });
  });

  it('with an option twice counts the last, as programs do', async () => {
    const twice = await cli.run(['market', '--count=1', '--seed=1', '--seed=2']);
    const once = await cli.run(['market', '--count=1', '--seed=2']);
    expect(twice).toEqual(once);
    expect(once.code).toBe(0);
  });
});

describe('a market file', () => {
  it.each<[title: string, text: string, says: RegExp]>([
    ['of broken YAML', 'seed: [1', /^config must be YAML or JSON; .*: \S.* at line 1/],
    ['of broken JSON', '{"seed": 1,, }', /^config must be YAML or JSON; /],
    [
      'with two documents',
      'seed: 1\n---\nseed: 2\n',
      /^config must be YAML or JSON; .*multiple doc/,
    ],
    [
      'with a repeated key',
      'seed: 1\nseed: 2\n',
      /^config must be .*keys must be unique at line 2/,
    ],
    ['with a repeated key in JSON', '{"seed": 1, "seed": 2}', /^config must be .*must be unique/],
    [
      'with a repeated key deep inside',
      'instruments:\n  - {symbol: A, drift: 1, drift: 2}\n',
      /^config must be .*must be unique at line 2/,
    ],
    [
      'with an alias of nothing',
      'seed: *a\n',
      /^config must be YAML or JSON; .*[Uu]nresolved alias/,
    ],
    ['that holds itself', 'seed: &a [*a]\n', /^config must be YAML or JSON; .*circular/],
    [
      'that grows without end',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
        .split('')
        .map((k, n) => `${k}: &${k} [${`*${'abcdefg'[n]}, `.repeat(9)}]`)
        .join('\n')}\n`,
      /^config must be YAML or JSON; .*[Ee]xcessive alias/,
    ],
    ['that is a list', '- seed: 1\n', /^config must hold named fields; given: /],
    ['that is text', 'hello\n', /^config must hold named fields; given: /],
    ['that is a number', '5\n', /^config must hold named fields; given: /],
    ['of zeros', '\0\0\0\0', /^config must /],
    ['with an unknown field', 'sede: 1\n', /^unknown field "sede"; did you mean "seed"\?$/],
    ['with a field of no name', '"": 1\n', /^unknown field ""; there are preset, /],
    ['with __proto__', '__proto__: {seed: 5}\n', /^unknown field "__proto__"; there are /],
    ['with a seed of text', 'seed: one\n', /^seed must be a whole number .*; given: one$/],
    ['with no number', 'seed: .nan\n', /^seed must be a whole number .*; given: NaN$/],
    ['with infinity', 'interval: .inf\n', /^interval must be .*; given: Infinity$/],
    ['with an empty field', 'count:\n', /^count must be a whole number .*; given: null$/],
    ['with defaults of text', 'defaults: gbm\n', /^defaults must be .*; given: gbm$/],
  ])('%s is told in one sentence', (_, text, says) => {
    const file = join(folder, 'market.yaml');
    writeFileSync(file, text);
    for (const options of [{ config: file }, { config: file, model: 'gbm' }]) {
      const lines = problemsOf(options);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(says);
      expect(lines[0]).not.toContain('\n');
    }
  });

  const parameters = [
    ...Object.keys(parametersOf('market')).filter((name) => name !== 'calendar'),
    ...['spreadTicks', 'tradesPerDay', 'lotsPerTrade'],
  ];
  it.each(parameters)('with a wrong %s is told so, also with two of them', (name) => {
    const file = join(folder, 'parameter.yaml');
    const told = (said: string) => {
      writeFileSync(file, `count: 2\ndefaults:\n  model: market\n${said}`);
      return problemsOf({ config: file });
    };
    for (const [text, given] of [
      ...[
        ['much', 'much'],
        ['"1"', '1'],
        ['-1e9', '-1000000000'],
        ['1e300', '1e+300'],
      ],
      ...[
        ['.inf', 'Infinity'],
        ['.nan', 'NaN'],
        ['', 'null'],
        ['[0.5]', '[0.5]'],
        ['{}', '{}'],
      ],
    ] as const) {
      const lines = told(`  ${name}: ${text}\n`);
      expect(lines, text).toHaveLength(1);
      expectSentence(lines[0]!, `defaults.${name}`, given);
    }
    expect(told(`  ${name}: 1\n  ${name}: 1\n`)).toEqual([
      expect.stringMatching(/^config must be .*keys must be unique at line 5/),
    ]);
  });

  it('with a wrong calendar is told so, also with two of them', () => {
    const file = join(folder, 'calendar.yaml');
    const told = (said: string) => {
      writeFileSync(file, `defaults:\n  model: market\n${said}`);
      return problemsOf({ config: file });
    };
    const names = 'always, fx-week, new-york, frankfurt, london, tokyo';
    const unknown = `unknown calendar "paris" of defaults; there are ${names}`;
    expect(told('  calendar: paris\n')).toEqual([unknown]);
    const rule = `defaults.calendar must be one of ${names}, or a set of named fields; given: `;
    for (const [text, given] of [
      ['7', '7'],
      ['', 'null'],
      ['[always]', '["always"]'],
    ]) {
      expect(told(`  calendar: ${text}\n`)).toEqual([rule + given]);
    }
    expect(told('  calendar: always\n  calendar: always\n')).toEqual([
      expect.stringMatching(/^config must be .*keys must be unique at line 4/),
    ]);
  });

  it('that is wrong is told alike by every command', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'seed: one\n');
    await expectUsage(['market', '-c', file], 'seed', 'one');
    await expectUsage(['--port=0', '-c', file], 'seed', 'one');
    await expectUsage(['generate', '-c', file, '--from=2026-01-01', '--to=now'], 'seed', 'one');
    writeFileSync(file, 'seed: [1');
    const { code, stdout, stderr } = await cli.run(['market', '-c', file]);
    expect(stderr).toMatch(/^tickwell: config must be YAML or JSON; [^\n]+\n$/);
    expect([stdout, code]).toEqual(['', 2]);
  });

  it('that is not there, or a folder, is told with its name', async () => {
    const nowhere = join(folder, 'nothing.yaml');
    const file = join(folder, 'file.yaml');
    writeFileSync(file, '');
    await expectSaid(['market', '-c', nowhere], `config "${nowhere}" is not there`);
    await expectSaid(['market'], `config "${nowhere}" is not there`, { TICKWELL_CONFIG: nowhere });
    await expectSaid(['market', '-c', folder], `config "${folder}" is a folder, not a file`);
    const below = `config "${file}/x" is not there: a part of its path is no folder`;
    await expectSaid(['market', '-c', `${file}/x`], below);
    await expectSaid(['market', '-c='], 'config "=" is not there');
    await expectUsage(['market', '--config='], 'config', '');
  });

  it('with many problems is told 20 of them and how many more there are', async () => {
    const file = join(folder, 'many.yaml');
    writeFileSync(file, `instruments: [${'A B, '.repeat(50)}]`);
    const { code, stderr } = await cli.run(['market', '-c', file]);
    const lines = linesOf(stderr);
    expect(lines).toHaveLength(21);
    expect(lines[0]).toMatch(/^tickwell: instruments\[0\]\.symbol must be .*; given: A B$/);
    expect(lines[20]).toMatch(/and \d+ more problems$/);
    expect(code).toBe(2);
  });

  it('with instruments cannot stand beside --count or --pattern', async () => {
    const file = join(folder, 'listed.yaml');
    writeFileSync(file, 'instruments: [A, B]\n');
    await expectUsage(['market', '-c', file, '--count=3'], 'count', '3');
    await expectUsage(['market', '-c', file, '--pattern=x{}'], 'pattern', 'x{}');
    await expectUsage(['market', '-c', file], 'count', '3', { TICKWELL_COUNT: '3' });
  });

  it.each([
    ['YAML', 'seed: 5\ncount: 2\norigin: 2026-02-01\n'],
    ['JSON', '{"seed": 5, "count": 2, "origin": "2026-02-01"}'],
    ['JSON with tabs', '{\n\t"seed": 5,\n\t"count": 2,\n\t"origin": "2026-02-01"\n}\n'],
    ['YAML that begins with a byte order mark', '\ufeffseed: 5\ncount: 2\norigin: 2026-02-01\n'],
    ['YAML with Windows line ends', 'seed: 5\r\ncount: 2\r\norigin: 2026-02-01\r\n'],
    ['YAML with an alias', 'seed: &n 5\ncount: 2\norigin: &o 2026-02-01\n'],
  ])('of %s is read', async (_, text) => {
    const file = join(folder, 'good');
    writeFileSync(file, text);
    const run = await cli.run(['market', '-c', file, '--format=json']);
    const options = ['--seed=5', '--count=2', '--origin=2026-02-01', '--format=json'];
    expect(run).toEqual(await cli.run(['market', ...options]));
    expect(run.code).toBe(0);
  });

  it('gives way to the environment, and that to the options', async () => {
    const file = join(folder, 'order.yaml');
    writeFileSync(file, 'seed: 1\ninterval: 2s\ncapacity: 30\ncount: 1\n');
    const env = { TICKWELL_CONFIG: file, TICKWELL_SEED: '2', TICKWELL_INTERVAL: '5s' };
    const { stdout } = await cli.run(['market', '--seed=3', '--format=json'], env);
    expect(JSON.parse(stdout).spec).toMatchObject({ seed: 3, interval: 5000, capacity: 30 });
  });

  it('that is empty is the default market', async () => {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, '# nothing\n');
    expect(await cli.run(['market', '-c', file])).toEqual(await cli.run(['market']));
  });

  it('as market prints it is the same market again', async () => {
    const file = join(folder, 'again');
    for (const format of ['yaml', 'json']) {
      const first = await cli.run(['market', '--count=4', '--model=gbm', `--format=${format}`]);
      const { stdout } = first;
      writeFileSync(file, format === 'yaml' ? stdout : JSON.stringify(JSON.parse(stdout).spec));
      expect(await cli.run(['market', '-c', file, `--format=${format}`])).toEqual(first);
    }
  });
});
