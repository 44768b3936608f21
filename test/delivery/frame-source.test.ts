import { beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import type { History } from '../../src/core/history/history.ts';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { Columns } from '../../src/core/market/columns.ts';
import { DEFAULT_FIELDS } from '../../src/core/market/fields.ts';
import { finish } from '../../src/core/market/finish.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { FrameSource } from '../../src/delivery/frame-source.ts';
import { type FrameOf, Frames } from '../../src/delivery/frames.ts';
import type { Subscription } from '../../src/delivery/subscription.ts';
import { rowsCost } from '../../src/host/budgets/cost.ts';
import { newEncoders } from '../../src/protocols/tickwell/encoders.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';

/** What is read at once for who is behind, of more columns than blocks are kept of. */

const COLUMNS = 10_000;
const ROWS = 3000;
const columns = Array.from({ length: COLUMNS }, (_, column) => column);
const wanted = { ...wantedOf(DEFAULT_FIELDS, columns), id: 1, wantedKey: '*', rowsPerFrame: 1 };
const reader = { ...wanted, connection: {} } as unknown as Subscription;

let history: History;

beforeAll(() => {
  const market = marketOf({
    interval: 1000,
    capacity: 4,
    count: COLUMNS,
    defaults: { model: 'market' },
  });
  // Where the rows themselves do not matter, none are made.
  const { timeline, trades } = new Feed(market).history;
  const unmade = { market, timeline, trades, head: ROWS, ring: { tail: ROWS - 4 } };
  const kept = { keepsFor: () => false, keepsBlocksOf: () => false, hasBlock: () => false };
  history = { ...unmade, ...kept } as unknown as History;
});

describe('a reader of 10,000 instruments of the dearest model', () => {
  it('comes nearer to a head of seconds with all that it can pay for', () => {
    expect(history.market.instruments[COLUMNS - 1]!.model.kind).toBe('market');
    const source = new FrameSource(history, new Frames());
    const end = source.readTo(reader, 5, 6);
    const cost = rowsCost(history, wanted, [5, end], 'json', { isAlone: false, isFirst: false });
    const { workBurst, workPerSecond } = DEFAULT_LIMITS;
    const seconds = Math.min(cost, workBurst) / workPerSecond;
    expect(end - 5).toBeGreaterThan(1.25 * seconds);
    // No further than to the head.
    expect(source.readTo(reader, ROWS - 10, ROWS - 9)).toBe(ROWS);
  });

  it('finds all that was read at once when it comes to it', () => {
    const { market } = history;
    const frames = new Frames();
    const { spec } = market;
    const rows = new FrameSource(history, frames).readTo(reader, 5, 6) - 5;
    const values = market.newPrices(COLUMNS).fill(spec.instruments[0]!.maxTicks);
    const encoder = newEncoders(new Timeline(market)).json;
    const of = (cursor: number): FrameOf => {
      return { ...wanted, encoder, cursor, next: cursor + 1, head: ROWS };
    };
    const cursors = Array.from({ length: rows }, (_, n) => n).map((n) => 5 + n);
    for (const cursor of cursors) {
      finish(frames.encode(of(cursor), new Columns([values], COLUMNS, 1)));
    }
    expect(cursors.filter((cursor) => frames.get(of(cursor)) === undefined)).toEqual([]);
  });
});
