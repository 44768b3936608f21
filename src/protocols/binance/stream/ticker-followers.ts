import type { Frame } from '../../../delivery/encoder.ts';
import type { SocketOutlet } from '../../../delivery/socket-outlet.ts';
import { webSocketAscii, webSocketText } from '../../../host/websocket-frames.ts';
import type { TickerStreams, TickerTopic } from '../tickers/ticker-streams.ts';
import type { Style } from './stream-encoder.ts';

/** From so many characters on, all who get a message share its bytes: a socket copies a text. */
const MOST_TEXT = 2 ** 14;

/** Who follows a stream of tickers in one style. */
interface Followers {
  readonly outlets: Set<SocketOutlet>;
  readonly end: () => void;
}

/**
 * Those who follow tickers, each of which tells how the newest row stands: it is made and framed
 * once for all who follow it in one style. Who has no room for one gets the next.
 */
export class TickerFollowers {
  readonly #streams: TickerStreams;
  readonly #followers = new Map<string, Followers>();

  constructor(streams: TickerStreams) {
    this.#streams = streams;
  }

  /** Has a client told from now on; gives how to end that. */
  follow(
    name: string,
    topic: TickerTopic,
    { isCombined, unit }: Omit<Style, 'ending'>,
    outlet: SocketOutlet,
  ): () => void {
    const key = `${name} ${isCombined} ${unit}`;
    let followers = this.#followers.get(key);
    if (followers === undefined) {
      const outlets = new Set<SocketOutlet>();
      const tell = (payload: Buffer) => send(outlets, frameOf(payload, isCombined ? name : ''));
      followers = { outlets, end: this.#streams.follow(topic, unit, tell) };
      this.#followers.set(key, followers);
    }
    const { outlets, end } = followers;
    outlets.add(outlet);
    return () => {
      if (!outlets.delete(outlet) || outlets.size > 0) return;
      this.#followers.delete(key);
      end();
    };
  }
}

/** A message, with the name of its stream if it has one. */
function frameOf(payload: Buffer, name: string): Frame {
  const text = payload.toString('latin1');
  const message = name === '' ? text : `{"stream":"${name}","data":${text}}`;
  return message.length > MOST_TEXT ? webSocketText(message) : webSocketAscii(message);
}

function send(outlets: ReadonlySet<SocketOutlet>, frame: Frame): void {
  for (const outlet of outlets) if (!outlet.isFull) outlet.send(frame);
}
