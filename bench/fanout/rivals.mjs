/**
 * What the server's fan-out is measured against: the same rows of the same market to everyone, by
 * other means. `node rivals.mjs bare|bareone|baretrades|handle|ws|socketio '<spec>'` prints where it
 * listens.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { checkSpec, Feed, Market } from '../../dist/index.js';

const [kind, spec] = process.argv.slice(2);
const market = new Market(checkSpec(JSON.parse(spec)).spec);
const feed = new Feed(market);
const { originMs, intervalMs } = market.grid;

/** The newest row, as the stream of the server says it. */
function newest() {
  const index = feed.head - 1;
  const until = originMs + index * intervalMs;
  const columns = kind === 'bareone' ? [7] : market.instruments.keys();
  const prices = Array.from(columns, (column) => [feed.history.priceAt(column, index)]);
  return { type: 'rows', id: 1, since: until - intervalMs, until, lag: 0, prices };
}

/** As many trades as the newest row has, each a message as a Binance-style stream says it. */
function newestTrades() {
  const index = feed.head - 1;
  const first = market.tradesBefore(7, index);
  const time = originMs + index * intervalMs;
  return Array.from({ length: market.tradesBefore(7, index + 1) - first }, (_, n) => {
    const said = { e: 'trade', E: time, s: 'TICKER07USDT', t: first + n, p: '100.20000000' };
    return frameOf({ ...said, q: '4.00000000', T: time, m: false, M: true });
  });
}

/** The newest row as one frame for all. */
function newestFrame() {
  return kind === 'baretrades' ? Buffer.concat(newestTrades()) : frameOf(newest());
}

function frameOf(message) {
  const body = Buffer.from(JSON.stringify(message));
  const [high, low] = [body.length >> 8, body.length & 255];
  const head = Buffer.from(body.length > 125 ? [0x81, 126, high, low] : [0x81, low]);
  return Buffer.concat([head, body]);
}

/** Sockets without a protocol: whoever has said something is sent rows. */
function bareServer() {
  const sockets = new Set();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', () => sockets.add(socket));
    socket.on('close', () => sockets.delete(socket));
  });
  return { server, sockets };
}

const RIVALS = {
  /** No protocol at all: one Buffer, written to each socket. */
  async bare() {
    const { server, sockets } = bareServer();
    const send = () => {
      const frame = newestFrame();
      for (const socket of sockets) socket.write(frame);
    };
    return { server, send };
  },
  /** The same past the streams of Node: what a handle of libuv can write at best. */
  async handle() {
    const { server, sockets } = bareServer();
    let Request;
    const send = () => {
      const frame = newestFrame();
      for (const socket of sockets) {
        const { _handle: handle } = socket;
        if (Request === undefined) {
          // Node gives it to nobody: it is seen in the first write.
          const { writeBuffer } = handle;
          handle.writeBuffer = (request, buffer) => {
            Request = request.constructor;
            return writeBuffer.call(handle, request, buffer);
          };
          socket.write(frame);
          delete handle.writeBuffer;
          continue;
        }
        const request = new Request();
        request.oncomplete = () => {};
        handle.writeBuffer(request, frame);
      }
    };
    return { server, send };
  },
  /** What most people write first. */
  async ws() {
    const { WebSocketServer } = await import('ws');
    const server = createHttpServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    const send = () => {
      const rows = newest();
      for (const client of sockets.clients) client.send(JSON.stringify(rows));
    };
    return { server, send };
  },
  async socketio() {
    const { Server } = await import('socket.io');
    const server = createHttpServer();
    const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false });
    return { server, send: () => io.emit('rows', newest()) };
  },
};

feed.advance(Date.now());
const { server, send } = await RIVALS[kind.startsWith('bare') ? 'bare' : kind]();
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
const run = () => {
  if (feed.advance(Date.now()) > 0) send();
  setTimeout(run, Math.max(1, feed.nextDueMs() - Date.now()));
};
run();
