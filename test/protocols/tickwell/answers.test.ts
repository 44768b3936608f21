import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { readRows } from '../../../src/core/history/read-rows.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import { FIELDS, type Field } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { marketOf } from '../../helpers/market.ts';

const ROWS = 2 * BLOCK_ROWS;

/** A market that runs, and how many rows of trades it has made so far. */
function running(count: number) {
  const market = marketOf({ seed: 5, count, capacity: 100 });
  const feed = new Feed(market);
  let rows = 0;
  const { fillTrades } = market;
  market.fillTrades = (...given) => {
    const [, , , from = 0, next = BLOCK_ROWS] = given;
    rows += next - from;
    fillTrades.apply(market, given);
  };
  for (const _ of feed.fill(timeOf(market.grid, ROWS - 1)));
  const columns = market.instruments.map((_, column) => column);
  return { history: feed.history, columns, made: () => rows };
}

function readAll(
  { history, columns }: ReturnType<typeof running>,
  fields: readonly Field[],
  from: number,
  next: number,
) {
  let steps = 0;
  const reading = readRows(history, wantedOf(fields, columns), from, next);
  for (let step = reading.next(); ; step = reading.next()) {
    if (step.done) return { values: step.value, steps };
    steps += 1;
  }
}

describe('rows that are read', () => {
  it('are made once for all fields, and no more of them than are wanted, of many columns', () => {
    const world = running(100);
    const [from, next] = [BLOCK_ROWS - 30, BLOCK_ROWS + 31];
    const { values } = readAll(world, FIELDS, from, next);
    expect(world.made()).toBe(100 * 61);
    expect(values).toHaveLength(FIELDS.length * 100);
    for (const [f, field] of FIELDS.entries()) {
      for (const column of [0, 50, 99]) {
        const rows = world.history.newValues(field, next - from);
        world.history.copyField(rows, 0, field, column, from, next);
        expect(values.at(f * 100 + column)).toEqual(rows);
      }
    }
  });

  it('are made by blocks that are kept, of few columns', () => {
    const world = running(3);
    for (let from = 0; from < BLOCK_ROWS; from += 100) {
      readAll(world, FIELDS, from, Math.min(BLOCK_ROWS, from + 100));
    }
    expect(world.made()).toBe(3 * BLOCK_ROWS);
  });

  it('give others a turn after each block of a column', () => {
    const world = running(4);
    expect(readAll(world, FIELDS, 0, BLOCK_ROWS + 1).steps).toBe(8);
    expect(readAll(world, ['last'], ROWS - 50, ROWS).steps).toBe(0);
  });
});
