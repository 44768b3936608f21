import type { Timeline } from '../../core/timeline/timeline.ts';
import type { Encoder } from '../../delivery/encoder.ts';
import type { Hub } from '../../delivery/hub.ts';
import { SseEncoder } from './sse/sse-encoder.ts';
import { BinaryEncoder } from './stream/binary-encoder.ts';
import { JsonEncoder } from './stream/json-encoder.ts';
import { PriceTexts } from './stream/price-texts.ts';

/** How the rows of a connection are written: WebSocket text, WebSocket bytes, an event stream. */
export type Encoding = 'json' | 'binary' | 'events';

export type Encoders = Readonly<Record<Encoding, Encoder>>;

/** Those of a market; the texts of its prices are shared between them. */
export function newEncoders(timeline: Timeline): Encoders {
  const { market } = timeline;
  const texts = new PriceTexts(market.instruments.length);
  return {
    json: new JsonEncoder(market, texts),
    binary: new BinaryEncoder(market),
    events: new SseEncoder(timeline, texts),
  };
}

/** What a connection is counted as, by how it is written. */
export const ENCODINGS: readonly Encoding[] = ['json', 'binary', 'events'];

const ofHub = new WeakMap<Hub, Encoders>();

/** The encoders of a hub: connections with the same encoding share what is made. */
export function encodersOf(hub: Hub): Encoders {
  let encoders = ofHub.get(hub);
  if (encoders === undefined) {
    encoders = newEncoders(hub.history.timeline);
    ofHub.set(hub, encoders);
  }
  return encoders;
}
