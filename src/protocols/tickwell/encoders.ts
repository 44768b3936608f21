import type { Market } from '../../core/market/market.ts';
import type { Encoder } from '../../delivery/encoder.ts';
import { SseEncoder } from './sse/sse-encoder.ts';
import { BinaryEncoder } from './stream/binary-encoder.ts';
import type { Encoding } from './stream/frames.ts';
import { JsonEncoder } from './stream/json-encoder.ts';
import { PriceTexts } from './stream/price-texts.ts';

/** Those of a market; the texts of its prices are shared between them. */
export function encodersOf(market: Market): Readonly<Record<Encoding, Encoder>> {
  const texts = new PriceTexts(market.instruments.length);
  return {
    json: new JsonEncoder(market.grid, texts),
    binary: new BinaryEncoder(market),
    events: new SseEncoder(market, texts),
  };
}
