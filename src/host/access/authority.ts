import { isIP } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';

interface Authority {
  /** In lower case; an IPv6 address stands in brackets. */
  readonly name: string;
  readonly port: string;
}

/** The parts of a Host header; without its port where that is the protocol's own. */
export function parseAuthority(text: string, protocol = 'http:'): Authority | undefined {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text);
  if (parts === null) return undefined;
  const [, host = '', port = ''] = parts;
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === '' || (name.startsWith('[') && isIP(name.slice(1, -1)) !== 6)) return undefined;
  if (Number(port) > 65_535) return undefined;
  const isDefault = port === (protocol === 'https:' ? '443' : '80');
  return { name, port: isDefault ? '' : port };
}

export function parseOrigin(text: string): URL | undefined {
  if (!/^https?:\/\/[^/?#\\@\s]+$/i.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

const loopback = proxyAddress.compile('loopback');

export function isLoopback(address: string): boolean {
  return loopback(address, 0);
}

/** Whether a name, in lower case, is of the machine that it is said on. Source: RFC 6761, 6.3. */
export function isThisMachine(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
  );
}
