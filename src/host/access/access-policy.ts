import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { domainToASCII } from 'node:url';
import proxyAddress from '@fastify/proxy-addr';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { remember } from '../remember.ts';
import { isLoopback, isThisMachine, parseAuthority, parseOrigin } from './authority.ts';
import { ControlToken } from './control-token.ts';
import { hostLinesOf } from './host-lines.ts';

export interface AccessOptions {
  /** Names this server goes by, beside those that everyone's machine has; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Origins of other sites whose pages may open the stream; `*` for any. */
  readonly allowedOrigins?: readonly string[];
  /** Addresses and networks (CIDR) of proxies whose forwarding headers are believed. */
  readonly trustedProxies?: readonly string[];
  /**
   * Who says this may have things done to the market from anywhere: 16 characters or more, as
   * HTTP takes them. Default: that is done from this machine alone.
   */
  readonly controlToken?: string;
  /** What these are called where they were set, for sentences about them. Default: as here. */
  readonly optionNames?: AccessNames;
}

export interface AccessNames {
  readonly allowedHosts: string;
  readonly allowedOrigins: string;
  readonly trustedProxies: string;
  readonly controlToken?: string;
}

const OWN_NAMES: AccessNames = {
  allowedHosts: 'allowedHosts',
  allowedOrigins: 'allowedOrigins',
  trustedProxies: 'trustedProxies',
};

/** Headers that say that a request was passed on, by the names that proxies have for them. */
const FORWARDING =
  /forwarded|^(via|cdn-loop|x-real-ip|x-original-host|x-envoy-.*|.*-client-?ip|.*-connecting-ip)$/;

/** Hosts that requests said they are for, and that are remembered. */
const MOST_HOSTS = 256;

/** Who may come in, and where a request is taken to come from. */
export class AccessPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #names: AccessNames;
  readonly #token: ControlToken | undefined;
  readonly #hasProxies: boolean;
  readonly #isOurs = remember(MOST_HOSTS, (host) => this.#mayBeOurs(host));
  /** Whether a machine at this address is a proxy that is believed. */
  readonly trusts: (address: string, hop: number) => boolean;

  /** Throws a `RangeError` with one sentence on an invalid option. */
  constructor(options: AccessOptions = {}) {
    const { allowedHosts = [], allowedOrigins = [], trustedProxies = [] } = options;
    const { optionNames: names = OWN_NAMES } = options;
    this.#names = names;
    this.#hosts = new Set(allowedHosts.map((text) => hostName(text, names.allowedHosts)));
    this.#origins = new Set(allowedOrigins.map((text) => originOf(text, names.allowedOrigins)));
    this.trusts = trustOf(trustedProxies, names.trustedProxies);
    this.#hasProxies = trustedProxies.length > 0;
    const { controlToken: token } = options;
    this.#token = token === undefined ? undefined : new ControlToken(token, this.#tokenName);
  }

  get #tokenName(): string {
    return this.#names.controlToken ?? 'controlToken';
  }

  /**
   * Throws `forbidden` or `unauthorised` unless a request may have something done to the market: it
   * has the token, or comes from this machine. There any page could send it, and behind a proxy
   * anybody could: so it is no page but this server's own, and there is no proxy that is known.
   */
  checkControl(request: IncomingMessage): void {
    if (this.#token?.isIn(request) === true) return;
    const reason = this.#whyNotOurs(request);
    if (reason === undefined) return;
    const rule = 'what is done to the market must come from this machine and no page but its own';
    if (this.#token === undefined) {
      const advice = `with ${this.#tokenName} it may come from elsewhere`;
      throw new TickwellError('forbidden', `${rule}: ${advice}; given: ${reason}`);
    }
    const sentence = `Authorization must be Bearer and the token of ${this.#tokenName}`;
    const given = request.headers.authorization === undefined ? 'none' : 'another';
    throw new TickwellError('unauthorised', `${sentence}; given: ${given}`);
  }

  /** Why a request is not taken to be that of who sits at this machine; undefined if it is. */
  #whyNotOurs(request: IncomingMessage): string | undefined {
    const { headers, socket, httpVersion } = request;
    const { authorization, origin } = headers;
    // Who has a wrong one should learn that, and not find it taken here.
    if (authorization !== undefined && this.#token !== undefined) return 'another token';
    const address = socket.remoteAddress ?? '';
    if (!isLoopback(address)) return `a request from ${address}`;
    if (this.#hasProxies) return `a server with ${this.#names.trustedProxies}`;
    const forwarding = Object.keys(headers).find((name) => FORWARDING.test(name));
    if (forwarding !== undefined) return `the header ${forwarding}`;
    // Clients of today speak 1.1; it is proxies that do not.
    if (httpVersion !== '1.1') return `a request by HTTP/${httpVersion}`;
    const hosts = this.#hostsOf(request);
    const other = hosts.find((host) => !isThisMachine(parseAuthority(host)?.name ?? ''));
    if (other !== undefined) return `Host ${quoted(other)}`;
    if (origin === undefined || this.#isOwnOrigin(parseOrigin(origin), hosts)) return undefined;
    return `Origin ${quoted(origin)}`;
  }

  /** Whether pages of an origin are this server's own, as it was asked for. */
  #isOwnOrigin(url: URL | undefined, [given = '']: readonly string[]): boolean {
    if (url === undefined) return false;
    const host = parseAuthority(given, url.protocol);
    const own = parseAuthority(url.host, url.protocol);
    return host !== undefined && own?.name === host.name && own.port === host.port;
  }

  /**
   * Throws `bad_host` if the request was meant for a host that this server is not: a page of
   * another site may have had its own name resolved to this address (DNS rebinding).
   */
  checkHost(request: IncomingMessage): void {
    if (this.#hosts.has('*')) return;
    const hosts = this.#hostsOf(request);
    const wrong = hosts.find((host) => !this.#isOurs(host));
    if (hosts.length > 0 && wrong === undefined) return;
    const rule = `an address, a name without dots, or one that ${this.#names.allowedHosts} names`;
    const sentence =
      wrong === undefined
        ? `Host is missing: ${rule}`
        : `Host must be ${rule}; given: ${quoted(wrong)}`;
    throw new TickwellError('bad_host', sentence);
  }

  /** Throws `bad_origin` if a page of another site opens a WebSocket, or would change something. */
  checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    // Not a browser: nobody's page, nobody's cookies.
    if (origin === undefined || this.#origins.has('*')) return;
    const url = parseOrigin(origin);
    if (url !== undefined) {
      if (this.#origins.has(url.origin)) return;
      if (this.#isOwnOrigin(url, this.#hostsOf(request))) return;
      const own = parseAuthority(url.host, url.protocol);
      if (own !== undefined && isThisMachine(own.name) && this.#isAmongOurselves(request)) return;
    }
    throw new TickwellError(
      'bad_origin',
      'Origin must be that of this server or of a page on its own machine, or one that ' +
        `${this.#names.allowedOrigins} names; given: ${quoted(origin)}`,
    );
  }

  /**
   * What to tell whoever runs the server about a page that was refused: in one sentence, what would
   * let it in. Nothing of it is text that the page could choose freely.
   */
  adviceOn(origin: string, host = '', what = 'the stream'): string {
    const url = parseOrigin(origin);
    if (url === undefined) {
      return `a page without an origin was refused ${what}: open it over http or https`;
    }
    const refused = `a page of ${url.origin} was refused ${what}`;
    const advice = `${refused}; to let it in: ${this.#names.allowedOrigins} ${url.origin}`;
    const own = parseAuthority(host, url.protocol);
    if (own === undefined || own.name !== parseAuthority(url.host)?.name) return advice;
    return `${advice}; if it is this server's own, have the proxy pass Host with its port on`;
  }

  /**
   * Whether a request never leaves this machine, as far as can be known: it asks for this machine
   * by such a name, and comes from here. Whatever forwarding headers say of other machines counts,
   * be they believed or not: they can only make this stricter.
   */
  #isAmongOurselves(request: IncomingMessage): boolean {
    const { forwarded, 'x-forwarded-host': host, 'x-real-ip': realIp } = request.headers;
    const hosts = [...this.#hostsOf(request), ...(host === undefined ? [] : listOf(host))];
    const addresses = [...proxyAddress.all(request), ...(realIp === undefined ? [] : [realIp])];
    return (
      forwarded === undefined &&
      hosts.every((name) => isThisMachine(parseAuthority(name)?.name ?? '')) &&
      addresses.every((address) => isLoopback(String(address)))
    );
  }

  /** The IP address of the client: of the nearest machine that is not a trusted proxy. */
  addressOf(request: IncomingMessage): string {
    return proxyAddress(request, this.trusts) ?? '';
  }

  /**
   * The path below which a trusted proxy serves this server, such as `/feed`, from
   * X-Forwarded-Prefix; empty for none.
   */
  prefixOf({ headers, socket }: IncomingMessage): string {
    const [given = ''] = String(headers['x-forwarded-prefix'] ?? '').split(',');
    const prefix = given.trim().replace(/\/$/, '');
    const isPath = /^(\/[\w.~-]{1,64}){1,8}$/.test(prefix);
    return isPath && this.trusts(socket.remoteAddress ?? '', 0) ? prefix : '';
  }

  /**
   * The hosts that a request says it is for, the one its client named first. Each has to be ours:
   * proxies add to what they were given, so that whatever a client writes there itself only adds
   * to what is checked.
   */
  #hostsOf(request: IncomingMessage): readonly string[] {
    const { headers, socket, url } = request;
    const forwarded = headers['x-forwarded-host'];
    if (forwarded !== undefined && this.trusts(socket.remoteAddress ?? '', 0)) {
      return listOf(forwarded);
    }
    // A target with a host is what counts then (RFC 9112, section 3.2.2).
    const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url ?? '');
    if (target !== null) return [target[1]!];
    return hostLinesOf(request);
  }

  #mayBeOurs(host: string): boolean {
    const name = parseAuthority(host)?.name;
    if (name === undefined) return false;
    // A page can be bound to a new address by its name only, and not by one that has no dot: who
    // answers for those is on the local network, or owns a top-level domain (ICANN, SAC053).
    const isAddress = name.startsWith('[') || isIP(name) !== 0;
    return isAddress || !name.includes('.') || name.endsWith('.localhost') || this.#hosts.has(name);
  }
}

/** The names that a server has without being told: the one it listens on, and its machine's. */
export function ownNames(host: string, machine = hostname()): readonly string[] {
  return [host, machine, `${machine}.local`].filter((name) => parseAuthority(name)?.port === '');
}

/** The values of a header that proxies add to. */
function listOf(header: string | string[]): string[] {
  return String(header)
    .split(',')
    .map((value) => value.trim());
}

/** A name as browsers write it into `Host`. */
function hostName(text: string, option: string): string {
  if (text === '*') return text;
  const isAscii = /^[\x21-\x7e]*$/.test(text);
  const name = parseAuthority(isAscii ? text : domainToASCII(text))?.name;
  // The DNS has none that are longer.
  if (name !== undefined && name.length <= 253 && !/:\d*$/.test(text.replace(/^\[.*\]/, '')))
    return name;
  throw new RangeError(`${option} must be a name without a port, or *; given: ${quoted(text)}`);
}

function originOf(text: string, option: string): string {
  if (text === '*') return text;
  const url = parseOrigin(text);
  // No pattern: only whole origins are compared.
  if (url !== undefined && !text.includes('*')) return url.origin;
  const rule = `${option} must be a scheme and a host such as https://example.com, or *`;
  throw new RangeError(`${rule}; given: ${quoted(text)}`);
}

function trustOf(
  proxies: readonly string[],
  option: string,
): (address: string, hop: number) => boolean {
  for (const proxy of proxies) {
    if (isNetwork(proxy)) continue;
    const rule = `${option} must be an address or a network such as 10.0.0.0/8`;
    throw new RangeError(`${rule}; given: ${quoted(proxy)}`);
  }
  return proxyAddress.compile([...proxies]);
}

function isNetwork(text: string): boolean {
  // The package would take 1.2.3 for 1.2.0.3.
  if (isIP(text.replace(/\/.*$/s, '')) === 0) return false;
  try {
    proxyAddress.compile(text);
    return true;
  } catch {
    return false;
  }
}
