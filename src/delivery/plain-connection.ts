import type { Hub } from './hub.ts';
import { type Message, SocketConnection } from './socket-connection.ts';
import type { MessageHandler, Opened } from './socket-route.ts';

/** A client whose protocol sends everything itself: the hub sends it no rows. */
export class PlainConnection extends SocketConnection {
  readonly kind: string;
  readonly #handler: MessageHandler;

  constructor(hub: Hub, { outlet, address }: Opened, kind: string, handler: MessageHandler) {
    super(hub, outlet, address);
    this.kind = kind;
    this.#handler = handler;
  }

  protected handle(message: Message): void | Promise<void> {
    return this.#handler(message);
  }
}
