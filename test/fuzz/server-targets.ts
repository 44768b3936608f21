import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Market } from '../../src/core/market/market.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { type AccessOptions, AccessPolicy } from '../../src/host/access/access-policy.ts';
import { networkOf } from '../../src/host/access/network.ts';
import { cuttingOf } from '../../src/protocols/tickwell/cutting.ts';
import { rowAt } from '../../src/protocols/tickwell/depth.ts';
import { namedId } from '../../src/protocols/tickwell/market-ids.ts';
import { cursorOf, endOf, timeMsOf, wholeOf } from '../../src/protocols/tickwell/requests.ts';
import { deliveryOf } from '../../src/protocols/tickwell/streams.ts';
import { columnOf, columnsOf } from '../../src/protocols/tickwell/symbols.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { anyNumber, anyText, anyValue, type Chance, mutated } from './chance.ts';
import { durationText, timeText } from './core-targets.ts';
import { must, unlessRefused } from './expect.ts';
import type { Target } from './fuzz.ts';

/** What pays for nothing. */
const free = () => {};
/** Rows of the market that requests are about. */
const HEAD = 1000;

function anyTime(market: Market, chance: Chance): unknown {
  const { originMs, intervalMs } = market.grid;
  const onGrid = originMs + (chance.below(HEAD + 500) - 100) * intervalMs;
  return chance.pick([
    onGrid,
    String(onGrid),
    onGrid + 1,
    'now',
    timeText(chance),
    anyValue(chance),
    anyNumber(chance),
    undefined,
  ]);
}

const anySymbol = (chance: Chance) => chance.pick(['ticker_0', 'ticker_1', 'ticker_2', 'nope']);

export function anySymbols(chance: Chance): unknown {
  if (chance.once(4)) return anyValue(chance);
  const list = chance.list(4, () => (chance.once(9) ? anyText(chance) : anySymbol(chance)));
  return chance.pick([list, list.join(','), '*', undefined]);
}

/** Whose wall clock cuts, or what is none. */
export function anyClock(chance: Chance): { readonly tz?: unknown; readonly offset?: unknown } {
  const zone = chance.pick(['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'UTC']);
  const tz = chance.pick([zone, mutated(chance, zone), anyText(chance), anyValue(chance)]);
  const digits = `${chance.pick(['', '-', '+', ' '])}${chance.below(30)}`;
  const hours = `${digits}${chance.pick(['h', 'h30m', 'm', ':30', ''])}`;
  const offset = chance.pick([hours, mutated(chance, hours), anyValue(chance)]);
  return chance.pick([{ tz }, { offset }, { tz, offset }]);
}

/** The functions that say what a request means; one of them a run. */
export function requestsTarget(market: Market): Target {
  const checks = [columns, column, time, cursor, row, whole, resolution, others];
  return { name: 'requests', weight: 10, run: (chance) => chance.pick(checks)(chance) };

  function columns(chance: Chance): void {
    const symbols = anySymbols(chance);
    const found = unlessRefused(() => columnsOf(market, symbols, free), symbols);
    if (found === undefined) return;
    const isSet = new Set(found).size === found.length && found.length > 0;
    must(isSet && found.every((n) => n in market.instruments), `${found} are columns`, symbols);
  }

  function column(chance: Chance): void {
    const symbol = chance.once(3) ? anySymbol(chance) : anyValue(chance);
    const found = unlessRefused(() => columnOf(market, 'symbol', symbol, free), symbol);
    if (found === undefined) return;
    must(market.instruments[found]?.symbol === symbol, 'it is its column', symbol);
  }

  function time(chance: Chance): void {
    const value = anyTime(market, chance);
    const ms = unlessRefused(() => timeMsOf('from', value), value);
    if (ms !== undefined) must(Number.isSafeInteger(ms), `${ms} is whole`, value);
  }

  function cursor(chance: Chance): void {
    const [since, until] = [anyTime(market, chance), anyTime(market, chance)];
    const found = unlessRefused(() => cursorOf(market, DEFAULT_LIMITS, HEAD, since), since);
    if (found === undefined) return;
    const isNear = Number.isInteger(found) && found >= 0 && found <= HEAD + 300;
    must(isNear, `${found} is a cursor`, since);
    const next = unlessRefused(() => endOf(market, HEAD, found, until), until);
    if (next === undefined) return;
    must(Number.isInteger(next) && next <= HEAD, `${next} is an end`, until);
  }

  function row(chance: Chance): void {
    const at = anyTime(market, chance);
    const found = unlessRefused(() => rowAt(market, HEAD, at), at);
    if (found === undefined) return;
    must(Number.isInteger(found) && found >= 0 && found < HEAD, `${found} is a row`, at);
  }

  function whole(chance: Chance): void {
    const count = anyValue(chance);
    const found = unlessRefused(() => wholeOf('count', count, 1, 700), count);
    if (found !== undefined) must(found >= 1 && found <= 700, `${found} is in range`, count);
  }

  function resolution(chance: Chance): void {
    const width = chance.once(4) ? anyValue(chance) : durationText(chance);
    const clock = chance.once(2) ? {} : anyClock(chance);
    const asked = { resolution: width, ...clock };
    const found = unlessRefused(() => cuttingOf({ market, head: HEAD }, asked, free), asked);
    if (found === undefined) return;
    must(found.ms >= market.grid.intervalMs, `${found.ms} is at least the interval`, width);
  }

  function others(chance: Chance): void {
    const delivery = chance.pick(['all', 'latest', anyValue(chance)]);
    unlessRefused(() => deliveryOf(delivery), delivery);
    const id = chance.pick([market.id, undefined, anyValue(chance)]);
    unlessRefused(() => namedId({ timeline: new Timeline(market), head: HEAD }, id), id);
  }
}

const HOSTS = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  'a',
  'a.localhost',
  'b.example',
  'a:80',
  '[fe80::1%eth0]:1',
  'xn--a',
  '0x7f.1',
];
const anyHost = (chance: Chance) =>
  mutated(chance, chance.once(9) ? anyText(chance) : chance.pick(HOSTS));
const anyOrigin = (chance: Chance) =>
  chance.once(4)
    ? mutated(chance, `http://${anyHost(chance)}`)
    : chance.pick(['http://', 'https://', 'null', 'file://', '']) + anyHost(chance);

/** A request as far as the access policy looks at it. */
function anyRequest(chance: Chance): IncomingMessage {
  const headers: Record<string, string> = {};
  if (!chance.once(9)) headers.host = anyHost(chance);
  if (chance.once(2)) headers.origin = anyOrigin(chance);
  if (chance.once(4)) headers['x-forwarded-host'] = `${anyHost(chance)},${anyHost(chance)}`;
  if (chance.once(4)) headers['x-forwarded-for'] = chance.list(4, () => anyIp(chance)).join(',');
  const rawHeaders = Object.entries(headers).flat();
  const url = chance.once(9) ? `http://${anyHost(chance)}/v1/rows` : '/v1/rows';
  const socket = { remoteAddress: chance.pick(['127.0.0.1', '::1', '10.0.0.1', undefined]) };
  return { headers, rawHeaders, socket, url } as unknown as IncomingMessage;
}

const PLAIN: AccessOptions = {
  allowedHosts: ['b.example'],
  allowedOrigins: ['https://b.example'],
  trustedProxies: ['10.0.0.0/8'],
};
const defaultAccess = new AccessPolicy(PLAIN);

function anyOptions(chance: Chance): AccessOptions {
  return {
    allowedHosts: chance.list(2, () => anyHost(chance)),
    allowedOrigins: chance.list(2, () => anyOrigin(chance)),
    trustedProxies: chance.list(2, () => mutated(chance, chance.pick(['10.0.0.0/8', '::1/64']))),
  };
}

/** Who may come in. */
const access: Target = {
  name: 'access',
  weight: 4,
  run(chance) {
    const options = chance.once(10) ? anyOptions(chance) : PLAIN;
    const given = anyRequest(chance);
    const { headers, url, socket } = given;
    const input = { options, headers, url, socket };
    const made = options === PLAIN ? defaultAccess : accessOf(options, input);
    if (made === undefined) return;
    must(typeof made.addressOf(given) === 'string', 'everyone has an address', input);
    unlessRefused(() => made.checkOrigin(given), input);
    const isIn = unlessRefused(() => made.checkHost(given) ?? true, input);
    const isPlain = url === '/v1/rows' && headers['x-forwarded-host'] === undefined;
    if (isIn !== true || !isPlain || options !== PLAIN) return;
    must(isHarmless(headers.host ?? ''), 'a name that could be bound anew is not let in', input);
  },
};

function accessOf(options: AccessOptions, input: unknown): AccessPolicy | undefined {
  try {
    return new AccessPolicy(options);
  } catch (error) {
    const isTold = error instanceof RangeError && error.message.includes('; given: ');
    must(isTold, `an invalid option is a RangeError with a sentence, not ${error}`, input);
    return undefined;
  }
}

/** Whether browsers take `host` for an address, a name without dots, or one that was allowed. */
function isHarmless(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return true;
  const name = new URL(`http://${host}`).hostname.replace(/\.$/, '');
  const isAddress = name.startsWith('[') || isIPv4(name);
  return isAddress || !name.includes('.') || /(^b\.example|\.localhost)$/.test(name);
}

function anyIp(chance: Chance): string {
  const hex = () => chance.below(65_536).toString(16);
  const v4 = () => Array.from({ length: 4 }, () => chance.below(257)).join('.');
  const v6 = () => `${chance.list(7, hex).join(':')}::${chance.list(4, hex).join(':')}`;
  const ip = chance.pick([v4, v6, () => `::ffff:${v4()}`, () => `${v6()}:${v4()}`])();
  return chance.once(3) ? mutated(chance, ip) : ip;
}

/** Which addresses count as one. */
const networks: Target = {
  name: 'networkOf',
  weight: 4,
  run(chance) {
    const ip = chance.once(9) ? anyText(chance) : anyIp(chance);
    const network = networkOf(ip);
    must(network.length < 40, `${network} is short`, ip);
    if (isIPv4(ip)) must(network === ip, `${network} is the address`, ip);
    if (!isIPv6(ip)) return;
    const list = new BlockList();
    if (isIPv4(network)) list.addAddress(network, 'ipv4');
    else list.addSubnet(network.replace('/64', ''), 64, 'ipv6');
    must(list.check(ip.replace(/%.*/, ''), 'ipv6'), `${network} holds the address`, ip);
  },
};

export const ACCESS_TARGETS: readonly Target[] = [access, networks];
