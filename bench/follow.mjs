import { WebSocket } from 'ws';

/** Follows `symbols` from now on; gives how late each row was, in milliseconds. */
export function follow(url, symbols) {
  const latenessMs = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, 'tickwell.v1.bin');
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols, since: 'now' }));
  });
  socket.on('message', (frame, isBinary) => {
    // `until` is the third number of a frame.
    if (isBinary)
      latenessMs.push(performance.timeOrigin + performance.now() - frame.readDoubleLE(16));
  });
  return latenessMs;
}
