import type { ErrorCode } from '../../src/wire/errors.ts';
import { type Bytes, type FrameParts, type Heard, rawFrame, text } from '../helpers/raw.ts';

/** What is wrong, the pieces that are written one by one, all that the server says to them. */
export type StreamCase = readonly [
  name: string,
  pieces: readonly Uint8Array[],
  ...answers: readonly Heard[],
];

const PING = '{"type":"ping","id":1}';
/** Its time is that of the server's clock. */
const PONG: Heard = { message: { type: 'pong', id: 1, now: 0, speed: 1 } };
const closed = (code: number, reason = ''): Heard => ({ close: [code, reason] });
const error = (code: ErrorCode, message: string, id?: number, details: object = {}): Heard => ({
  message: { type: 'error', ...(id === undefined ? {} : { id }), code, message, ...details },
});

const frame = (first: number, payload: Bytes = PING, more: Partial<FrameParts> = {}) =>
  rawFrame({ first, payload, ...more });
const spaces = (length: number) => ' '.repeat(length);

/** The first byte of a frame: FIN and opcode. */
const [TEXT, BINARY, CLOSE, PING_FRAME, PONG_FRAME] = [0x81, 0x82, 0x88, 0x89, 0x8a];
const [FIRST, MORE, LAST] = [0x01, 0x00, 0x80];

/** A text in as many fragments as there are payloads. */
function fragments(...payloads: readonly string[]): Buffer[] {
  return payloads.map((payload, n) =>
    frame(n === 0 ? FIRST : n < payloads.length - 1 ? MORE : LAST, payload),
  );
}

/** `PING` in `count` fragments. */
const pingIn = (count: number) => fragments(...PING.slice(0, count - 1), PING.slice(count - 1));

function closeFrame(code: number, reason: Bytes = ''): Buffer {
  const bytes = Buffer.from([code >> 8, code & 0xff]);
  return frame(CLOSE, Buffer.concat([bytes, Buffer.from(reason as string, 'latin1')]));
}

const HEADS: StreamCase[] = [
  ['an unmasked text', [frame(TEXT, PING, { isMasked: false })], closed(1002)],
  ['an unmasked ping', [frame(PING_FRAME, '', { isMasked: false })], closed(1002)],
  ['an unmasked close', [frame(CLOSE, '', { isMasked: false })], closed(1002)],
  ...Object.entries({ RSV1: 0xc1, RSV2: 0xa1, RSV3: 0x91, 'RSV1 of a ping': 0xc9 }).map(
    ([name, first]): StreamCase => [name, [frame(first)], closed(1002)],
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode): StreamCase => [`opcode ${opcode}`, [frame(0x80 | opcode)], closed(1002)],
  ),
  ['half a ping', [frame(0x09, '')], closed(1002)],
  ['half a pong', [frame(0x0a, '')], closed(1002)],
  ['half a close', [frame(0x08, '')], closed(1002)],
  ['a ping of 126 bytes', [frame(PING_FRAME, spaces(126))], closed(1002)],
  ['a pong of 126 bytes', [frame(PONG_FRAME, spaces(126))], closed(1002)],
  ['a close of 126 bytes', [frame(CLOSE, `\x03\xe8${spaces(124)}`)], closed(1002)],
  ['a ping of 125 bytes', [frame(PING_FRAME, spaces(125))], { pong: spaces(125) }],
  ['a ping with 8 bytes of length', [frame(PING_FRAME, '', { lengthBytes: 8 })], closed(1002)],
  ['2 bytes of length for 22', [frame(TEXT, PING, { lengthBytes: 2 })], PONG],
  ['8 bytes of length for 22', [frame(TEXT, PING, { lengthBytes: 8 })], PONG],
  ...[2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 32n, 4097n].map(
    (length): StreamCase => [`${length} bytes`, [frame(TEXT, '', { length })], closed(1009)],
  ),
  ['4097 bytes that come', [text(PING + spaces(4075))], closed(1009)],
  ['4096 bytes', [text(PING + spaces(4074))], PONG],
  ['an HTTP request', [Buffer.from('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n')], closed(1002)],
  ['a frame byte by byte', [...text(PING)].map((byte) => Buffer.from([byte])), PONG],
];

const FRAGMENTS: StreamCase[] = [
  ['the end of nothing', [frame(LAST)], closed(1002)],
  ['the middle of nothing', [frame(MORE)], closed(1002)],
  ['a text inside a text', [frame(FIRST, '{'), frame(TEXT)], closed(1002)],
  ['bytes inside a text', [frame(FIRST, '{'), frame(BINARY)], closed(1002)],
  ['16 fragments', pingIn(16), PONG],
  ['17 fragments', pingIn(17), closed(1008)],
  ['1000 empty fragments', [frame(FIRST, ''), ...Array(999).fill(frame(MORE, ''))], closed(1008)],
  ['4097 bytes in two fragments', fragments(spaces(4000), spaces(97)), closed(1009)],
  [
    'a ping between fragments',
    fragments(PING.slice(0, 6), PING.slice(6)).flatMap((half, n) =>
      n === 0 ? [half, frame(PING_FRAME, 'x')] : [half],
    ),
    { pong: 'x' },
    PONG,
  ],
];

const TYPES = 'fetch, subscribe, unsubscribe, candles, ping';
const badType = (given: string, id?: number) =>
  error('unknown_type', `unknown type "${given}"; there are ${TYPES}`, id);
const WITH_TYPE = (type: string) => `{"type":"${type}","id":1}`;

const CHARACTERS: StreamCase[] = [
  ['an overlong slash', [text('"\xc0\xaf"')], closed(1007)],
  ['a surrogate', [text('"\xed\xa0\x80"')], closed(1007)],
  ['a character above U+10FFFF', [text('"\xf4\x90\x80\x80"')], closed(1007)],
  ['a character of five bytes', [text('\xf8\x88\x80\x80\x80')], closed(1007)],
  ['the second byte of a character', [text('\x80')], closed(1007)],
  ['two bytes of three', [text('"\xe2\x82')], closed(1007)],
  ['two bytes of three, then more', fragments('{"x":"\xe2\x82', '"}'), closed(1007)],
  [
    'a character in two fragments',
    fragments(...WITH_TYPE('\xe2\x82|\xac').split('|')),
    badType('\u20ac', 1),
  ],
  [
    'a character in three',
    fragments(...WITH_TYPE('\xf0|\x9f\x98|\x80').split('|')),
    badType('\u{1f600}', 1),
  ],
];

const ENDINGS: StreamCase[] = [
  ['a close of one byte', [frame(CLOSE, '\x03')], closed(1002)],
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
    (code): StreamCase => [`code ${code}`, [closeFrame(code)], closed(1002)],
  ),
  ...[1000, 1001, 1012, 3000, 4000, 4999].map(
    (code): StreamCase => [`code ${code}`, [closeFrame(code)], closed(code)],
  ),
  ['a close without a code', [frame(CLOSE, '')], closed(1005)],
  ['a reason that is no UTF-8', [closeFrame(1000, '\xff')], closed(1007)],
  ['a reason of 123 bytes', [closeFrame(1000, spaces(123))], closed(1000, spaces(123))],
  ['a message after the close', [Buffer.concat([closeFrame(1000), text(PING)])], closed(1000)],
  ['a message after a wrong one', [Buffer.concat([frame(0xf1), text(PING)])], closed(1002)],
  ['a message before a wrong one', [Buffer.concat([text(PING), frame(0xf1)])], PONG, closed(1002)],
  ['bytes', [frame(BINARY)], closed(1003, 'messages are text')],
  ['no bytes', [frame(BINARY, '')], closed(1003, 'messages are text')],
  [
    'bytes, and a text behind them',
    [Buffer.concat([frame(BINARY), text(PING)])],
    closed(1003, 'messages are text'),
  ],
];

const cut = (given: string) => `${given.slice(0, 57)}...`;
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const utf8 = (message: string) => [text(Buffer.from(message))];
const noJson = (given: string) => error('bad_json', `a message must be JSON; given: ${given}`);
const badId = (given: string, id?: number) =>
  error('bad_request', `id must be a whole number from 0 to 4294967295; given: ${given}`, id);
const ids = (given: string) => utf8(`{"type":"ping","id":${given}}`);
const fetchOf = (fields: string) => utf8(`{"type":"fetch","id":1,${fields}}`);
const pong = (id: number): Heard => ({ message: { type: 'pong', id, now: 0, speed: 1 } });

const MESSAGES: StreamCase[] = [
  ['an empty text', [text('')], noJson('""')],
  ['a zero', [text('\0')], noJson('\\u0000')],
  ['a mark of byte order', utf8(`\ufeff${PING}`), noJson(`\ufeff${PING}`)],
  ['two objects', utf8(PING + PING), noJson(PING + PING)],
  ['a comma behind an object', utf8(`${PING},`), noJson(`${PING},`)],
  ['a line break in a text', utf8('{"type":"a\nb"}'), noJson('{"type":"a\\u000ab"}')],
  [
    'a depth of 2000 in a field that is unknown',
    utf8(`{"type":"ping","id":1,"x":${deep(2000)}}`),
    error('bad_request', 'unknown field "x" of ping; there are type, id', 1),
  ],
  ['a depth of 2000 as id', ids(deep(2000)), badId(cut(deep(2000)))],
  ['a key twice', utf8('{"type":"ping","id":1,"id":2}'), pong(2)],
  ['a type twice', utf8('{"type":"ping","type":"zap","id":1}'), badType('zap', 1)],
  [
    'a prototype',
    utf8('{"__proto__":{"type":"ping","id":1}}'),
    error('unknown_type', `type is missing; there are ${TYPES}`),
  ],
  [
    'an id in a prototype',
    utf8('{"type":"ping","__proto__":{"id":1}}'),
    error('bad_request', 'unknown field "__proto__" of ping; there are type, id'),
  ],
  ['a type of Object', utf8('{"type":"constructor","id":1}'), badType('constructor', 1)],
  [
    'a type with toJSON',
    utf8('{"type":{"toJSON":1},"id":1}'),
    error('unknown_type', `type must be one of ${TYPES}; given: {"toJSON":1}`, 1),
  ],
  ['half a surrogate pair', utf8('{"type":"\\ud800","id":1}'), badType('\ufffd', 1)],
  ['an id of 1e400', ids('1e400'), badId('Infinity')],
  ['an id of 1e-400', ids('1e-400'), pong(0)],
  ['an id of -0', ids('-0'), pong(0)],
  ['an id of 1e3', ids('1e3'), pong(1000)],
  ['an id of 1.5', ids('1.5'), badId('1.5')],
  ['an id of -1', ids('-1'), badId('-1', -1)],
  ['an id of 2^32', ids('4294967296'), badId('4294967296', 2 ** 32)],
  ['an id of 2^53', ids('9007199254740992'), badId('9007199254740992', 2 ** 53)],
  ['an id of text', ids('"1"'), badId('1')],
  ['an id of a list', ids('[1]'), badId('[1]')],
  ['an id of null', ids('null'), badId('null')],
  [
    'a limit of 1e400',
    fetchOf('"symbols":"*","since":"now","limit":1e400'),
    error(
      'bad_request',
      'limit must be a whole number from 1 to 9007199254740991; given: Infinity',
      1,
    ),
  ],
  [
    'a since of 1e308',
    fetchOf('"symbols":"*","since":1e308'),
    error(
      'bad_request',
      'since must be whole milliseconds since 1970 or RFC 3339 text; given: 1e+308',
      1,
    ),
  ],
  [
    'a symbol 301 times',
    fetchOf(`"symbols":[${'"ticker_0",'.repeat(300)}"ticker_0"],"since":"now"`),
    error('bad_request', 'symbols must differ; given twice: ticker_0', 1),
  ],
  [
    'a resolution of 3900 digits',
    utf8(
      '{"type":"candles","id":1,"symbol":"ticker_0","from":0,"count":1,' +
        `"resolution":"${'1'.repeat(3900)}"}`,
    ),
    error(
      'bad_request',
      'resolution must be a number and one of ms s m h d w mo y, at least the interval of 10 ms ' +
        `and at most 520w or 10y; given: ${cut('1'.repeat(99))}`,
      1,
      { interval: 10 },
    ),
  ],
];

export const STREAM_CASES: Readonly<Record<string, readonly StreamCase[]>> = {
  'a frame with': HEADS,
  'fragments with': FRAGMENTS,
  'characters with': CHARACTERS,
  'an ending with': ENDINGS,
  'a message with': MESSAGES,
};
