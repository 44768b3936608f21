/**
 * What the server's fan-out is measured against: the same rows of the same market to everyone, by
 * other means. `node rivals.mjs bare|ws|socketio '<spec>'` prints where it listens.
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

const RIVALS = {
  /** No protocol at all: one Buffer, written to each socket. The floor. */
  async bare() {
    const sockets = new Set();
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('data', () => sockets.add(socket));
      socket.on('close', () => sockets.delete(socket));
    });
    const send = () => {
      const body = Buffer.from(JSON.stringify(newest()));
      const [high, low] = [body.length >> 8, body.length & 255];
      const head = Buffer.from(body.length > 125 ? [0x81, 126, high, low] : [0x81, low]);
      const frame = Buffer.concat([head, body]);
      for (const socket of sockets) socket.write(frame);
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
const { server, send } = await RIVALS[kind === 'bareone' ? 'bare' : kind]();
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
const run = () => {
  if (feed.advance(Date.now()) > 0) send();
  setTimeout(run, Math.max(1, feed.nextDueMs() - Date.now()));
};
run();
