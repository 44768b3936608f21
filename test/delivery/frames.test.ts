import { expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { readRows } from '../../src/core/history/read-rows.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS } from '../../src/core/market/fields.ts';
import { finish } from '../../src/core/market/finish.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import type { Encoder } from '../../src/delivery/encoder.ts';
import { Frames } from '../../src/delivery/frames.ts';
import { newEncoders } from '../../src/protocols/tickwell/encoders.ts';
import { marketOf } from '../helpers/market.ts';
import { ToyEncoder } from '../helpers/toy-encoder.ts';

class NotingEncoder extends ToyEncoder {
  readonly places: unknown[] = [];

  override encode(...given: Parameters<Encoder['encode']>) {
    this.places.push(given[2]);
    return super.encode(...given);
  }
}

it('bodies are shared by encoders that say so, and by no other protocol’s', () => {
  const market = marketOf({ capacity: 10, count: 2 });
  const feed = new Feed(market);
  feed.advance(timeOf(market.grid, 9));
  const wanted = wantedOf(DEFAULT_FIELDS, [0, 1]);
  const of = { ...wanted, wantedKey: '*', cursor: 3, next: 5 };
  const values = finish(readRows(feed.history, wanted, 3, 5));
  const frames = new Frames();
  const { json, binary, events } = newEncoders(new Timeline(market));
  const toy = new NotingEncoder();
  const kept = () =>
    [json, events, binary, toy].map((encoder) => frames.bodyOf({ ...of, encoder }));
  const text = finish(frames.encode({ ...of, encoder: json }, values));
  expect(kept()).toEqual([text, text, undefined, undefined]);
  const own = finish(frames.encode({ ...of, encoder: toy }, values));
  const bytes = finish(frames.encode({ ...of, encoder: binary }, values));
  expect(kept()).toEqual([text, text, bytes, own]);
  expect(new Set(kept()).size).toBe(3);
  expect(toy.places).toEqual([{ columns: [0, 1], from: 3 }]);
});
