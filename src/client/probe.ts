import { parseMessage } from './decode.ts';
import type { Host, Socket } from './host.ts';

/** Who has not been greeted by then may never be: something on the way swallows WebSockets. */
export const HUNG_MS = 5_000;
const EVERY_MS = 300_000;

/**
 * Tries now and then whether a WebSocket gets through by now. The first that does is given to
 * `onOpen`, with the hello that it has brought. What is returned stops that.
 */
export function probe(
  open: () => Socket,
  host: Pick<Host, 'setTimer'>,
  onOpen: (socket: Socket, hello: unknown) => void,
): () => void {
  let stop: () => void;
  const wait = () => {
    stop = host.setTimer(EVERY_MS, attempt);
  };
  const attempt = () => {
    const socket = open();
    const leave = () => {
      cancel();
      [socket.onmessage, socket.onclose] = [null, null];
    };
    const fail = () => {
      leave();
      socket.close();
      wait();
    };
    const cancel = host.setTimer(HUNG_MS, fail);
    stop = () => {
      leave();
      socket.close();
    };
    socket.binaryType = 'arraybuffer';
    socket.onerror = () => {};
    socket.onclose = fail;
    socket.onmessage = ({ data }) => {
      if (parseMessage(data)?.type !== 'hello') {
        fail();
        return;
      }
      leave();
      // It is another's from here on.
      stop = () => {};
      onOpen(socket, data);
    };
  };
  wait();
  return () => stop();
}
