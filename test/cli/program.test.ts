import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { CliThread, type Run, runCli, spawnCli } from '../helpers/cli.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';
import { TestSocket } from '../helpers/socket.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the program as a process', () => {
  it.each<[readonly string[], string]>([
    [['market', '--seed', 'x'], 'tickwell: seed must be '],
    [['--frob'], "error: unknown option '--frob'"],
  ])(
    'ends with 2 for %j, one sentence on standard error, nothing on standard output',
    async (args, begins) => {
      const { code, stdout, stderr } = await runCli(args);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.startsWith(begins)).toBe(true);
      expect(stderr.trimEnd()).not.toContain('\n');
    },
  );

  it('ends with 0 for --version and --help', async () => {
    const [version, help] = await Promise.all([runCli(['--version']), runCli(['--help'])]);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['serve', 'generate', 'market']) expect(help.stdout).toContain(command);
  });

  it('loads no server for what serves nothing, and no parser for what reads no market', async () => {
    const packages = async (...args: string[]) => {
      // What a process has loaded of CommonJS, which Fastify and YAML are, said at its end.
      const tells = `import { createRequire } from 'node:module';
        const { cache } = createRequire('file:///');
        process.on('exit', () => console.error(Object.keys(cache).join()));`;
      const preload = `--import=data:text/javascript,${encodeURIComponent(tells)}`;
      const { code, stderr } = await runCli(args, { NODE_OPTIONS: preload });
      expect(code).toBe(0);
      return ['commander', 'yaml', 'fastify', 'pino', 'ws'].filter((name) =>
        stderr.includes(`${sep}node_modules${sep}${name}${sep}`),
      );
    };
    const day = ['--from=2026-01-01', '--to=2026-01-01T00:00:05Z'];
    expect(await packages('--version')).toEqual(['commander']);
    expect(await packages('serve', '--help')).toEqual(['commander']);
    expect(await packages('market')).toEqual(['commander', 'yaml']);
    expect(await packages('generate', ...day)).toEqual(['commander', 'yaml']);
  });

  it('ends with 2 where another program listens, and leaves nothing that runs', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const serve = ['--host=127.0.0.1', `--port=${port}`, '--count=2', '--capacity=10'];
      const { code, stdout, stderr } = await runCli(serve);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toBe(`tickwell: port ${port} is already in use\n`);
    } finally {
      other.close();
    }
  });

  it('prints what instruments are called in other protocols', async () => {
    const file = join(folder, 'named.yaml');
    writeFileSync(
      file,
      JSON.stringify({
        instruments: [
          { symbol: 'ORBX', names: { binance: 'BTCUSDT' } },
          { symbol: 'AUR/VEL', quote: 'VEL' },
          { symbol: 'NIMBO', assetClass: 'stock' },
          { symbol: 'x' },
          { symbol: 'X' },
        ],
      }),
    );
    const table = await runCli(['market', '-c', file, '--format', 'names']);
    expect(table.stderr).toBe(
      'tickwell: instruments[4] "X" must be given names of its own to be listed in binance, udf, ' +
        'deriv, alpaca\n',
    );
    const rows = table.stdout.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/ +/))).toEqual([
      ['symbol', 'class', 'quote', 'binance', 'udf', 'deriv', 'alpaca'],
      ['ORBX', 'crypto', 'USDT', 'BTCUSDT', 'ORBXUSDT', 'ORBXUSDT', 'ORBX/USDT'],
      ['AUR/VEL', 'crypto', 'VEL', 'AURVEL', 'AURVEL', 'AURVEL', 'AUR/VEL'],
      ['NIMBO', 'stock', 'USDT', 'NIMBOUSDT', 'NIMBO', 'NIMBOUSDT', 'NIMBO'],
      ['x', 'crypto', 'USDT', 'XUSDT', 'XUSDT', 'XUSDT', 'X/USDT'],
      ['X', 'crypto', 'USDT', '-', '-', '-', '-'],
    ]);
    const json = await runCli(['market', '-c', file, '--format', 'json']);
    const { names } = JSON.parse(json.stdout);
    expect(names.ORBX).toEqual({
      ...{ binance: 'BTCUSDT', udf: 'ORBXUSDT', deriv: 'ORBXUSDT', alpaca: 'ORBX/USDT' },
    });
    rmSync(file);
    expect(names.X).toEqual({ binance: null, udf: null, deriv: null, alpaca: null });
  });

  it('ends with 0 when a reader of a market has seen enough', async () => {
    const child = spawnCli(['market', '--preset', 'stress']);
    const ended = once(child, 'exit');
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toEqual([0, null]);
    expect(stderr).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves until %s, then says bye and ends with 0',
    async (signal) => {
      const child = spawnCli([
        '--port=0',
        '--host=127.0.0.1',
        '--count=2',
        '--capacity=10',
        '--interval=20',
      ]);
      const ended = once(child, 'close');
      const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
      const url = /^Tickwell serves 2 instruments, a row every 20ms, on (http:\S+)\n/.exec(
        line,
      )?.[1];
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

      // It listens before it can serve.
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
      const socket = new TestSocket(`${url!.replace('http', 'ws')}/v1/stream`);
      await socket.next('hello');
      await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since: 'now' }, 'subscribed');
      const rows = await socket.next('rows');
      child.kill(signal);
      let message = await socket.next();
      for (
        let { until } = rows;
        message.type === 'rows';
        { until } = message, message = await socket.next()
      ) {
        expect(message.since).toBe(until);
      }
      expect(message).toMatchObject({ type: 'bye', code: 4000 });
      expect((await socket.closed).code).toBe(4000);
      expect((await ended)[0]).toBe(0);
    },
  );
});

describe('generate', () => {
  const cli = new CliThread();
  afterAll(() => cli.end());

  const SPEC = { seed: 4, count: 2, origin: '2026-01-01', interval: '1s' };
  const OPTIONS = ['--seed=4', '--count=2'];
  const market = marketOf(SPEC);
  const columns = [0, 1].map((column) => pricesOf(market, column, 60, 65));
  const origin = market.grid.originMs;
  const RANGE = ['--from=2026-01-01T00:01:00Z', '--to=2026-01-01T00:01:05Z'];

  /** The first block of a column. */
  function tradesOf(column: number) {
    const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
    market.fillTrades(trades, column, 0);
    return trades;
  }

  it('writes the rows of the market as CSV, JSON lines and JSON', async () => {
    const runs: Run[] = [];
    for (const format of ['csv', 'ndjson', 'json']) {
      runs.push(await cli.run(['generate', ...OPTIONS, ...RANGE, `--format=${format}`]));
    }
    for (const { code, stderr } of runs) expect([code, stderr]).toEqual([0, '']);
    const [csv, ndjson, json] = runs.map(({ stdout }) => stdout);
    const times = [60, 61, 62, 63, 64].map((index) => origin + index * 1000);
    expect(csv.split('\n')).toEqual([
      'time,ticker_0,ticker_1',
      ...times.map((time, n) => `${time},${columns[0][n]},${columns[1][n]}`),
      '',
    ]);
    const records = times.map((time, n) => ({
      time,
      prices: { ticker_0: columns[0][n], ticker_1: columns[1][n] },
    }));
    expect(
      ndjson
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(records);
    expect(JSON.parse(json)).toEqual(records);
  });

  it('writes decimals where they are asked for, and candles where a resolution is', async () => {
    const args = ['generate', ...OPTIONS, ...RANGE, '--symbols=ticker_1'];
    const rows = await cli.run([...args, '--prices=decimal']);
    const candles = await cli.run([...args, '--resolution=5s']);
    const prices = rows.stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[1]);
    expect(prices).toEqual(columns[1].map((ticks) => (ticks / 100).toFixed(2)));
    const [open, high, low, close] = [
      columns[1][0],
      Math.max(...columns[1]),
      Math.min(...columns[1]),
      columns[1][4],
    ];
    expect(candles.stdout).toBe(
      'symbol,time,open,high,low,close\n' +
        `ticker_1,${origin + 60_000},${open},${high},${low},${close}\n`,
    );
  });

  it('writes records that are longer than what is written at a time', async () => {
    const args = [
      'generate',
      '--seed=4',
      '--count=3000',
      '--from=2026-01-01',
      '--to=2026-01-01T00:00:03Z',
    ];
    const [ndjson, json] = [
      await cli.run([...args, '--format=ndjson']),
      await cli.run([...args, '--format=json']),
    ];
    const lines = ndjson.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(json.stdout).toBe(`[\n${lines.join(',\n')}\n]\n`);
  });

  it('writes the fields that are named, in their order, and no others', async () => {
    const args = ['generate', ...OPTIONS, ...RANGE, '--fields=volume,last,ask'];
    const runs: Run[] = [];
    for (const format of ['csv', 'ndjson', 'json']) {
      runs.push(await cli.run([...args, `--format=${format}`]));
    }
    for (const { code, stderr } of runs) expect([code, stderr]).toEqual([0, '']);
    const [csv, ndjson, json] = runs.map(({ stdout }) => stdout);
    const trades = [0, 1].map((column) => tradesOf(column));
    const of = (column: number, n: number) => {
      const { volume, ask } = trades[column];
      return [volume[60 + n], columns[column][n], ask[60 + n]];
    };
    const names = ['volume', 'last', 'ask'];
    const lines = csv.trimEnd().split('\n');
    expect(lines[0]).toBe(
      `time,${['ticker_0', 'ticker_1'].flatMap((s) => names.map((name) => `${s}.${name}`))}`,
    );
    const records = [0, 1, 2, 3, 4].map((n) => {
      const both = (f: number) => ({ ticker_0: of(0, n)[f], ticker_1: of(1, n)[f] });
      const values = names.map((name, f) => [name, both(f)]);
      return { time: origin + (60 + n) * 1000, ...Object.fromEntries(values) };
    });
    expect(lines.slice(1)).toEqual(records.map(({ time }, n) => `${[time, of(0, n), of(1, n)]}`));
    const parsed = ndjson.trimEnd().split('\n');
    expect(parsed.map((line) => JSON.parse(line))).toEqual(records);
    expect(JSON.parse(json)).toEqual(records);
  });

  it('writes decimals of prices alone, and last alone as ever', async () => {
    const args = ['generate', ...OPTIONS, ...RANGE, '--symbols=ticker_1', '--prices=decimal'];
    const { stdout } = await cli.run([...args, '--fields=bid,volume']);
    const { bid, volume } = tradesOf(1);
    const [, first] = stdout.split('\n');
    expect(first).toBe(`${origin + 60_000},${(bid[60] / 100).toFixed(2)},${volume[60]}`);
    const [byDefault, named] = [await cli.run(args), await cli.run([...args, '--fields=last'])];
    expect(named.stdout).toBe(byDefault.stdout);
  });

  it('writes what was traded in candles', async () => {
    const args = ['generate', ...OPTIONS, ...RANGE, '--resolution=5s', '--fields=trades,volume'];
    const [csv, ndjson] = [await cli.run(args), await cli.run([...args, '--format=ndjson'])];
    const lines = csv.stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('symbol,time,open,high,low,close,trades,volume');
    const records = ndjson.stdout.trimEnd().split('\n');
    for (const column of [0, 1]) {
      const { trades, volume } = tradesOf(column);
      const [count, lots] = [trades, volume].map((list) =>
        list.subarray(60, 65).reduce((sum, value) => sum + value, 0),
      );
      expect(lines[column + 1].split(',').slice(-2)).toEqual([`${count}`, `${lots}`]);
      expect(JSON.parse(records[column])).toMatchObject({ trades: count, volume: lots });
    }
  });

  // A market whose rows stand 300 ms after whole seconds; and what is said of the first and the last candle.
  it.each<[string, string, number[], (string | undefined)?, string?]>([
    ['00:00:00.300', '00:03:00', [0, 1, 2], undefined],
    ['00:00:00.300', '00:02:59', [0, 1], '00:02:00'],
    // Its last row is the one at 59.3 s.
    ['00:00:00.300', '00:02:59.500', [0, 1, 2], undefined],
    ['00:00:30', '00:03:00', [1, 2], undefined, '00:00:00'],
    ['00:01:00', '00:03:00', [1, 2], undefined],
    ['00:01:00.301', '00:03:00.001', [2], undefined, '00:01:00'],
    ['00:01:00', '00:03:00.301', [1, 2], '00:03:00'],
    ['00:01:30', '00:03:30', [2], '00:03:00', '00:01:00'],
  ])('writes the candles that are whole from %s to %s', async (from, to, minutes, left, cut) => {
    const at = (text: string) => `2026-01-01T${text}Z`;
    const args = [`--origin=${at('00:00:00.300')}`, ...OPTIONS, '--symbols=ticker_1'];
    const range = [`--from=${at(from)}`, `--to=${at(to)}`];
    const { code, stdout, stderr } = await cli.run([
      'generate',
      ...args,
      ...range,
      '--resolution=1m',
    ]);
    const shifted = marketOf({ ...SPEC, origin: at('00:00:00.300') });
    const lines = minutes.map((minute) => {
      const prices = pricesOf(shifted, 1, 60 * minute, 60 * (minute + 1));
      const [open, close] = [prices[0], prices[59]];
      const time = origin + minute * 60_000;
      return `ticker_1,${time},${open},${Math.max(...prices)},${Math.min(...prices)},${close}`;
    });
    expect([code, stdout]).toEqual([
      0,
      `${['symbol,time,open,high,low,close', ...lines].join('\n')}\n`,
    ]);
    const said = [
      ...(cut === undefined ? [] : [`${at(cut)} begins before --from`]),
      ...(left === undefined ? [] : [`${at(left)} is not over at --to`]),
    ].map((what) => `tickwell: the candle of ${what}, and is left out\n`);
    expect(stderr).toBe(said.join(''));
  });

  it('looks no further than --to, or than now', async () => {
    // Of a year that has no end yet, and of a day that has none.
    for (const to of ['now', '2026-01-01T23:59:59Z']) {
      const args = [
        '--from=2026-01-01',
        `--to=${to}`,
        `--resolution=${to === 'now' ? '520w' : '1d'}`,
      ];
      const { code, stdout, stderr } = await cli.run(['generate', ...OPTIONS, ...args]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /^tickwell: to must leave room for a whole candle, of which the first ends at \S+Z; given: \S+\n$/,
      );
      expect(stderr.trimEnd().endsWith(`given: ${to}`)).toBe(true);
    }
  });

  it('leaves the whole file, and nothing beside it', async () => {
    const file = join(folder, 'rows.csv');
    const { code, stdout } = await cli.run(['generate', ...OPTIONS, ...RANGE, '-o', file]);
    expect([code, stdout]).toEqual([0, '']);
    expect(readdirSync(folder)).toEqual(['rows.csv']);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(7);
  });

  it('ends well when its reader has seen enough', async () => {
    const child = spawnCli(['generate', '--from=2026-01-01', '--to=2026-02-01']);
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect((await ended)[0]).toBe(0);
  });
});
