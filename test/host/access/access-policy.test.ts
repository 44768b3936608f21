import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  type AccessOptions,
  AccessPolicy,
  ownNames,
} from '../../../src/host/access/access-policy.ts';
import { TickwellError } from '../../../src/wire/errors.ts';
import { expectSentence } from '../../helpers/sentence.ts';

interface Knock {
  readonly hosts?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly url?: string;
  /** The machine that the request comes from. */
  readonly from?: string;
}

/** A request as Node would have parsed it. */
function request({ hosts = [], headers = {}, url = '/', from = '192.0.2.9' }: Knock) {
  const [host] = hosts;
  return {
    url,
    headers: { ...headers, ...(host === undefined ? {} : { host }) },
    rawHeaders: [...hosts.flatMap((name) => ['Host', name]), ...Object.entries(headers).flat()],
    socket: { remoteAddress: from },
  } as unknown as IncomingMessage;
}

/** The error that `check` throws. */
function refusalOf(check: () => void): TickwellError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof TickwellError) return error;
    throw error;
  }
}

function refusedHost(options: AccessOptions, knock: Knock): TickwellError | undefined {
  return refusalOf(() => new AccessPolicy(options).checkHost(request(knock)));
}

/** Is refused as `code`, with a sentence that names the field and ends with what was given. */
function expectRefused(error: TickwellError | undefined, code: string, given: string): void {
  expect(error?.code).toBe(code);
  const field = code === 'bad_host' ? 'Host' : 'Origin';
  expectSentence(error?.message, field, given.length > 60 ? `${given.slice(0, 57)}...` : given);
}

const NAMED = { allowedHosts: ['tickwell.example.com', 'münchen.example', 'b.example'] };

describe('a Host is ours', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'A.B.LocalHost:1',
    '127.0.0.1',
    '127.0.0.1:8080',
    '127.0.0.1.',
    '10.1.2.3:80',
    '203.0.113.7:443',
    '[::1]',
    '[::1]:8080',
    '[2001:db8::1]',
    '[2001:DB8::1]:65535',
    '[::ffff:127.0.0.1]',
    'tickwell',
    'my_box:9000',
    'TICKWELL:0',
    // Browsers write such a number as the address it stands for: no DNS is asked.
    '2130706433',
    'tickwell.example.com',
    'tickwell.example.com:1234',
    'Tickwell.Example.COM.',
    'xn--mnchen-3ya.example',
  ])('if it is %s', (host) => {
    expect(refusedHost(NAMED, { hosts: [host] })).toBeUndefined();
  });

  it.each([
    'evil.com',
    'evil.com:8080',
    'EVIL.com.',
    'localhost.evil.com',
    'localhost.evil.com:8080',
    '127.0.0.1.evil.com',
    '127.0.0.1.nip.io',
    'evil.com.localhost.evil.com',
    'localhostx.com',
    'notlocalhost.com',
    'tickwell.example.com.evil.com',
    'x.tickwell.example.com',
    'example.com',
    'ickwell.example.com',
    // An address in a form that only some understand is not told from a name.
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '127.0.0.256',
    '1.2.3.4.5',
  ])('but not if it is %s', (host) => {
    expectRefused(refusedHost(NAMED, { hosts: [host] }), 'bad_host', host);
  });

  it.each([
    '',
    ' ',
    '.',
    '..',
    ':8080',
    'localhost:',
    'localhost:x',
    'localhost:99999',
    'localhost:65536',
    'localhost:123456',
    'localhost:-1',
    'localhost:80:80',
    'user@localhost',
    'user:pass@localhost',
    'localhost@evil.com',
    'evil.com#localhost',
    'localhost/',
    'localhost/evil.com',
    'localhost\\evil.com',
    'localhost?x',
    'localhost evil.com',
    'localhost,evil.com',
    'localhost, localhost',
    'localhost%00.evil.com',
    'münchen.example',
    'lоcalhost',
    '[::1',
    '::1',
    '[::1]]',
    '[::g]',
    '[]',
    '[127.0.0.1]',
    '[::1]evil.com',
    '[fe80::1%25eth0]',
    '*',
    '*.localhost*',
  ])('nor if it is no host at all: "%s"', (host) => {
    expectRefused(refusedHost(NAMED, { hosts: [host] }), 'bad_host', host);
  });

  it('nor if it has a tab in it, which is not shown as it is', () => {
    const refused = refusedHost(NAMED, { hosts: ['localhost\tx'] });
    expectRefused(refused, 'bad_host', 'localhost\\u0009x');
  });

  it('only if there is one', () => {
    expectRefused(refusedHost(NAMED, {}), 'bad_host', 'nothing');
  });

  it.each([[['localhost', 'evil.com']], [['evil.com', 'localhost']]])(
    'only if each of several is: %j',
    (hosts) => {
      expectRefused(refusedHost(NAMED, { hosts }), 'bad_host', 'evil.com');
    },
  );

  it('in the target, which counts before Host', () => {
    const check = (url: string, host: string) => refusedHost(NAMED, { url, hosts: [host] });
    expectRefused(check('http://evil.com/', 'localhost'), 'bad_host', 'evil.com');
    expectRefused(check('http://evil.com', 'localhost'), 'bad_host', 'evil.com');
    expectRefused(check('HTTPS://evil.com:443/x', 'localhost'), 'bad_host', 'evil.com:443');
    expectRefused(check('ws://evil.com/v1/stream', 'localhost'), 'bad_host', 'evil.com');
    expectRefused(check('http://localhost@evil.com/', 'a'), 'bad_host', 'localhost@evil.com');
    expectRefused(check('http:///v1', 'localhost'), 'bad_host', '');
    expect(check('http://localhost:8080/', 'localhost')).toBeUndefined();
    expect(check('http://[::1]/?http://evil.com/', 'evil.com')).toBeUndefined();
    // A host elsewhere in the target is none.
    expect(check('/http://evil.com/', 'localhost')).toBeUndefined();
    expect(check('//evil.com/', 'localhost')).toBeUndefined();
    expect(check('*', 'localhost')).toBeUndefined();
    expectRefused(check('*', 'evil.com'), 'bad_host', 'evil.com');
  });

  it('whatever it is, where * is allowed', () => {
    const any = { allowedHosts: ['*'] };
    for (const hosts of [['evil.com'], ['user@evil'], [''], [], ['a.b', 'c.d']]) {
      expect(refusedHost(any, { hosts })).toBeUndefined();
    }
  });
});

describe('X-Forwarded-Host', () => {
  const TRUSTING = { ...NAMED, trustedProxies: ['10.0.0.0/8', '::1'] };
  const check = (from: string, forwarded: string, host = 'localhost') =>
    refusedHost(TRUSTING, {
      from,
      hosts: [host],
      headers: { 'x-forwarded-host': forwarded },
    });

  it.each(['10.1.2.3', '::ffff:10.1.2.3', '::1'])(
    'of the proxy %s takes the place of Host',
    (ip) => {
      expect(check(ip, 'tickwell.example.com', 'upstream.internal')).toBeUndefined();
      expectRefused(check(ip, 'evil.com'), 'bad_host', 'evil.com');
    },
  );

  it.each(['11.1.2.3', '192.0.2.1', '::ffff:11.0.0.1', '::2', '', 'x'])(
    'of "%s", which is no trusted proxy, is not looked at',
    (ip) => {
      expect(check(ip, 'evil.com')).toBeUndefined();
      expectRefused(check(ip, 'localhost', 'evil.com'), 'bad_host', 'evil.com');
    },
  );

  it('cannot hide a host behind one that a client wrote there itself', () => {
    expectRefused(check('10.0.0.1', 'localhost, evil.com'), 'bad_host', 'evil.com');
    expectRefused(check('10.0.0.1', 'evil.com,localhost'), 'bad_host', 'evil.com');
    expectRefused(check('10.0.0.1', 'localhost,'), 'bad_host', '');
    expect(check('10.0.0.1', 'tickwell.example.com, b.example:1')).toBeUndefined();
  });
});

describe('an Origin', () => {
  const check = (
    options: AccessOptions,
    host: string,
    origin: string | undefined,
    more: Knock = {},
  ) =>
    refusalOf(() =>
      new AccessPolicy(options).checkOrigin(
        request({
          ...more,
          hosts: [host],
          headers: { ...more.headers, ...(origin && { origin }) },
        }),
      ),
    );

  it.each([
    ['localhost:8080', undefined],
    ['evil.com', undefined],
    ['localhost:8080', 'http://localhost:8080'],
    ['LOCALHOST:8080', 'http://localhost:8080'],
    ['localhost:8080', 'HTTP://LocalHost:8080'],
    ['localhost.:8080', 'http://localhost:8080'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['localhost', 'http://localhost:80'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['[2001:db8::1]', 'http://[2001:DB8::1]'],
    // A proxy in front has the certificate.
    ['tickwell.example.com', 'https://tickwell.example.com'],
    ['tickwell.example.com:443', 'https://tickwell.example.com'],
    ['tickwell.example.com', 'https://tickwell.example.com:443'],
    ['tickwell.example.com:8443', 'https://tickwell.example.com:8443'],
    ['xn--mnchen-3ya.example', 'https://xn--mnchen-3ya.example'],
  ])('with Host %s may be %s', (host, origin) => {
    expect(check({}, host, origin)).toBeUndefined();
  });

  it.each([
    ['localhost:8080', 'null'],
    ['localhost:8080', 'http://localhost'],
    ['localhost:8080', 'http://localhost:8081'],
    ['localhost:8080', 'http://127.0.0.1:8080'],
    ['localhost:8080', 'http://[::1]:8080'],
    ['localhost:8080', 'http://evil.com'],
    ['localhost:8080', 'http://evil.com:8080'],
    ['localhost:8080', 'http://localhost.evil.com:8080'],
    ['localhost:8080', 'http://evil.com.localhost:8080'],
    ['localhost:8080', 'http://localhost:8080.evil.com'],
    ['localhost:8080', 'http://localhost:8080@evil.com'],
    ['localhost:8080', 'http://evillocalhost:8080'],
    ['localhost:8080', 'http://localhostevil:8080'],
    ['localhost:8080', 'http://localhost:8080/'],
    ['localhost:8080', 'http://localhost:8080/x'],
    ['localhost:8080', 'http://localhost:8080?x'],
    ['localhost:8080', 'http://localhost:8080#x'],
    ['localhost:8080', 'http://localhost:8080\\x'],
    ['localhost:8080', 'http://localhost:8080 http://evil.com'],
    ['localhost:8080', 'http://localhost:8080, http://evil.com'],
    ['localhost:8080', 'http://localhost:8080,http://evil.com'],
    ['localhost:8080', 'localhost:8080'],
    ['localhost:8080', '//localhost:8080'],
    ['localhost:8080', 'http://'],
    ['localhost:8080', 'http:localhost:8080'],
    ['localhost:8080', 'file://'],
    ['localhost:8080', 'ws://localhost:8080'],
    ['localhost:8080', 'chrome-extension://abcdefghijklmnop'],
    ['localhost:8080', 'moz-extension://localhost:8080'],
    ['localhost', 'http://localhost:99999'],
    ['localhost', 'http://localhost:0'],
    // The default port is that of the page's scheme.
    ['localhost:80', 'https://localhost'],
    ['localhost:443', 'http://localhost'],
    ['localhost:8080', 'https://localhost'],
    ['tickwell.example.com', 'https://example.com'],
    ['tickwell.example.com', 'https://x.tickwell.example.com'],
    ['no host', 'http://localhost'],
    ['', 'http://localhost'],
  ])('with Host "%s" must not be %s', (host, origin) => {
    expectRefused(check({}, host, origin), 'bad_origin', origin);
  });

  const HERE = { from: '127.0.0.1' };

  it.each([
    ['localhost:8080', 'http://localhost:3000', '127.0.0.1'],
    ['localhost:8080', 'https://localhost:3000', '127.0.0.1'],
    ['localhost:8080', 'http://localhost', '::1'],
    ['localhost:8080', 'http://localhost.:3000', '::ffff:127.0.0.1'],
    ['localhost:8080', 'http://127.0.0.1:5173', '127.0.0.1'],
    ['localhost:8080', 'http://127.9.8.7:5173', '127.0.0.1'],
    ['127.0.0.1:8080', 'http://[::1]:5173', '::1'],
    ['[::1]:8080', 'http://shop.localhost:5173', '127.0.0.2'],
    ['feed.localhost:8080', 'http://localhost:3000', '127.0.0.1'],
  ])('with Host %s may be %s, a page of this machine, from %s', (host, origin, from) => {
    expect(check({}, host, origin, { from })).toBeUndefined();
  });

  it.each([
    'http://evil.com',
    'http://localhost.evil.com',
    'http://evillocalhost:3000',
    'http://127.0.0.1.evil.com',
    'http://128.0.0.1:3000',
    'http://10.0.0.1:3000',
    'http://192.168.1.7',
    'http://[::2]:3000',
    'http://box:3000',
    'http://localhost@evil.com',
    'http://localhost:3000/',
    'http://localhost:3000, http://evil.com',
    'file://',
    'null',
    'ws://localhost:3000',
    'moz-extension://localhost:3000',
  ])('of no page of this machine gains nothing by coming from it: %s', (origin) => {
    expectRefused(check({}, 'localhost:8080', origin, HERE), 'bad_origin', origin);
  });

  it.each(['feed.example.com', 'box:8080', '10.0.0.1:8080', '0.0.0.0:8080', 'evil.com', ''])(
    'of a page of this machine is refused where Host is "%s", no name of this machine',
    (host) => {
      const origin = 'http://localhost:3000';
      expectRefused(check(NAMED, host, origin, HERE), 'bad_origin', origin);
    },
  );

  // The last is how Docker hands on what comes to a port of its host.
  it.each(['192.0.2.9', '10.0.0.1', '::2', '', '172.17.0.1'])(
    'of a page of this machine is refused if it comes from elsewhere: "%s"',
    (from) => {
      const origin = 'http://localhost:3000';
      expectRefused(check({}, 'localhost:8080', origin, { from }), 'bad_origin', origin);
    },
  );

  it.each([
    { 'x-forwarded-for': '1.2.3.4' },
    { 'x-forwarded-for': '127.0.0.1, 1.2.3.4' },
    { 'x-forwarded-for': '1.2.3.4, 127.0.0.1' },
    { 'x-forwarded-for': 'unknown' },
    { 'x-forwarded-host': 'feed.example.com' },
    { 'x-forwarded-host': 'localhost, feed.example.com' },
    { 'x-real-ip': '1.2.3.4' },
    { forwarded: 'for=127.0.0.1' },
  ])('of a page of this machine is refused if a proxy, trusted or not, says so: %j', (headers) => {
    const origin = 'http://localhost:3000';
    for (const options of [NAMED, { ...NAMED, trustedProxies: ['127.0.0.1'] }]) {
      const refused = check(options, 'localhost:8080', origin, { ...HERE, headers });
      expectRefused(refused, 'bad_origin', origin);
    }
  });

  it('of a page of this machine passes through a proxy that says it is all of this machine', () => {
    const headers = {
      'x-forwarded-for': '127.0.0.1, ::1',
      'x-forwarded-host': 'localhost:5173',
      'x-real-ip': '::1',
    };
    const more = { ...HERE, headers };
    expect(check({}, 'localhost:8080', 'http://localhost:3000', more)).toBeUndefined();
  });

  it('may be one that is allowed, exactly', () => {
    const options = { allowedOrigins: ['https://charts.example.com', 'http://localhost:5173'] };
    for (const origin of [
      'https://charts.example.com',
      'https://charts.example.com:443',
      'HTTPS://Charts.Example.Com',
      'http://localhost:5173',
      'http://here:8080',
    ]) {
      expect(check(options, 'here:8080', origin)).toBeUndefined();
    }
    for (const origin of [
      'http://charts.example.com',
      'https://charts.example.com:8443',
      'https://example.com',
      'https://a.charts.example.com',
      'https://charts.example.com.evil.com',
      'https://charts.example.com/',
      'http://localhost:51730',
      'null',
    ]) {
      expectRefused(check(options, 'here:8080', origin), 'bad_origin', origin);
    }
  });

  it('may be anything where * is allowed', () => {
    for (const origin of ['null', 'file://', 'https://evil.com', 'nonsense', undefined]) {
      expect(check({ allowedOrigins: ['*'] }, 'here', origin)).toBeUndefined();
    }
  });

  it('is held against the host that a trusted proxy was asked for, and no other tells', () => {
    const options = { trustedProxies: ['10.0.0.1'] };
    const headers = { 'x-forwarded-host': 'tickwell.example.com' };
    const origin = 'https://tickwell.example.com';
    expect(check(options, 'upstream:80', origin, { from: '10.0.0.1', headers })).toBeUndefined();
    const spoofed = check(options, 'upstream:80', origin, { from: '10.0.0.2', headers });
    expectRefused(spoofed, 'bad_origin', origin);
    const other = check(options, 'upstream:80', 'http://upstream', { from: '10.0.0.1', headers });
    expectRefused(other, 'bad_origin', 'http://upstream');
  });
});

describe('whoever runs the server is told', () => {
  const policy = new AccessPolicy();

  it('of options by the names they were given by', () => {
    const optionNames = { allowedHosts: 'HOSTS', allowedOrigins: 'SITES', trustedProxies: 'VIA' };
    const named = new AccessPolicy({ optionNames });
    expect(named.adviceOn('https://a.example')).toMatch(
      /; to let it in: SITES https:\/\/a\.example$/,
    );
    const host = request({ hosts: ['a.example'] });
    expect(() => named.checkHost(host)).toThrow('or one that HOSTS names; given: a.example');
    expect(() => new AccessPolicy().checkHost(host)).toThrow('or one that allowedHosts names; ');
    const page = request({ hosts: ['localhost'], headers: { origin: 'https://a.example' } });
    expect(() => named.checkOrigin(page)).toThrow('or one that SITES names; given: https://a.ex');
    expect(() => new AccessPolicy().checkOrigin(page)).toThrow('or one that allowedOrigins names');
    const proxies = { trustedProxies: ['x'], optionNames };
    expect(() => new AccessPolicy(proxies)).toThrow(/^VIA must be an address/);
  });

  it('what lets a page in, in words that the page did not choose', () => {
    const url = 'https://charts.example.com';
    expect(policy.adviceOn('HTTPS://Charts.Example.com:443', 'localhost:8080')).toBe(
      `a page of ${url} was refused the stream; to let it in: allowedOrigins ${url}`,
    );
    for (const origin of ['null', 'file://', 'http://a b', '']) {
      expect(policy.adviceOn(origin, 'localhost')).toBe(
        'a page without an origin was refused the stream: open it over http or https',
      );
    }
  });

  it('that a proxy has dropped the port of Host, where it looks so', () => {
    expect(policy.adviceOn('http://feed.example.com:8443', 'feed.example.com')).toMatch(
      /; if it is this server's own, have the proxy pass Host with its port on$/,
    );
  });
});

describe('the address of a client', () => {
  const OPTIONS = { trustedProxies: ['10.0.0.0/8', '2001:db8::/32'] };
  const addressOf = (from: string, forwarded?: string, options: AccessOptions = OPTIONS) =>
    new AccessPolicy(options).addressOf(
      request({
        from,
        headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      }),
    );

  it.each([
    // Nobody is trusted who is not named.
    ['192.0.2.9', '1.2.3.4', '192.0.2.9'],
    ['192.0.2.9', undefined, '192.0.2.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['2001:db8::5', '1.2.3.4', '1.2.3.4'],
    // What a client wrote itself stands before what the proxies saw.
    ['10.0.0.1', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 10.9.9.9, 1.2.3.4', '1.2.3.4'],
    ['10.0.0.1', '1.2.3.4, 10.0.0.2, 10.0.0.3', '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '10.0.0.5, nonsense', 'nonsense'],
  ])('behind %s that forwards for "%s" is %s', (from, forwarded, address) => {
    expect(addressOf(from, forwarded)).toBe(address);
  });

  it('is that of the socket where no proxy is trusted', () => {
    expect(addressOf('10.0.0.1', '1.2.3.4', {})).toBe('10.0.0.1');
    expect(addressOf('127.0.0.1', '1.2.3.4', {})).toBe('127.0.0.1');
  });
});

describe('a wrong option is told in a sentence', () => {
  it.each([
    '',
    'a b',
    'a:80',
    'a:8080',
    '[::1]:80',
    'http://a.example',
    'a.example/',
    '*.example.com',
    'user@a',
    'a,b',
    'münchen.example:80',
  ])('as a host: "%s"', (host) => {
    const make = () => new AccessPolicy({ allowedHosts: [host] });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(/^allowedHosts must be a name without a port, or \*; given: /);
  });

  it.each([
    '',
    'null',
    'example.com',
    'https://',
    'https://a/',
    'https://a/b',
    'ftp://a',
    'https://a b',
    'https://u@a',
    'https://a:99999',
    'https://*.example.com',
  ])('as an origin: "%s"', (origin) => {
    const make = () => new AccessPolicy({ allowedOrigins: [origin] });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(/^allowedOrigins must be a scheme and a host such as .*; given: /);
  });

  it.each([
    '',
    'x',
    '1.2.3',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '::1/129',
    'a.example',
    'loopback',
  ])('as a proxy: "%s"', (proxy) => {
    const make = () => new AccessPolicy({ trustedProxies: ['127.0.0.1', proxy] });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(/^trustedProxies must be an address or a network such as .*; given: /);
  });
});

describe('the names that a server has by itself', () => {
  it('are the one it listens on, and those of its machine', () => {
    const names = ['feed.example', 'box.lan', 'box.lan.local'];
    expect(ownNames('feed.example', 'box.lan')).toEqual(names);
  });

  it('are none that could not stand in a Host', () => {
    expect(ownNames('::', "someone's box")).toEqual([]);
  });
});
