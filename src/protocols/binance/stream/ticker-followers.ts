import type { Frame } from '../../../delivery/encoder.ts';
import type { Follower } from '../../../delivery/faulty/told.ts';
import type { SocketOutlet } from '../../../delivery/socket-outlet.ts';
import { webSocketAscii, webSocketText } from '../../../host/websocket-frames.ts';
import { messageHarm } from '../harm.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { TickerStreams, TickerTopic } from '../tickers/ticker-streams.ts';
import type { TimeUnit } from '../time-unit.ts';
import type { Style } from './stream-encoder.ts';

/** From so many characters on, all who get a message share its bytes: a socket copies a text. */
const MOST_TEXT = 2 ** 14;

/** Who follows a stream of tickers in one style. */
interface Followers {
  /** Each with what it is told by, if it asked for faults. */
  readonly outlets: Map<SocketOutlet, Follower | undefined>;
  readonly end: () => void;
}

/**
 * Those who follow tickers, each of which tells how the newest row stands: it is made and framed
 * once for all who follow it in one style. Who has no room for one gets the next.
 */
export class TickerFollowers {
  readonly #streams: TickerStreams;
  readonly #feed: { readonly head: number };
  readonly #symbols: BinanceSymbols;
  readonly #followers = new Map<string, Followers>();

  constructor(streams: TickerStreams, feed: { readonly head: number }, symbols: BinanceSymbols) {
    this.#streams = streams;
    this.#feed = feed;
    this.#symbols = symbols;
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
      const outlets = new Map<SocketOutlet, Follower | undefined>();
      const tell = (payload: Buffer) =>
        send(outlets, frameOf(payload, isCombined ? name : ''), this.#feed.head);
      followers = { outlets, end: this.#streams.follow(topic, unit, tell) };
      this.#followers.set(key, followers);
    }
    const { outlets, end } = followers;
    outlets.set(outlet, outlet.faulty && this.#followerOf(topic, unit));
    return () => {
      if (!outlets.delete(outlet) || outlets.size > 0) return;
      this.#followers.delete(key);
      end();
    };
  }

  /** Who is told by messages of the newest row, as subscriptions are of rows. */
  #followerOf({ column }: TickerTopic, unit: TimeUnit): Follower {
    return {
      columns: column === undefined ? this.#symbols.columns : [column],
      firstLive: this.#feed.head,
      group: { encoder: { harm: messageHarm(this.#symbols, unit) } },
    };
  }
}

/** A message, with the name of its stream if it has one. */
function frameOf(payload: Buffer, name: string): Frame {
  const text = payload.toString('latin1');
  const message = name === '' ? text : `{"stream":"${name}","data":${text}}`;
  return message.length > MOST_TEXT ? webSocketText(message) : webSocketAscii(message);
}

/** Sends a message that tells how things stand at the row before `next`. */
function send(outlets: Followers['outlets'], frame: Frame, next: number): void {
  for (const [outlet, subscription] of outlets) {
    if (outlet.isFull) continue;
    if (subscription === undefined) outlet.send(frame);
    else outlet.send(frame, { told: { subscription, from: next - 1, next } });
  }
}
