import { X509Certificate } from 'node:crypto';

/** Where NATS is, and how to come in. Texts of files, not their names. */
export interface NatsOptions {
  /** `nats://host:4222`, or `tls://` for an encrypted one; a name and password may be in it. */
  readonly servers: readonly string[];
  /** What `nsc` or NATS' operator gave: a creds file, with its JWT and its seed. */
  readonly credentials?: string;
  /** Who signs the certificates of the servers, as PEM. Default: whom Node trusts. */
  readonly ca?: string;
  /** Our own certificate and its key, as PEM, where servers ask for one. */
  readonly certificate?: string;
  readonly key?: string;
}

/** What is wrong with one of them: the rule that it breaks, for whoever knows its name. */
export interface NatsProblem<Field extends string = keyof NatsOptions> {
  readonly field: Field;
  readonly rule: string;
  /** As it may be shown: no password, no key. */
  readonly value: unknown;
}

const DEFAULT_PORT = '4222';
const SERVER_RULE = 'must be addresses such as nats://localhost:4222 or tls://nats.example.com';
/** What a file that holds a secret is shown as. */
const A_FILE = 'something else';

/** What is wrong with them, each by one rule. */
export function natsProblems(options: NatsOptions): NatsProblem[] {
  const { servers, credentials, ca, certificate, key } = options;
  const problems: NatsProblem[] = [];
  const wrong = (field: keyof NatsOptions, rule: string, value: unknown) =>
    problems.push({ field, rule, value });
  const urls = Array.isArray(servers) ? servers.map(serverOf) : [];
  const bad = urls.indexOf(undefined);
  if (urls.length === 0) wrong('servers', SERVER_RULE, servers);
  else if (bad >= 0) wrong('servers', SERVER_RULE, withoutPassword(servers[bad]));
  else {
    const [first, ...others] = urls as unknown as readonly [URL, ...URL[]];
    const isAlike = ({ username, password, protocol }: URL) =>
      username === first.username && password === first.password && protocol === first.protocol;
    const other = others.find((url) => !isAlike(url));
    if (other !== undefined) {
      const rule = 'must be all nats: or all tls:, with the same name and password';
      wrong('servers', rule, withoutPassword(other.href));
    }
  }
  if (credentials !== undefined && !isCredentials(credentials)) {
    wrong('credentials', 'must be a creds file, with a JWT and a seed of NATS', A_FILE);
  }
  const asksForUser = urls.some((url) => url !== undefined && url.username !== '');
  if (credentials !== undefined && asksForUser) {
    wrong('credentials', 'must be left out where servers have a name and password', A_FILE);
  }
  for (const [field, text] of [['ca', ca] as const, ['certificate', certificate] as const]) {
    if (text === undefined || isCertificate(text)) continue;
    wrong(field, 'must be a certificate as PEM', A_FILE);
  }
  if (key !== undefined && !(typeof key === 'string' && /-----BEGIN [A-Z ]*KEY-----/.test(key))) {
    wrong('key', 'must be a private key as PEM', A_FILE);
  }
  if ((certificate === undefined) !== (key === undefined)) {
    const [missing, there] =
      key === undefined ? (['key', 'certificate'] as const) : (['certificate', 'key'] as const);
    wrong(missing, `must be there where ${there} is`, undefined);
  }
  return problems;
}

/** An address as it may be shown. */
export function withoutPassword(address: unknown): string {
  // Of what is no URL too: where its password begins and ends is then a guess, and a wide one.
  return String(address).replace(/(?<=^|\/\/)[^/]*@/, '***@');
}

/** What a client needs to know of a server. */
export interface ServerAddress {
  /** With its port, as a client of NATS takes it. */
  readonly server: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly isEncrypted: boolean;
}

/** The servers of options that are right. */
export function serverAddresses({ servers, ca, certificate }: NatsOptions): ServerAddress[] {
  return servers.map((text) => {
    const { hostname, port, username, password, protocol } = serverOf(text)!;
    return {
      server: `${hostname}:${port === '' ? DEFAULT_PORT : port}`,
      user: username === '' ? undefined : decodeURIComponent(username),
      password: password === '' ? undefined : decodeURIComponent(password),
      // Who names certificates wants them looked at.
      isEncrypted: protocol === 'tls:' || ca !== undefined || certificate !== undefined,
    };
  });
}

function serverOf(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !/^(nats|tls):\/\/[^/?#]+\/?$/.test(text)) return undefined;
  try {
    const url = new URL(text);
    decodeURIComponent(url.username + url.password);
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined;
  }
}

function isCredentials(text: unknown): boolean {
  const parts = ['NATS USER JWT', 'USER NKEY SEED'];
  return typeof text === 'string' && parts.every((part) => text.includes(`BEGIN ${part}`));
}

function isCertificate(text: unknown): boolean {
  try {
    return typeof text === 'string' && new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}
