import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { domainToASCII } from 'node:url';
import proxyAddress from '@fastify/proxy-addr';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import { remember } from '../remember.ts';
import { hostLinesOf } from './host-lines.ts';

export interface AccessOptions {
  /** Names this server goes by, beside those that everyone's machine has; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Origins of other sites whose pages may open the stream; `*` for any. */
  readonly allowedOrigins?: readonly string[];
  /** Addresses and networks (CIDR) of proxies whose forwarding headers are believed. */
  readonly trustedProxies?: readonly string[];
  /** What these are called where they were set, for sentences about them. Default: as here. */
  readonly optionNames?: AccessNames;
}

export type AccessNames = Readonly<Record<keyof Omit<AccessOptions, 'optionNames'>, string>>;

const OWN_NAMES: AccessNames = {
  allowedHosts: 'allowedHosts',
  allowedOrigins: 'allowedOrigins',
  trustedProxies: 'trustedProxies',
};

/** Hosts that requests said they are for, and that are remembered. */
const MOST_HOSTS = 256;

/** Who may come in, and where a request is taken to come from. */
export class AccessPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #names: AccessNames;
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
      const [given = ''] = this.#hostsOf(request);
      const host = parseAuthority(given, url.protocol);
      const own = parseAuthority(url.host, url.protocol);
      if (host !== undefined && own?.name === host.name && own.port === host.port) return;
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

interface Authority {
  /** In lower case; an IPv6 address stands in brackets. */
  readonly name: string;
  readonly port: string;
}

/** The parts of a Host header; without its port where that is the protocol's own. */
function parseAuthority(text: string, protocol = 'http:'): Authority | undefined {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text);
  if (parts === null) return undefined;
  const [, host = '', port = ''] = parts;
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === '' || (name.startsWith('[') && isIP(name.slice(1, -1)) !== 6)) return undefined;
  if (Number(port) > 65_535) return undefined;
  const isDefault = port === (protocol === 'https:' ? '443' : '80');
  return { name, port: isDefault ? '' : port };
}

function parseOrigin(text: string): URL | undefined {
  if (!/^https?:\/\/[^/?#\\@\s]+$/i.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The values of a header that proxies add to. */
function listOf(header: string | string[]): string[] {
  return String(header)
    .split(',')
    .map((value) => value.trim());
}

const loopback = proxyAddress.compile('loopback');

function isLoopback(address: string): boolean {
  return loopback(address, 0);
}

/** Whether a name, in lower case, is of the machine that it is said on. Source: RFC 6761, 6.3. */
function isThisMachine(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
  );
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
