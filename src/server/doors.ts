import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import { shown } from '../core/market/shown.ts';
import { TickwellError } from '../wire/errors.ts';

export interface DoorOptions {
  /** Names this server goes by, beside those that everyone's machine has; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Origins of other sites whose pages may open the stream; `*` for any. */
  readonly allowedOrigins?: readonly string[];
  /** Addresses and networks (CIDR) of proxies whose forwarding headers are believed. */
  readonly trustedProxies?: readonly string[];
}

/** Who may come in, and where a request is taken to come from. */
export class Doors {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** Whether a machine at this address is a proxy that is believed. */
  readonly trusts: (address: string, hop: number) => boolean;

  /** Throws a `RangeError` with one sentence on an option that is none. */
  constructor(options: DoorOptions = {}) {
    this.#hosts = new Set((options.allowedHosts ?? []).map(hostName));
    this.#origins = new Set((options.allowedOrigins ?? []).map(originOf));
    this.trusts = trustOf(options.trustedProxies ?? []);
  }

  /**
   * Throws `bad_host` if the request was meant for a host that this server is not: a page of another
   * site may have had its own name resolved to this address (DNS rebinding).
   */
  checkHost(request: IncomingMessage): void {
    const given = this.#hostOf(request);
    const authority = given === undefined ? undefined : parseAuthority(given);
    if (authority !== undefined && this.#isOurs(authority.name)) return;
    throw new TickwellError(
      'bad_host',
      'Host must be an address, a name without dots, or one that --allow-host names; given: ' +
        shown(given ?? 'nothing'),
    );
  }

  /** Throws `bad_origin` if it is a page of another site that opens a WebSocket. */
  checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    // Not a browser: nobody's page, nobody's cookies.
    if (origin === undefined || this.#origins.has('*') || this.#origins.has(origin)) return;
    const url = parseOrigin(origin);
    if (url !== undefined) {
      const host = parseAuthority(this.#hostOf(request) ?? '', url.protocol);
      const own = parseAuthority(url.host, url.protocol);
      if (host !== undefined && own?.name === host.name && own.port === host.port) return;
    }
    throw new TickwellError(
      'bad_origin',
      'Origin must be that of this server or one that --allow-origin names; given: ' +
        shown(origin),
    );
  }

  /** The IP address of the client: of the nearest machine that is not a trusted proxy. */
  addressOf(request: IncomingMessage): string {
    return proxyAddress(request, this.trusts) ?? '';
  }

  #hostOf(request: IncomingMessage): string | undefined {
    const forwarded = request.headers['x-forwarded-host'];
    if (forwarded !== undefined && this.trusts(request.socket.remoteAddress ?? '', 0)) {
      // The first is the one the client named; each further proxy adds its own.
      return String(forwarded).split(',')[0]!.trim();
    }
    return request.headers.host;
  }

  #isOurs(name: string): boolean {
    if (this.#hosts.has('*') || this.#hosts.has(name)) return true;
    // A page can be bound to a new address by its name only, and not by one that has no dot:
    // the root of the DNS has no address records (ICANN, SAC053).
    const isAddress = name.startsWith('[') || isIP(name) !== 0;
    return isAddress || !name.includes('.') || name.endsWith('.localhost');
  }
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

function hostName(text: string): string {
  if (text === '*') return text;
  const authority = parseAuthority(text);
  if (authority !== undefined && authority.port === '') return authority.name;
  throw new RangeError(`allow-host must be a name without a port, or *; given: ${shown(text)}`);
}

function originOf(text: string): string {
  if (text === '*') return text;
  const url = parseOrigin(text);
  if (url !== undefined) return url.origin;
  const rule = 'allow-origin must be a scheme and a host such as https://example.com, or *';
  throw new RangeError(`${rule}; given: ${shown(text)}`);
}

function trustOf(proxies: readonly string[]): (address: string, hop: number) => boolean {
  try {
    return proxyAddress.compile([...proxies]);
  } catch {
    const rule = 'trust-proxy must be addresses or networks such as 10.0.0.0/8';
    throw new RangeError(`${rule}; given: ${shown(proxies.join(','))}`);
  }
}
