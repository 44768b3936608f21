/**
 * Clients over bare sockets that keep their connection, as cheap as they can be: each sends its next
 * request when the answer to the last one is there.
 */
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** Sends `times` requests over `atOnce` connections; `textOf` gives the n-th as it goes out. */
export async function ask(url, { times, atOnce, textOf, status }) {
  const { hostname, port } = new URL(url);
  let asked = 0;
  await Promise.all(Array.from({ length: atOnce }, () => reader({ hostname, port, status }, next)));

  function next() {
    return asked < times ? textOf(asked++) : undefined;
  }
}

function reader({ hostname, port, status }, next) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const begin = Buffer.from(`HTTP/1.1 ${status} `);
    let held = Buffer.alloc(0);
    const send = () => {
      const text = next();
      if (text === undefined) socket.end();
      else socket.write(text, 'latin1');
    };
    socket.setNoDelay(true).on('connect', send).on('error', reject).on('close', resolve);
    socket.on('data', (bytes) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const end = endOf(held);
      if (end === undefined || held.length < end) return;
      if (held.length > end || !held.subarray(0, begin.length).equals(begin)) {
        reject(new Error(`unexpected answer: ${held.toString('latin1', 0, 400)}`));
        socket.destroy();
        return;
      }
      held = held.subarray(end);
      send();
    });
  });
}

/** Where an answer ends, as far as that can be seen. */
function endOf(bytes) {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const fields = bytes.toString('latin1', 0, head).toLowerCase();
  const from = head + HEAD_END.length;
  const length = /\r\ncontent-length: (\d+)/.exec(fields)?.[1];
  if (length !== undefined) return from + Number(length);
  if (!fields.includes('\r\ntransfer-encoding: chunked')) return from;
  const last = bytes.lastIndexOf('0\r\n\r\n');
  return last >= from && last + 5 === bytes.length ? bytes.length : undefined;
}

/** A request of HTTP/1.1, with what clients say. */
export function requestText(path, headers = {}) {
  const said = { host: 'localhost:8080', connection: 'keep-alive', accept: '*/*', ...headers };
  const lines = Object.entries(said).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}user-agent: bench\r\n\r\n`;
}
