import { Market } from '../core/market/market.ts';
import { checkSpec } from '../core/market/spec.ts';
import { DAY_MS } from '../core/market/time.ts';
import { type ServerOptions, startOwnServer } from '../server/server.ts';
import { TestMarket } from './test-market.ts';

/** Rows held in memory, unless it is said: few are made in no time. */
const CAPACITY = 1000;

export interface TestMarketOptions
  extends Pick<ServerOptions, 'limits' | 'logger' | 'log' | 'port' | 'protocols'> {
  /** The name of a market to begin with, such as `equities`. */
  readonly preset?: string;
  /** What a market file says, beside. Default: the market of `tickwell serve`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Instead of both: a market that is made already. */
  readonly market?: Market;
  /** The market's time, in milliseconds or as RFC 3339 text. Default: a day after its origin. */
  readonly at?: number | string;
}

/**
 * A market on a real server, at a free port of this machine, whose time stands still until it is
 * told to go on. Comes back when its rows are there. Throws one sentence on what is wrong.
 */
export async function startTestMarket(options: TestMarketOptions = {}): Promise<TestMarket> {
  const { preset, spec, market = marketOf(preset, spec), at, ...others } = options;
  const time = { at: at ?? market.grid.originMs + DAY_MS, isPaused: true };
  const server = await startOwnServer({
    ...{ market, time, host: '127.0.0.1', port: 0, cacheMb: 8, loadsLate: true },
    ...others,
  });
  await server.ready;
  return new TestMarket(server);
}

function marketOf(preset: string | undefined, spec: TestMarketOptions['spec'] = {}): Market {
  const named = preset === undefined ? {} : { preset };
  const check = checkSpec({ capacity: CAPACITY, ...named, ...spec });
  if (check.ok) return new Market(check.spec);
  throw new RangeError(check.problems.map(({ message }) => message).join('; '));
}
