import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The answers of one connection. */
interface Answers {
  /** The one that is being made or sent. */
  current: ServerResponse;
  /** That to the request which came last. */
  newest: ServerResponse;
  /** Whether its socket is handed over when all are sent. */
  isLeaving: boolean;
}

/**
 * Has the requests of a connection answered one after the other. Node hands over all that came at
 * once, a thousand of them, and their answers would wait in memory for a client that reads none.
 * The next is begun when the one before has been sent, and no more are read while one waits.
 */
export class Turns {
  readonly #answers = new WeakMap<Socket, Answers>();

  /** To be made before anything but its handler listens to the requests of a server. */
  constructor(server: Server) {
    const handlers = server.listeners('request') as RequestHandler[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const answers = this.#answers.get(socket);
      if (answers === undefined || hasEnded(answers.newest)) {
        if (answers === undefined) this.#answers.set(socket, newAnswers(response));
        else Object.assign(answers, newAnswers(response));
        for (const handle of handlers) handle(request, response);
        return;
      }
      const before = answers.newest;
      answers.newest = response;
      process.nextTick(() => pause(socket, answers));
      before.once('close', () => {
        if (socket.destroyed) return;
        if (answers.newest === response && !answers.isLeaving) socket.resume();
        answers.current = response;
        for (const handle of handlers) handle(request, response);
      });
    });
  }

  /** The answer to the newest request of a connection. */
  newestOf(socket: Socket): ServerResponse | undefined {
    return this.#answers.get(socket)?.newest;
  }

  /** Whether a socket is not to be read for now: a request waits, or it was handed over. */
  holds(socket: Socket): boolean {
    const answers = this.#answers.get(socket);
    if (answers === undefined) return false;
    return answers.isLeaving || answers.current !== answers.newest;
  }

  /** Calls `then` when all requests that came before have been answered, if the client stays. */
  whenFree(socket: Socket, then: () => void): void {
    const answers = this.#answers.get(socket);
    // Node has let go of the socket; what it read on would be lost.
    if (answers !== undefined) answers.isLeaving = true;
    if (answers === undefined || hasEnded(answers.newest)) {
      then();
      return;
    }
    const drained = () => answers.current.emit('drain');
    const failed = () => socket.destroy();
    socket.on('drain', drained).on('error', failed);
    answers.newest.once('close', () => {
      socket.off('drain', drained).off('error', failed);
      if (socket.destroyed || !socket.writable) return;
      then();
    });
  }
}

function newAnswers(only: ServerResponse): Answers {
  return { current: only, newest: only, isLeaving: false };
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

function hasEnded({ writableFinished, destroyed }: ServerResponse): boolean {
  return writableFinished || destroyed;
}

/** Not before all that was read with it has been parsed: an upgrade takes the socket as it is. */
function pause(socket: Socket, { newest, isLeaving }: Answers): void {
  if (!isLeaving && !hasEnded(newest)) socket.pause();
}
