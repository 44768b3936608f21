import { A_SECOND, type LimitList } from '../limits.ts';

/** Of requests and WebSockets, whatever is asked by them. */
export const HTTP_LIMITS = {
  maxPayloadBytes: {
    default: 4096,
    reason: 'A request names some symbols and a time; longer ones are mistakes or attacks.',
    told: 'Of one message of the client, in bytes; a larger one is closed with 1009.',
  },
  maxFragments: {
    default: 16,
    reason: 'Of one message: it would fit one frame.',
    told: 'Frames of one message of the client; more are closed with 1008.',
  },
  maxBodyBytes: {
    default: 16_384,
    reason:
      'Of a request of HTTP, where a protocol takes one: it is parsed in one go, of up to 2 ms.',
    told: 'Of the body of an HTTP request, where a protocol takes one.',
  },
  headersMs: {
    default: 10_000,
    least: A_SECOND,
    most: 300_000,
    // The headers are a part of the request.
    atMost: 'requestMs',
    reason: 'A client that sends slowly holds a socket.',
    told: 'For the headers of an HTTP request.',
  },
  requestMs: {
    default: 20_000,
    least: A_SECOND,
    reason: 'All of a request, with what it carries.',
    told: 'For all of an HTTP request.',
  },
  keepAliveMs: {
    default: 65_000,
    least: A_SECOND,
    reason: 'Between two requests of one HTTP connection: longer than proxies keep theirs.',
    told: 'An HTTP connection may be idle for so long.',
  },
  closeGraceMs: {
    default: 1500,
    most: 60_000,
    reason: 'Sockets that have not closed by then are cut.',
    told: 'A client that has not closed this long after bye is cut off.',
  },
} as const satisfies LimitList;
