import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';

/** A certificate of this machine, with its key; clients are told to trust it. */
export const CERTIFICATE = fileURLToPath(
  new URL('../../test/clients/localhost.pem', import.meta.url),
);

/** What is in front of a server for clients that speak TLS alone. */
export async function behindTls(url) {
  const pem = readFileSync(CERTIFICATE);
  const sockets = new Set();
  const proxy = createServer({ key: pem, cert: pem }, (socket) => {
    const to = connect(Number(new URL(url).port), '127.0.0.1');
    const end = () => {
      for (const one of [socket, to]) one.destroy();
      sockets.delete(socket);
    };
    sockets.add(socket);
    for (const one of [socket, to]) one.on('error', end).on('close', end);
    socket.pipe(to).pipe(socket);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${proxy.address().port}`,
    async close() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
