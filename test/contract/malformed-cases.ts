import { quoted } from '../../src/core/market/quoted.ts';
import type { ErrorCode } from '../../src/wire/errors.ts';

/** An error, whole; or the status and content type of any other answer. */
export type HttpAnswer =
  | readonly [code: ErrorCode, message: string]
  | readonly [status: number, type: string | undefined];

/** What is wrong, the bytes as Latin-1, all answers until the server hangs up. */
export type HttpCase = readonly [name: string, bytes: string, ...answers: HttpAnswer[]];

const JSON_TYPE = 'application/json; charset=utf-8';
const OK: HttpAnswer = [200, JSON_TYPE];

/** What is no HTTP: the rule it breaks, and the line that does. */
const broken = (rule: string, given: string): HttpAnswer => [
  'bad_request',
  `${rule}; given: ${given}`,
];
const badMethod = (line: string) =>
  broken('the method must be one of HTTP, in capital letters', line);
const badTarget = (line: string) =>
  broken('the path must begin with / and be percent-encoded', line);
const badLine = (line: string) => broken('the request line must end with HTTP/1.1 and CR LF', line);
const badEnd = (line: string) => broken('each line must end with CR LF', line);
const badHeader = (line: string) =>
  broken('each header must be a name, a colon and text on one line', line);
const badLength = (line: string) =>
  broken('Content-Length must be one whole number, without Transfer-Encoding', line);
const badEncoding = (line: string) =>
  broken('Transfer-Encoding must be chunked, without Content-Length', line);
const badChunk = (line: string) =>
  broken('the size of a chunk must be at most 16 hexadecimal digits', line);
/** Another version than HTTP/1, or another protocol. */
const otherVersion = (given: string): HttpAnswer => [
  'version_not_supported',
  `the request must be HTTP/1.1; given: ${given}`,
];
const notFound = (path: string, says = 'see /docs'): HttpAnswer => [
  'not_found',
  `no such path "${path}"; ${says}`,
];
const notBy = (method: string, path: string): HttpAnswer => [
  'not_found',
  `${path} takes GET and HEAD alone; given: ${method}`,
];
const badPath = (given: string): HttpAnswer => [
  'bad_request',
  `the path must be that of a URL, percent-encoded UTF-8; given: GET ${given}`,
];
const badHost = (given: string): HttpAnswer => [
  'bad_host',
  `Host must be an address, a name without dots, or one that allowedHosts names; given: ${given}`,
];
const NO_HOST: HttpAnswer = [
  'bad_host',
  'Host is missing: an address, a name without dots, or one that allowedHosts names',
];
const TOO_LARGE: HttpAnswer = [
  'headers_too_large',
  'the request must have headers of at most 16 KiB; given: more',
];

const HOST = 'host: a\r\nconnection: close\r\n';
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${HOST}${more}\r\n`;
const post = (more: string, body = '') => `POST /v1/rows HTTP/1.1\r\n${HOST}${more}\r\n${body}`;
const by = (method: string, target: string, more = '') =>
  `${method} ${target} HTTP/1.1\r\n${HOST}${more}\r\n`;
const kept = (target: string) => `GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`;

const H2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';
const CLIENT_HELLO = `\x16\x03\x01\0\x2f\x01\0\0\x2b\x03\x03${'\x5a'.repeat(32)}\0\0\x02\x13\x01\x01\0\0\0`;

const HELLO_SHOWN = quoted(CLIENT_HELLO);

const REQUEST_LINES: HttpCase[] = [
  ['a line of garbage', 'hello?\r\n\r\n', badMethod('hello?')],
  ['zeros', '\0\0\0\0\r\n\r\n', badMethod('\\u0000'.repeat(4))],
  ['the preface of HTTP/2', H2_PREFACE, otherVersion('HTTP/2.0')],
  ['a greeting of TLS', CLIENT_HELLO, badMethod(HELLO_SHOWN)],
  ['HTTP/0.9', 'GET /\r\n\r\n', otherVersion('HTTP/0.9')],
  ['HTTP/1.2', kept('/').replace('1.1', '1.2'), otherVersion('HTTP/1.2')],
  ['HTTP/2.0', get('/healthz').replace('1.1', '2.0'), otherVersion('HTTP/2.0')],
  [
    'RTSP/1.0',
    get('/healthz', 'cseq: 1\r\n').replace('HTTP/1.1', 'RTSP/1.0'),
    otherVersion('RTSP/1.0'),
  ],
  ['OPTIONS of RTSP', 'OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n', otherVersion('RTSP/1.0')],
  ...['GET', 'OPTIONS', 'POST', 'DESCRIBE'].map(
    (method): HttpCase => [
      `${method} of RTSP without CSeq`,
      by(method, '/v1/rows').replace('HTTP/1.1', 'RTSP/1.0'),
      otherVersion('RTSP/1.0'),
    ],
  ),
  ['GET of ICE', get('/').replace('HTTP/1.1', 'ICE/1.0'), otherVersion('ICE/1.0')],
  ['SOURCE of ICE', by('SOURCE', '/').replace('HTTP/1.1', 'ICE/1.0'), otherVersion('ICE/1.0')],
  ['HEAD of RTSP', by('HEAD', '/').replace('HTTP/1.1', 'RTSP/1.0'), otherVersion('RTSP/1.0')],
  ['OPTIONS of RTSP/1.1', by('OPTIONS', '*').replace('HTTP', 'RTSP'), otherVersion('RTSP/1.1')],
  ['SIP', get('/').replace('HTTP/1.1', 'SIP/2.0'), otherVersion('SIP/2.0')],
  [
    'RTSP behind a request',
    `${kept('/healthz')}${get('/healthz').replace('HTTP/1.1', 'RTSP/1.0')}`,
    OK,
    otherVersion('RTSP/1.0'),
  ],
  [
    'HTTP/1.0 in front of RTSP, and like it',
    `GET /healthz HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n` +
      get('/v1/market').replace('HTTP/1.1', 'RTSP/1.0'),
    OK,
    otherVersion('RTSP/1.0'),
  ],
  [
    'RTSP in the headers of HTTP/1.0',
    `GET /healthz HTTP/1.0\r\nhost: a\r\nx: GET /healthz RTSP/1.0\r\n\r\n`,
    OK,
  ],
  ['a header of RTSP on HTTP/1.1', get('/healthz', 'cseq: 1\r\n'), OK],
  ['a method of RTSP', by('DESCRIBE', '/'), badMethod('DESCRIBE / HTTP/1.1')],
  ['HTTP/1.10', kept('/').replace('1.1', '1.10'), badLine('GET / HTTP/1.10')],
  ['HTTP/3.0', kept('/').replace('1.1', '3.0'), otherVersion('HTTP/3.0')],
  ['http in lower case', kept('/').replace('HTTP', 'http'), badLine('GET / http/1.1')],
  ['a path of nothing', 'GET  HTTP/1.1\r\nhost: a\r\n\r\n', badTarget('GET  HTTP/1.1')],
  ['a path without a slash', get('healthz'), badTarget('GET healthz HTTP/1.1')],
  ['a path with a space', get('/healthz x'), badLine('GET /healthz x HTTP/1.1')],
  ['a path with a tab', get('/healthz\tx'), badTarget('GET /healthz\\u0009x HTTP/1.1')],
  ['a path with a zero', get('/heal\0thz'), badTarget('GET /heal\\u0000thz HTTP/1.1')],
  ['a path with Latin-1', get('/v1/\xe9'), badTarget('GET /v1/\xe9 HTTP/1.1')],
  ['a method nobody knows', by('FROB', '/v1/rows'), badMethod('FROB /v1/rows HTTP/1.1')],
  ['a method in lower case', by('get', '/v1/rows'), badMethod('get /v1/rows HTTP/1.1')],
  ['a method without end', by('A'.repeat(5000), '/'), badMethod(`${'A'.repeat(57)}...`)],
  ['PRI as HTTP/1.1', by('PRI', '/v1/rows'), badMethod('PRI /v1/rows HTTP/1.1')],
  ['TRACE', by('TRACE', '/v1/rows', 'cookie: secret\r\n'), notBy('TRACE', '/v1/rows')],
  ['CONNECT', by('CONNECT', 'a:80'), notFound('a:80')],
  ['CONNECT of a path', by('CONNECT', '/v1/stream'), notBy('CONNECT', '/v1/stream')],
  ['QUERY', by('QUERY', '/v1/rows'), notBy('QUERY', '/v1/rows')],
  ['SOURCE', by('SOURCE', '/v1/rows'), notBy('SOURCE', '/v1/rows')],
  ['OPTIONS that is no preflight', by('OPTIONS', '/v1/rows'), [204, undefined]],
  ['OPTIONS of everything', by('OPTIONS', '*'), [204, undefined]],
  ['a URL of 20 KiB', get(`/${'x'.repeat(20_480)}`), TOO_LARGE],
  ['a URL of 10 KiB', get(`/${'x'.repeat(10_240)}`), notFound(`/${'x'.repeat(56)}...`)],
  ['the URL of a proxy', get('http://b/healthz'), OK],
  ['the URL of another', get('http://b.example/healthz'), badHost('b.example')],
  [
    'the URL of FTP',
    get('ftp://a/healthz'),
    notFound('ftp://a/healthz', 'did you mean "/healthz"?'),
  ],
  ['a URL without a host', get('http:///healthz'), badPath('http:///healthz')],
];

const PATHS: HttpCase[] = [
  ['a lone %', get('/v1/rows%'), badPath('/v1/rows%')],
  ['% and no number', get('/v1/%zz'), badPath('/v1/%zz')],
  ['a byte that is no UTF-8', get('/%ff'), badPath('/%ff')],
  ['dots that are overlong', get('/%c0%ae/x'), badPath('/%c0%ae/x')],
  ['a zero, encoded', get('/%00'), notFound('/%00')],
  [
    'a byte that is no UTF-8 in a query',
    get('/v1/rows?last=1&symbols=%ff'),
    ['unknown_symbol', 'unknown symbol "%ff"; /v1/market lists all'],
  ],
  [
    'a line break in a query',
    get('/v1/rows?since=%0d%0aset-cookie:%20a=b'),
    [
      'bad_request',
      'since must be whole milliseconds since 1970 or RFC 3339 text; given: ' +
        '\\u000d\\u000aset-cookie: a=b',
    ],
  ],
  [
    'two questions',
    get('/v1/rows?last=1?last=2'),
    ['bad_request', 'last must be a whole number of at most 15 digits; given: 1?last=2'],
  ],
  ...[
    '/../../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..\\..\\package.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/....//....//etc/passwd',
    '/main.tsx%00.html',
    '/docs/static/../../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
  ].map(
    (path): HttpCase => [`a way out by ${path}`, get(path), notFound(path.replace(/\\/g, '$&$&'))],
  ),
];

const HEADERS: HttpCase[] = [
  [
    'CR without LF',
    'GET / HTTP/1.1\rhost: a\r\r',
    badEnd('GET / HTTP/1.1\\u000dhost: a\\u000d\\u000d'),
  ],
  [
    'LF without CR',
    'GET / HTTP/1.1\nhost: a\n\n',
    badLine('GET / HTTP/1.1\\u000ahost: a\\u000a\\u000a'),
  ],
  ['a header without a colon', get('/', 'nonsense\r\n'), badHeader('nonsense')],
  ['a header without a name', get('/', ': a\r\n'), badHeader(': a')],
  ['a space before the colon', get('/', 'x : a\r\n'), badHeader('x : a')],
  ['a zero in a name', get('/', 'x\0: a\r\n'), badHeader('x\\u0000: a')],
  ['a zero in a value', get('/', 'x: a\0b\r\n'), badHeader('x: a\\u0000b')],
  ['Latin-1 in a name', get('/', 'x\xe9: a\r\n'), badHeader('x\xe9: a')],
  ['Latin-1 in a value', get('/healthz', 'x: \xe9\r\n'), OK],
  ['a lone CR in a value', get('/', 'x: a\rb: c\r\n'), badEnd('x: a\\u000db: c')],
  ['a folded header', get('/', 'x: a\r\n b\r\n'), badHeader(' b')],
  [
    'a first header that is folded',
    `GET / HTTP/1.1\r\n x: y\r\n${HOST}\r\n`,
    broken('the first header must not begin with a space', ' x: y'),
  ],
  ['a header of 17 KiB', get('/', `x: ${'x'.repeat(17_408)}\r\n`), TOO_LARGE],
  ['4000 headers', get('/', 'ab:cde\r\n'.repeat(4000)), TOO_LARGE],
  ['3000 headers', get('/healthz', 'a:b\r\n'.repeat(3000)), OK],
  [
    'no Host',
    'GET /v1/market HTTP/1.1\r\nconnection: close\r\n\r\n',
    ['bad_request', 'Host is missing'],
  ],
  [
    'a Host behind 2000 headers, which some versions of Node do not count',
    `GET /healthz HTTP/1.1\r\n${'a:b\r\n'.repeat(2000)}${HOST}\r\n`,
    OK,
  ],
  [
    'two Hosts',
    get('/v1/market', 'host: b\r\n'),
    ['bad_request', 'Host must be given once; given: ["a","b"]'],
  ],
  [
    'an error late in a long line',
    get('/', `x: ${'y'.repeat(200)}\0z\r\n`),
    badHeader(`...${'y'.repeat(20)}\\u0000z`),
  ],
  ['no Host in HTTP/1.0', 'GET /v1/market HTTP/1.0\r\n\r\n', NO_HOST],
  ['an empty Host', get('/v1/market').replace('host: a', 'host:'), badHost('""')],
  ['a Host with a path', get('/v1/market').replace('host: a', 'host: a/b'), badHost('a/b')],
  ['a Host in Latin-1', get('/v1/market').replace('host: a', 'host: \xe9'), badHost('\xe9')],
  [
    'the Host of another',
    get('/v1/market').replace('host: a', 'host: b.example'),
    badHost('b.example'),
  ],
  ['an Expect nobody can meet', get('/healthz', 'expect: a miracle\r\n'), OK],
  ['Accept-Encoding of garbage', get('/v1/market', 'accept-encoding: ;;;q=,,\r\n'), OK],
  ['no encoding accepted', get('/v1/rows?last=400', 'accept-encoding: *;q=0\r\n'), OK],
  [
    'a Range of garbage',
    get('/docs/static/index.css', 'range: bytes=zz\r\n'),
    [200, 'text/css; charset=utf-8'],
  ],
  [
    'a Range',
    get('/docs/static/index.css', 'range: bytes=0-9\r\n'),
    [200, 'text/css; charset=utf-8'],
  ],
  [
    'a Range beyond the end',
    get('/docs/static/index.css', 'range: bytes=99999999-\r\n'),
    [200, 'text/css; charset=utf-8'],
  ],
  ['a Range of rows', get('/v1/rows?last=9', 'range: bytes=0-9\r\n'), OK],
  [
    'a handshake without Upgrade',
    get('/v1/stream', 'sec-websocket-version: 13\r\n'),
    ['upgrade_required', '/v1/stream must be opened as a WebSocket; given: GET without upgrade'],
  ],
  [
    'the offer of another protocol',
    get('/healthz').replace('close', 'Upgrade\r\nupgrade: h2c'),
    OK,
  ],
];

const CHUNKED = 'transfer-encoding: chunked\r\n';
const NO_POST = notBy('POST', '/v1/rows');

const BODIES: HttpCase[] = [
  ...['-1', '+1', '', '1, 1', '0x10', '1e3', '99999999999999999999'].map(
    (length): HttpCase => [
      `a Content-Length of "${length}"`,
      post(`content-length: ${length}\r\n`, 'x'),
      badLength(`content-length: ${length}`),
    ],
  ),
  [
    'two lengths',
    post('content-length: 1\r\ncontent-length: 2\r\n', 'x'),
    badLength('content-length: 2'),
  ],
  [
    'one length twice',
    post('content-length: 1\r\ncontent-length: 1\r\n', 'x'),
    badLength('content-length: 1'),
  ],
  [
    'a length and chunks',
    post(`content-length: 1\r\n${CHUNKED}`, '0\r\n\r\n'),
    badEncoding('transfer-encoding: chunked'),
  ],
  [
    'chunks and a length',
    post(`${CHUNKED}content-length: 1\r\n`, '0\r\n\r\n'),
    badLength('content-length: 1'),
  ],
  ...['gzip', 'identity', 'xchunked', 'chunked, gzip'].map(
    (encoding): HttpCase => [
      `a Transfer-Encoding of ${encoding}`,
      post(`transfer-encoding: ${encoding}\r\n`),
      badEncoding(`transfer-encoding: ${encoding}`),
    ],
  ),
  ['a chunk size of garbage', post(CHUNKED, 'zz\r\n'), badChunk('zz')],
  ['a chunk of 2^68 bytes', post(CHUNKED, `${'f'.repeat(17)}\r\n`), badChunk('f'.repeat(17))],
  [
    'a chunk with endless remarks',
    post(CHUNKED, `1;${'x'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`),
    broken('a chunk must have at most 16 KiB of extensions', 'more'),
  ],
  ['a body that comes with GET', `${get('/healthz', 'content-length: 2\r\n')}hi`, OK],
  ['a body of no type', post('content-type: ;;;\r\ncontent-length: 1\r\n', 'x'), NO_POST],
  ['a body of an empty type', post('content-type: \r\ncontent-length: 1\r\n', 'x'), NO_POST],
  ['a body of 2^60 bytes', post('content-length: 1152921504606846976\r\n'), NO_POST],
  [
    'a body that is asked for first',
    get('/healthz', 'expect: 100-continue\r\ncontent-length: 1\r\n').concat('x'),
    [100, undefined],
    OK,
  ],
  ['garbage behind a request', `${kept('/healthz')}nonsense\r\n\r\n`, OK, badMethod('nonsense')],
  [
    'garbage behind two requests',
    `${kept('/v1/rows?last=400')}${kept('/v1/nope')}\0\0`,
    OK,
    notFound('/v1/nope'),
    badMethod('\\u0000\\u0000'),
  ],
];

export const HTTP_CASES: Readonly<Record<string, readonly HttpCase[]>> = {
  'its first line': REQUEST_LINES,
  'its path': PATHS,
  'its headers': HEADERS,
  'its body': BODIES,
};

const KEY = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const VERSION = 'sec-websocket-version: 13\r\n';
const UPGRADE = 'connection: upgrade\r\nupgrade: websocket\r\n';

/** A handshake of the stream: right, unless a part of it is another. */
export const handshake = (more = '', line = 'GET /v1/stream HTTP/1.1') =>
  `${line}\r\nhost: a\r\n${UPGRADE}${VERSION}${KEY}${more}\r\n`;

const badField = (field: string, rule: string, given: string): HttpAnswer => [
  'bad_request',
  `${field} must be ${rule}; given: ${given}`,
];
const noField = (field: string, rule: string): HttpAnswer => [
  'bad_request',
  `${field} is missing: it must be ${rule}`,
];
const badKey = (given: string) => badField('Sec-WebSocket-Key', '16 bytes as base64', given);
const badVersion = (given: string): HttpAnswer => [
  'upgrade_required',
  `Sec-WebSocket-Version must be 13; given: ${given}`,
];
const badNames = (given: string) =>
  badField('Sec-WebSocket-Protocol', 'a list of names, each once', given);
const badOrigin = (given: string): HttpAnswer => [
  'bad_origin',
  'Origin must be that of this server or of a page on its own machine, or one that ' +
    `allowedOrigins names; given: ${given}`,
];
const noStream = (given: string): HttpAnswer => [
  'not_found',
  `no WebSocket at "${given}"; it is at /v1/stream`,
];
const version = (given: string) => handshake().replace(VERSION, given);
const key = (given: string) => handshake().replace(KEY, given);
const names = (given: string) => handshake(`sec-websocket-protocol: ${given}\r\n`);
const origin = (given: string) => handshake(`origin: ${given}\r\n`);

/** Handshakes that are refused. */
export const HANDSHAKE_CASES: readonly HttpCase[] = [
  ['no key', key(''), noField('Sec-WebSocket-Key', '16 bytes as base64')],
  ['a short key', key('sec-websocket-key: short\r\n'), badKey('short')],
  ['a key without its padding', key(KEY.replace('==', '')), badKey('dGhlIHNhbXBsZSBub25jZQ')],
  ['a key twice', key(KEY + KEY), badKey('dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==')],
  [
    'no version',
    version(''),
    ['upgrade_required', 'Sec-WebSocket-Version is missing: it must be 13'],
  ],
  ['version 8', version('sec-websocket-version: 8\r\n'), badVersion('8')],
  ['version 14', version('sec-websocket-version: 14\r\n'), badVersion('14')],
  ['version 0xd', version('sec-websocket-version: 0xd\r\n'), badVersion('0xd')],
  ['a version twice', version(VERSION + VERSION), badVersion('13, 13')],
  [
    'two protocols to upgrade to',
    handshake().replace('websocket\r\n', 'h2c, websocket\r\n'),
    badField('Upgrade', 'websocket', 'h2c, websocket'),
  ],
  [
    'POST',
    handshake('', 'POST /v1/stream HTTP/1.1'),
    badField('the method of a WebSocket', 'GET', 'POST'),
  ],
  [
    'HTTP/1.0',
    handshake('', 'GET /v1/stream HTTP/1.0'),
    badField('the HTTP of a WebSocket', '1.1', '1.0'),
  ],
  ...['RTSP/1.0', 'RTSP/1.1'].map(
    (protocol): HttpCase => [
      protocol,
      handshake('', `GET /v1/stream ${protocol}`),
      otherVersion(protocol),
    ],
  ),
  ...['/v1/streamX', '/v1/%73tream', '/v1/stream%', '/v1/stream#x', '//a/v1/stream'].map(
    (path): HttpCase => [`the path ${path}`, handshake('', `GET ${path} HTTP/1.1`), noStream(path)],
  ),
  ['a subprotocol with a space', names('a b'), badNames('a b')],
  ['a subprotocol of nothing', names(''), badNames('""')],
  ['a subprotocol too few', names('tickwell.v1.json,'), badNames('tickwell.v1.json,')],
  ['a subprotocol twice', names('chat, chat'), badNames('chat, chat')],
  ['a header of 17 KiB', handshake(`x: ${'x'.repeat(17_408)}\r\n`), TOO_LARGE],
  ['no Host', handshake().replace('host: a\r\n', ''), ['bad_request', 'Host is missing']],
  [
    'two Hosts',
    handshake('host: b\r\n'),
    ['bad_request', 'Host must be given once; given: ["a","b"]'],
  ],
  ['the Host of another', handshake().replace('host: a', 'host: b.example'), badHost('b.example')],
  ['the Origin of another', origin('http://b.example'), badOrigin('http://b.example')],
  ['the Origin of a file', origin('null'), badOrigin('null')],
  ['an Origin with a user', origin('http://a@b'), badOrigin('http://a@b')],
  ['two Origins', origin('http://a\r\norigin: http://b'), badOrigin('http://a, http://b')],
];

/** Handshakes that are odd and right, with the subprotocol that is selected. */
export const ODD_HANDSHAKES: readonly (readonly [
  name: string,
  bytes: string,
  protocol: string | undefined,
])[] = [
  ['subprotocols that nobody knows', names('chat, __proto__, TICKWELL.V1.BIN'), undefined],
  ['2000 subprotocols', names(Array.from({ length: 2000 }, (_, n) => `p${n}`).join()), undefined],
  ['a known subprotocol among others', names('chat, tickwell.v1.json'), 'tickwell.v1.json'],
  ['extensions of garbage', handshake('sec-websocket-extensions: ;;,=x\r\n'), undefined],
  [
    'an extension that is not served',
    handshake('sec-websocket-extensions: permessage-deflate; client_max_window_bits=99\r\n'),
    undefined,
  ],
  ['another case', handshake().replace('e: websocket', 'E: WebSocket'), undefined],
  ['something to expect', handshake('expect: a miracle\r\n'), undefined],
  ['the Origin of this server', origin('http://a'), undefined],
  ['a whole URL', handshake('', 'GET http://a/v1/stream HTTP/1.1'), undefined],
];
