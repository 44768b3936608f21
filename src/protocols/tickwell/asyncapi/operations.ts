import type { ServerMessage } from '../../../wire/messages.ts';
import type { ClientMessage } from '../../../wire/requests.ts';

type Suffixed<T extends string, S extends string> = `${Capitalize<T>}${S}`;

/** The messages of the document: those of the wire by the names of their types, and the frame. */
export type MessageName =
  | Suffixed<ClientMessage['type'], 'Request'>
  | Suffixed<ServerMessage['type'], 'Message'>
  | 'SubscribeCandlesRequest'
  | 'SubscribeTradesRequest'
  | 'StreamedCandlesMessage'
  | 'SubscribeDepthRequest'
  | 'DepthFrame'
  | 'RowsFrame'
  | 'CandlesFrame'
  | 'TradesFrame';

const CHANNEL = { $ref: '#/channels/stream' };

/** What a client does: it sends requests, which have replies, and receives what comes unasked. */
export function operations(): Readonly<Record<string, object>> {
  return {
    greeted: receive('Learn what is served', HELLO, ['HelloMessage']),
    subscribe: request('Follow the rows after a cursor', SUBSCRIBE, 'SubscribeRequest', [
      'SubscribedMessage',
    ]),
    follow: receive('Get the rows of subscriptions', FOLLOW, [
      'RowsMessage',
      'RowsFrame',
      'SkippedMessage',
      'MarketMessage',
    ]),
    subscribeCandles: request(
      'Follow the candles of the rows after a cursor',
      SUBSCRIBE_CANDLES,
      'SubscribeCandlesRequest',
      ['SubscribedMessage'],
    ),
    followCandles: receive('Get the candles of subscriptions', FOLLOW_CANDLES, [
      'StreamedCandlesMessage',
      'CandlesFrame',
    ]),
    subscribeDepth: request(
      'Follow the books of the rows after a cursor',
      SUBSCRIBE_DEPTH,
      'SubscribeDepthRequest',
      ['SubscribedMessage'],
    ),
    followDepth: receive('Get the books of subscriptions', FOLLOW_DEPTH, [
      'DepthMessage',
      'DepthFrame',
    ]),
    subscribeTrades: request(
      'Follow the single trades of the rows after a cursor',
      SUBSCRIBE_TRADES,
      'SubscribeTradesRequest',
      ['SubscribedMessage'],
    ),
    followTrades: receive('Get the trades of subscriptions', FOLLOW_TRADES, [
      'TradesMessage',
      'TradesFrame',
      'SkippedMessage',
      'MarketMessage',
    ]),
    unsubscribe: request('End a subscription', UNSUBSCRIBE, 'UnsubscribeRequest', [
      'UnsubscribedMessage',
    ]),
    fetch: request('Pull rows', FETCH, 'FetchRequest', ['RowsMessage', 'RowsFrame']),
    candles: request('Get candles', CANDLES, 'CandlesRequest', ['CandlesMessage']),
    ping: request('Ask for a sign of life', PING, 'PingRequest', ['PongMessage']),
    beat: receive('Hear that the stream is alive', BEAT, ['HeartbeatMessage']),
    clock: receive('Hear how the time of the market goes', CLOCK, ['ClockMessage']),
    fail: receive('Learn what was wrong', FAIL, ['ErrorMessage']),
    leave: receive('Learn why the connection closes', LEAVE, ['ByeMessage']),
  };
}

function request(summary: string, description: string, name: MessageName, replies: MessageName[]) {
  const reply = { channel: CHANNEL, messages: [...replies, 'ErrorMessage' as const].map(refOf) };
  return { action: 'send', channel: CHANNEL, summary, description, messages: [refOf(name)], reply };
}

function receive(summary: string, description: string, names: MessageName[]) {
  return { action: 'receive', channel: CHANNEL, summary, description, messages: names.map(refOf) };
}

function refOf(name: MessageName) {
  return { $ref: `#/channels/stream/messages/${name}` };
}

const HELLO = 'The server sends it first, unasked.';

const SUBSCRIBE =
  'The server answers `subscribed`, then sends rows with that id without end: first those ' +
  'there are, then each new one as it becomes due. To resume, subscribe with `since` = the last ' +
  '`until` and `market` = the id from `hello`.';

const FOLLOW =
  'Each message begins where the one before ended: its `since` is the last `until`. If it ever ' +
  'is not, drop the connection and subscribe again from the `until` you have. With delivery ' +
  '`latest`, `skipped` stands for rows that will not be sent.';

const SUBSCRIBE_CANDLES =
  'The server answers `subscribed`, then sends candles with that id without end: first those ' +
  'that are final, many to a message, then the one that forms after each row, or as seldom as ' +
  '`every` says. To resume, subscribe with `since` = the last `until` and `market` = the id ' +
  'from `hello`.';

const FOLLOW_CANDLES =
  'Each message begins where the one before ended: its `since` is the last `until`. Each candle ' +
  'is told as final once, before the next begins. The one that forms is told whole each time.';

const SUBSCRIBE_DEPTH =
  'The server answers `subscribed`, then sends books with that id without end: with `since` ' +
  '`now` first the whole books of the newest row, then what each row changes. To resume, ' +
  'subscribe with `since` = the last `until`: the time of a row whose books you have, of as many ' +
  '`levels`.';

const FOLLOW_DEPTH =
  'Each message begins where the one before ended. A snapshot has whole books, which take the ' +
  'place of what you have; it may leave out rows, if what changed in them is longer. Else the ' +
  'levels that changed: each takes the place of the one at its price, 0 lots mean that it is gone.';

const SUBSCRIBE_TRADES =
  'The server answers `subscribed`, then sends trades with that id without end: of each row all ' +
  'that it has. To resume, subscribe with `since` = the last `until` and `market` = the id from ' +
  '`hello`.';

const FOLLOW_TRADES =
  'Each message begins where the one before ended: its `since` is the last `until`. Numbers of ' +
  'trades have no hole: `first` of a symbol is the one after its last.';

const UNSUBSCRIBE = '`unsubscribed` is the last message of that id, and says the cursor.';

const FETCH =
  'One message of rows. Go on from its `until` while `lag` is above 0. At the head, the lists ' +
  'are empty and `until` equals `since`.';

const CANDLES =
  'As GET /v1/candles with `from` and `count`. The range is clamped to what there is, so there ' +
  'may be fewer; within it every candle is there.';

const PING = 'Counts as a message, like every other one.';

const BEAT = 'Comes instead of silence: each subscription is complete up to its time.';

const CLOCK = 'Comes when the time of the market goes on at another speed, or has jumped.';

const FAIL = 'Comes with the id of the message that was wrong, or without one if it had none.';

const LEAVE = 'The last message, then the server closes the connection with the same code.';
