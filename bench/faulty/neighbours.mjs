/**
 * Readers beside those that are measured, in a process of their own: `neighbours.mjs URL COUNT`.
 * They read what comes, and come back when they are cut, until the process is ended.
 */
import { WebSocket } from 'ws';

const [, , url, count] = process.argv;
let open = 0;

function follow() {
  const socket = new WebSocket(url);
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', since: 'now' }));
    open += 1;
    if (open === Number(count)) process.send('ready');
  });
  socket.on('message', () => {});
  socket.on('error', () => {});
  socket.on('close', () => setTimeout(follow, 500));
}

for (let n = 0; n < Number(count); n++) follow();
