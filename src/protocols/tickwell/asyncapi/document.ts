import type { TSchema } from 'typebox';
import type { ServerMessage } from '../../../wire/messages.ts';
import type { TickwellService } from '../limits.ts';
import { answerSchemas } from './answers.ts';
import { candlesExample, candlesFrameDescription } from './candles-frame.ts';
import { depthExample, depthFrameDescription } from './depth-frame.ts';
import { conversation } from './examples.ts';
import { frameDescription, frameExample } from './frame.ts';
import { type MessageName, operations } from './operations.ts';
import { requestSchemas } from './requests.ts';
import { closeTable, errorTable } from './texts.ts';
import { tradesExample, tradesFrameDescription } from './trades-frame.ts';

/** What of a service the document tells. */
export type Documented = Pick<TickwellService, 'limits' | 'limitTexts' | 'version'>;

/** The WebSocket as AsyncAPI 3.1: all but where the server is. */
export function documentOf(service: Documented) {
  const messages = messagesOf(service);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Tickwell stream',
      version: service.version,
      license: { name: 'MIT' },
      contact: { name: 'Tickwell' },
      tags: [{ name: 'market', description: 'Rows, candles, trades and books of a market' }],
      description: INFO,
    },
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: '/v1/stream',
        title: 'The stream',
        description: `${CHANNEL}\n\n${closeTable()}`,
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: 'GET', query: NO_QUERY, headers: HEADERS } },
      },
    },
    operations: operations(),
    components: { messages },
  };
}

function messagesOf(service: Documented): Readonly<Record<MessageName, object>> {
  const requests = requestSchemas(service.limits);
  const answers = answerSchemas(service);
  const said = conversation(service);
  return titled({
    FetchRequest: messageOf(requests.fetch),
    SubscribeRequest: messageOf(requests.subscribe),
    SubscribeCandlesRequest: messageOf(requests.subscribeCandles),
    SubscribeDepthRequest: messageOf(requests.subscribeDepth),
    SubscribeTradesRequest: messageOf(requests.subscribeTrades),
    UnsubscribeRequest: messageOf(requests.unsubscribe),
    CandlesRequest: messageOf(requests.candles),
    PingRequest: messageOf(requests.ping),
    HelloMessage: messageOf(answers.hello),
    RowsMessage: messageOf(answers.rows),
    ...framesOf(service),
    SubscribedMessage: messageOf(answers.subscribed),
    SkippedMessage: messageOf(answers.skipped),
    MarketMessage: messageOf(answers.market),
    UnsubscribedMessage: messageOf(answers.unsubscribed),
    CandlesMessage: messageOf(answers.candles),
    StreamedCandlesMessage: messageOf(answers.streamedCandles),
    DepthMessage: messageOf(answers.depth),
    TradesMessage: messageOf(answers.trades),
    PongMessage: messageOf(answers.pong),
    HeartbeatMessage: messageOf(answers.heartbeat),
    ClockMessage: messageOf(answers.clock),
    ErrorMessage: messageOf(answers.error, `${ERROR}\n\n${errorTable()}`),
    ByeMessage: messageOf(answers.bye),
  });

  function messageOf(payload: MessageSchema, description?: string): Message {
    const { type, id } = payload.properties;
    const examples = said.filter((message) => isOf(payload, message));
    return {
      name: type.const,
      title: type.const,
      summary: payload.description,
      ...(description === undefined ? {} : { description }),
      contentType: 'application/json',
      ...(id === undefined ? {} : { correlationId: CORRELATION }),
      payload,
      examples: examples.map((example) => ({ payload: example })),
    };
  }
}

/** What is sent as bytes instead. */
function framesOf(service: Documented) {
  return {
    RowsFrame: {
      name: 'rows',
      title: 'rows, binary',
      summary: 'The rows with since < time <= until, as bytes.',
      description: frameDescription(service.limits),
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
      examples: [{ name: 'fetched', summary: 'As hexadecimal digits', payload: frameExample() }],
    },
    CandlesFrame: {
      name: 'candles',
      title: 'candles, binary',
      summary: 'Candles of a subscription, as bytes.',
      description: candlesFrameDescription(),
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
      examples: [{ name: 'forming', summary: 'As hexadecimal digits', payload: candlesExample() }],
    },
    DepthFrame: {
      name: 'depth',
      title: 'depth, binary',
      summary: 'Books of a subscription, or what changed of them, as bytes.',
      description: depthFrameDescription(),
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
      examples: [{ name: 'changed', summary: 'As hexadecimal digits', payload: depthExample() }],
    },
    TradesFrame: {
      name: 'trades',
      title: 'trades, binary',
      summary: 'All trades of the rows with since < time <= until, as bytes.',
      description: tradesFrameDescription(),
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
      examples: [{ name: 'live', summary: 'As hexadecimal digits', payload: tradesExample() }],
    },
  };
}

interface Message {
  readonly payload: object;
  readonly [name: string]: unknown;
}

/** Generators of code call a type by its title. */
function titled(messages: Record<MessageName, Message>): Record<MessageName, Message> {
  const entries = Object.entries(messages).map(([title, message]) => {
    return [title, { ...message, payload: { title, ...message.payload } }];
  });
  return Object.fromEntries(entries);
}

interface MessageSchema {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties: {
    readonly type: { readonly const: string };
    readonly what?: object;
    readonly id?: TSchema;
  };
}

/** Candles are asked for, answered and streamed under one name; so are subscriptions asked for. */
function isOf({ properties, required }: MessageSchema, message: object): boolean {
  const what = properties.what as { readonly const?: string } | undefined;
  const isWhat = !('what' in message) || (what?.const ?? message.what) === message.what;
  return (
    isWhat &&
    properties.type.const === (message as ServerMessage).type &&
    required!.every((field) => field in message) &&
    Object.keys(message).every((field) => field in properties)
  );
}

const INFO = `A market that does not exist, served like one that does: live rows over a WebSocket.
The HTTP half is at \`/openapi.json\`.

**This document takes the client's side**: \`send\` is what a client sends, \`receive\` what it
receives, and a \`reply\` is what the server answers.

A reader is a cursor, the time of the last row it has. It asks for the rows after \`since\`, gets
those with \`since < time <= until\`, and goes on from \`until\`: on this connection, on another
one, or from another server of the same market. Nothing is lost and nothing repeats.

Times are whole milliseconds since 1970-01-01T00:00:00Z. Prices are whole ticks:
\`price = ticks * tickSize\`; \`GET /v1/market\` says the tick size of each instrument. The server
refuses fields it does not know. Clients must ignore those of answers: later versions add some.

The examples are one conversation with the market that \`tickwell serve\` serves without options.`;

const CHANNEL = `One JSON object per text message, both ways. The subprotocol is
\`tickwell.v1.json\`, also if none is offered; with \`tickwell.v1.bin\` rows, and candles and
trades of subscriptions, come as binary frames
and everything else is the same. Of several, the first that the server knows is chosen.

\`hello\` comes first. The rows of one subscription come in order, each message beginning where the
one before ended, after its \`subscribed\` and before its \`unsubscribed\`. Answers to \`fetch\` and
\`candles\` may overtake one another: match them by \`id\`. The server also sends pings of the
WebSocket protocol, which must be answered.

Pages of other sites are refused by their \`Origin\`, unless the server allows it. Before it closes
with a code from 4000 on, the server says \`bye\`. Codes from 4000 to 4499 mean: reconnect with the
same cursor; from 4500 to 4999: do not.`;

const ERROR = `Programs go by \`code\`. Retry means that the same request may succeed later. Each
code has further fields of its own.`;

const NO_QUERY = { type: 'object', properties: {}, description: 'None.' };

const HEADERS = {
  type: 'object',
  properties: {
    'Sec-WebSocket-Protocol': {
      type: 'string',
      enum: ['tickwell.v1.json', 'tickwell.v1.bin'],
      default: 'tickwell.v1.json',
      description: 'How rows are written: as JSON or as bytes. One may offer several.',
    },
  },
};

const CORRELATION = {
  location: '$message.payload#/id',
  description: 'Chosen by the client; the answers carry it.',
};
