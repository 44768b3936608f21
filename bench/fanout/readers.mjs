/**
 * Many readers in one process: `node readers.mjs <kind> <url> <count>`. They cost as little as they
 * can, and the same for each kind: bytes in, the time of the row out. The parent says `measure` and
 * `report`; latency is from the moment a row was due to that of its arrival, whatever was asked for
 * when, so that nothing is left out while a server is slow.
 */
import { connect } from 'node:net';

const [kind, url, countText] = process.argv.slice(2);
const count = Number(countText);
const { hostname, port } = new URL(url);
/** As many connections are opened at once. */
const AT_ONCE = 50;
const POLL_MS = 500;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const UNTIL = '"until":';
/** What a trade of a Binance-style stream begins with, up to its time. */
const TRADE = '{"e":"trade","E":';
/** Of a binary frame: the time of its last row. */
const UNTIL_AT = 16;
const SYMBOLS = Array.from({ length: 100 }, (_, n) => `ticker_${`${n}`.padStart(2, '0')}`);
const ONE = ['ticker_07'];
const TEN = SYMBOLS.slice(0, 10);
/** Wishes for all symbols, each in another order. */
const ORDERS = 1000;
/** The nth reader's id; all differ, and so do their lengths. */
const idOf = (n) => (n * 7919) % 1_000_003;

const now = () => performance.timeOrigin + performance.now();
let latenciesMs = [];
let isMeasuring = false;
let [rows, bytes, open, failed] = [0, 0, 0, 0];

/** A frame of a client: masked, by zeros. */
function masked(opcode, payload) {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const text = (message) => masked(1, Buffer.from(message));
const get = (path) => `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n`;
const upgrade = (path, protocol) =>
  `${get(path)}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: ${KEY}\r\n` +
  `${protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`;

/** The first symbols of an order that is the nth reader's own. */
function shuffled(n, count) {
  const symbols = [...SYMBOLS];
  let state = n + 1;
  for (let k = 0; k < count; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const from = k + Math.floor((state / 2 ** 32) * (symbols.length - k));
    [symbols[k], symbols[from]] = [symbols[from], symbols[k]];
  }
  return symbols.slice(0, count);
}

/** All symbols, for every second reader the other way round. */
const inTwoOrders = (n) => (n % 2 === 0 ? '*' : SYMBOLS.toReversed());

/** Takes note of the rows in a message that ends with the one of `until`. */
function arrived(message, atMs) {
  if (message.startsWith(TRADE)) {
    // Rows come at full seconds, with all that is traded up to the next one.
    const time = Number.parseFloat(message.slice(TRADE.length));
    arrivedUntil(time - (time % 1000), atMs);
    return true;
  }
  const at = message.indexOf(UNTIL);
  if (at < 0) return false;
  arrivedUntil(Number.parseFloat(message.slice(at + UNTIL.length)), atMs);
  return true;
}

function arrivedUntil(until, atMs) {
  rows += 1;
  if (isMeasuring) latenciesMs.push(atMs - until);
}

/** The start of a payload: all that is looked at. */
const startOf = (chunk, at, length) =>
  chunk.latin1Slice(at, Math.min(at + length, at + 160, chunk.length));

/** Splits what a socket brings into frames, and gives each to `take(opcode, chunk, at, length)`. */
function framesOf(take) {
  let rest;
  return (chunk) => {
    const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    let at = 0;
    while (at < data.length) {
      const head =
        data.length - at < 2
          ? 99
          : (data[at + 1] & 127) < 126
            ? 2
            : (data[at + 1] & 127) === 126
              ? 4
              : 10;
      if (data.length - at < head) break;
      const short = data[at + 1] & 127;
      const length =
        head === 2
          ? short
          : head === 4
            ? data.readUInt16BE(at + 2)
            : Number(data.readBigUInt64BE(at + 2));
      if (data.length - at < head + length) break;
      take(data[at] & 15, data, at + head, length);
      at += head + length;
    }
    if (at < data.length) rest = data.subarray(at);
  };
}

const BINARY = 'tickwell.v1.bin';

/** The other end of each kind: what it says first, and what it does with what comes. */
const KINDS = {
  bare: (socket) => {
    socket.write('!');
    opened();
    return framesOf((_, chunk, at, length) => arrived(startOf(chunk, at, length), now()));
  },
  ws: (socket) => webSocket(socket, '/', () => {}),
  tickwell: (socket) => subscriber(socket, {}),
  one: (socket) => subscriber(socket, { symbols: ['ticker_07'] }),
  ids: (socket, n) => subscriber(socket, { id: idOf(n) }),
  // Of one symbol, of ten and now and then; each beside rows of the same.
  oneids: (socket, n) => subscriber(socket, { id: idOf(n), symbols: ONE }),
  candles: (socket, n) => subscriber(socket, { id: idOf(n), symbols: ONE, resolution: '1m' }),
  tenids: (socket, n) => subscriber(socket, { id: idOf(n), symbols: TEN }),
  tencandles: (socket, n) => subscriber(socket, { id: idOf(n), symbols: TEN, resolution: '1m' }),
  everycandles: (socket, n) =>
    subscriber(socket, { id: idOf(n), symbols: ONE, resolution: '1m', every: 5000 }),
  tens: (socket, n) => subscriber(socket, { symbols: shuffled(n, 10) }),
  tenscandles: (socket, n) =>
    subscriber(socket, { id: idOf(n), symbols: shuffled(n, 10), resolution: '1m' }),
  // Books of 20 levels of two symbols: the same two, or a pair of its own.
  books: (socket) => subscriber(socket, { what: 'depth', symbols: SYMBOLS.slice(0, 2) }),
  ownbooks: (socket, n) => subscriber(socket, { what: 'depth', symbols: shuffled(n, 2) }),
  // Single trades of one symbol by a Binance-style stream: the same for all, or its own.
  trades: (socket) => webSocket(socket, '/ws/ticker07usdt@trade', () => {}),
  owntrades: (socket, n) => {
    const symbol = SYMBOLS[n % SYMBOLS.length].replace('_', '');
    return webSocket(socket, `/ws/${symbol}usdt@trade`, () => {});
  },
  orders: (socket, n) => subscriber(socket, { symbols: shuffled(n % ORDERS, 100) }),
  latest: (socket, n) => subscriber(socket, { symbols: inTwoOrders(n), delivery: 'latest' }),
  // Rows are counted twice then: so is what they cost.
  two: (socket) => subscriber(socket, {}, undefined, { id: 2, symbols: inTwoOrders(1) }),
  binary: (socket) => subscriber(socket, {}, BINARY),
  events: (socket) => eventStream(socket),
  mix: (socket, n) => [KINDS.tickwell, KINDS.binary, KINDS.events][n % 3](socket),
  // Has asked for something once, and for no rows.
  idle: (socket) =>
    webSocket(socket, '/v1/stream', () => socket.write(text('{"type":"ping","id":1}'))),
  socketio: (socket) =>
    webSocket(
      socket,
      '/socket.io/?EIO=4&transport=websocket',
      () => {},
      (message) => {
        if (message.startsWith('0')) socket.write(text('40'));
        if (message === '2') socket.write(text('3'));
      },
    ),
  poll: (socket) => poll(socket),
};

/** Of Tickwell's own stream: the same wish as everyone, but for what is said here. */
function subscriber(socket, changes, protocol, ...others) {
  const asked = [changes, ...others].map((of) => {
    return text(JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', since: 'now', ...of }));
  });
  const begin = () => socket.write(Buffer.concat(asked));
  return webSocket(socket, '/v1/stream', begin, () => {}, protocol);
}

/** Rows as events: each is looked for in what comes, wherever it is cut. */
function eventStream(socket) {
  socket.write(`${get('/v1/events?since=now')}\r\n`);
  let isOpen = false;
  return (chunk) => {
    if (!isOpen) {
      isOpen = true;
      opened();
    }
    arrived(startOf(chunk, 0, chunk.length), now());
  };
}

function webSocket(socket, path, begin, other = () => {}, protocol = undefined) {
  let isOpen = false;
  let head = '';
  const take = framesOf((opcode, chunk, at, length) => {
    if (opcode === 9) socket.write(masked(10, Buffer.from(chunk.subarray(at, at + length))));
    if (opcode === 2) arrivedUntil(chunk.readDoubleLE(at + UNTIL_AT), now());
    if (opcode !== 1) return;
    const message = startOf(chunk, at, length);
    if (!arrived(message, now())) other(message);
  });
  socket.write(upgrade(path, protocol));
  return (chunk) => {
    if (isOpen) return take(chunk);
    head += chunk.latin1Slice();
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!head.startsWith('HTTP/1.1 101')) {
      failed += 1;
      socket.destroy();
      return;
    }
    isOpen = true;
    opened();
    begin();
    const rest = Buffer.from(head.slice(end + 4), 'latin1');
    if (rest.length > 0) take(rest);
  };
}

/** Asks again and again for all rows since the last answer. */
function poll(socket) {
  let since = 'now';
  let answer = '';
  const ask = () => {
    if (socket.destroyed) return;
    socket.write(`GET /v1/rows?since=${since} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  };
  opened();
  setTimeout(ask, Math.random() * POLL_MS);
  return (chunk) => {
    answer += chunk.latin1Slice();
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(answer)?.[1]);
    if (answer.length < end + 4 + length) return;
    const [atMs, body] = [now(), answer.slice(end + 4)];
    answer = '';
    const {
      since: from,
      until,
      interval,
    } = JSON.parse(`${body.slice(0, body.indexOf(',"symbols"'))}}`);
    if (since !== 'now') {
      for (let time = from + interval; time <= until; time += interval) {
        rows += 1;
        if (isMeasuring) latenciesMs.push(atMs - time);
      }
    }
    since = until;
    setTimeout(ask, POLL_MS);
  };
}

/** Those that are read as another kind is. */
const PEERS = { bareone: 'bare', baretrades: 'bare', handle: 'bare', epoll: 'bare' };

let waiting = count;
function opened() {
  open += 1;
  if (waiting > 0) begin();
  if (open === count) process.send({ open });
}

function begin() {
  const n = count - waiting;
  waiting -= 1;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => {});
  socket.on('close', () => {
    failed += 1;
  });
  socket.on('connect', () => {
    const take = KINDS[PEERS[kind] ?? kind](socket, n);
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      take(chunk);
    });
  });
}
for (let n = 0; n < Math.min(AT_ONCE, count); n++) begin();

process.on('message', (message) => {
  if (message === 'measure') {
    [latenciesMs, rows, bytes] = [[], 0, 0];
    isMeasuring = true;
    return;
  }
  isMeasuring = false;
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (part) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
  const cpu = process.cpuUsage();
  const cpuMs = (cpu.user + cpu.system) / 1000;
  process.send({ rows, bytes, failed, p50: at(0.5), p99: at(0.99), p999: at(0.999), cpuMs });
});
process.on('disconnect', () => process.exit(0));
