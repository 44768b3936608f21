import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  checkSpec,
  Feed,
  foldCandles,
  History,
  Market,
  newCandles,
  parseResolution,
} from '../../src/index.ts';
import { startServer } from '../../src/server/server.ts';
import { marketOf } from '../helpers/market.ts';

const market = marketOf({ count: 2, capacity: 100 });
const loop: { self?: unknown } = {};
loop.self = loop;

// biome-ignore lint/suspicious/noExplicitAny: programs that no compiler has seen.
const start = startServer as (options: any) => Promise<unknown>;

describe('an option of startServer', () => {
  it.each([
    [null, 'the options must be an object; given: null'],
    [[], 'the options must be an object; given: []'],
    [undefined, 'market is missing: it must be a Market, such as new Market(check.spec) of what'],
    [{}, 'market is missing: it must be a Market, such as new Market(check.spec) of what'],
    [{ prot: 0 }, 'unknown option "prot"; did you mean "port"?'],
    [{ constructor: 1 }, 'unknown option "constructor"'],
    [{ market: { seed: 7 } }, 'market must be a Market, such as new Market(check.spec) of what'],
    [{ market: checkSpec({}) }, 'market must be a Market'],
    [{ market: loop }, 'market must be a Market'],
    [{ port: '8080' }, 'port must be a whole number from 0 to 65535; given: "8080"'],
    [{ port: 65_536 }, 'port must be a whole number from 0 to 65535; given: 65536'],
    [{ port: Number.NaN }, 'port must be a whole number from 0 to 65535; given: NaN'],
    [{ host: '' }, 'host must be a name or an address, such as localhost or 0.0.0.0; given: ""'],
    [{ host: 7 }, 'host must be a name or an address'],
    [{ logger: {} }, 'logger must be a logger of pino'],
    [{ logger: () => {} }, 'logger must be a logger of pino'],
    [{ addresses: [] }, 'addresses must be a list of one address or more; given: []'],
    [{ clock: { nowMs: Date.now } }, 'clock must have nowMs() and steadyMs()'],
    [{ limits: 5 }, 'limits must be numbers by name; given: 5'],
    [
      { market, limits: { maxConections: 5 } },
      'unknown limit "maxConections"; did you mean "maxConnections"?',
    ],
    [
      { market, limits: { maxConnections: '5' } },
      'limit maxConnections must be a whole number from 1 to 2147483647; given: "5"',
    ],
    [{ cacheMb: -1 }, 'cacheMb must be a whole number from 0 to 65536; given: -1'],
    [{ protocols: [] }, 'protocols must be a list of one or more of tickwell,'],
    [{ protocols: ['udff'] }, 'protocols must be a list of one or more of tickwell,'],
    [{ protocols: 'udf' }, 'protocols must be a list of one or more of tickwell,'],
    [
      { peers: 2 },
      'peers must have join(), filled(), read(), direct() and shareCandles(); given: 2',
    ],
    [{ nats: 'nats://localhost' }, 'nats must be {servers}, with what else is needed to come in;'],
    [
      { market, nats: {} },
      'nats.servers is missing: it must be addresses such as nats://localhost',
    ],
    [
      { market, nats: { servers: 'a' } },
      'nats.servers must be addresses such as nats://localhost:',
    ],
    [
      { market, nats: { servers: ['nats://a'], lead: 5 } },
      'nats.lead must be left out: there is no such option; given: 5',
    ],
    [
      { market, nats: { servers: ['nats://a'], leadMs: 5 } },
      'nats.leadMs must be from 1500 to 60000 milliseconds; given: 5',
    ],
    [
      { market, nats: { servers: ['nats://a'], replicas: 2 } },
      'nats.replicas must be 1, 3 or 5; given: 2',
    ],
    [
      { market, log: 'x', nats: { servers: ['nats://a'] } },
      'log must be left out where nats is given; given: "x"',
    ],
    [{ listensWhenReady: 1 }, 'listensWhenReady must be true or false; given: 1'],
    [{ allowedHosts: 'example.com' }, 'allowedHosts must be a list of texts; given: "example.com"'],
    [{ market, allowedOrigins: ['example.com'] }, 'allowedOrigins must be a scheme and a host'],
    [{ market, allowedHosts: ['a b'] }, 'allowedHosts must be a name without a port'],
    [{ market, trustedProxies: ['x'] }, 'trustedProxies must be an address or a network'],
    [
      { optionNames: { allowedHosts: '--allow-host' } },
      'optionNames must be texts for allowedHosts',
    ],
    [{ trustedProxies: [10] }, 'trustedProxies must be a list of texts; given: [10]'],
  ])('that is wrong is told in one sentence: %j', async (options, sentence) => {
    const error = await start(options).catch((error: unknown) => error);
    expect(error).toSatisfy((it) => it instanceof TypeError || it instanceof RangeError);
    expect((error as Error).message).toContain(sentence);
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('a server that cannot listen', () => {
  it.each([
    ['its port is taken', {}, 'EADDRINUSE', (port: number) => `port ${port} is already in use`],
    [
      'its host is of another machine',
      { host: '192.0.2.1' },
      'EADDRNOTAVAIL',
      () => 'host must be a name or address of this machine; given: 192.0.2.1',
    ],
  ] as const)('says so in one sentence: %s', async (_, options, code, sentence) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const error = await start({ market, host: '127.0.0.1', port, ...options }).catch(
      (error: unknown) => error,
    );
    other.close();
    expect(error).toMatchObject({ code, message: sentence(port) });
  });
});

describe('what else the package has', () => {
  const history = new History(market);
  const resolution = parseResolution('1h');
  const range = { fromMs: 0, toMs: 1 };
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const fold = (...all: any[]) => [...(foldCandles as any)(...all)];

  it.each<[string, () => unknown, string]>([
    [
      'Market',
      () => new Market(undefined as never),
      'spec is missing: it must be the spec of what checkSpec gives',
    ],
    [
      'Market',
      () => new Market({ seed: 7 } as never),
      'spec must be the spec of what checkSpec gives',
    ],
    ['Market', () => new Market(checkSpec({}) as never), 'spec must be the spec of what checkSpec'],
    ['Feed', () => new Feed(undefined as never), 'market is missing: it must be a Market'],
    ['Feed', () => new Feed(market.spec as never), 'market must be a Market; given: '],
    ['History', () => new History(undefined as never), 'market is missing: it must be a Market'],
    ['History', () => new History(market, 0), 'capacity must be a whole number of rows, 1 or more'],
    ['History', () => new History(market, '9' as never), 'capacity must be a whole number of rows'],
    ['foldCandles', () => fold(), 'out is missing: it must be what newCandles gives'],
    ['foldCandles', () => fold(newCandles(), market), 'history must be a History; given: '],
    [
      'foldCandles',
      () => fold(newCandles(), history, 2),
      'column must be a whole number from 0 to 1',
    ],
    ['foldCandles', () => fold(newCandles(), history, 0, '1h'), 'resolution must be what parseRes'],
    [
      'foldCandles',
      () => fold(newCandles(), history, 0, resolution),
      'range is missing: it must be two',
    ],
    [
      'foldCandles',
      () => fold(newCandles(), history, 0, resolution, {}),
      'range must be two times',
    ],
  ])('%s says what is wrong with its arguments', (_, make, sentence) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(sentence);
  });

  it('checkSpec says what is wrong, and takes nothing for the default', () => {
    expect(checkSpec(undefined)).toMatchObject({ ok: true });
    for (const wrong of [5, 'fx', [], new Date(), new Map()])
      expect(checkSpec(wrong).ok).toBe(false);
    expect(fold(newCandles(), history, 0, resolution, range)).toEqual([]);
  });
});
