import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import type { Taken } from '../../../src/host/control/director.ts';
import { Life } from '../../../src/host/control/life.ts';
import { marketOf } from '../../helpers/market.ts';
import { SimDisk } from './sim-disk.ts';
import {
  INTERVAL,
  type LifeOnDisk,
  liveOn,
  ORIGIN,
  type Rules,
  SPEC,
  settle,
  wishOf,
} from './world.ts';

/** The laws of the log, each with a run that breaks where a simpler rule takes its place. */

/** Numbers from 0 to below `n`, the same for the same seed. */
function chanceOf(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** What was promised in all lives of a market. */
class Promises {
  readonly rows = new Map<number, string>();
  readonly taken = new Map<string, Taken>();
  changedRows = 0;
  lostEntries = 0;
  /** Crashes between the bytes of a line. */
  torn = 0;

  /** Looks at all rows that a life gives from `from` on. */
  look(life: LifeOnDisk, from: number): void {
    for (let index = from; index < life.feed.head; index++) {
      const row = life.row(index).join();
      const given = this.rows.get(index);
      if (given === undefined) this.rows.set(index, row);
      else if (given !== row) this.changedRows += 1;
    }
  }

  async check(life: LifeOnDisk): Promise<void> {
    const all = new Map((await life.director.list()).map((entry) => [entry.key, entry]));
    for (const { key, index } of this.taken.values()) {
      if (all.get(key)?.index !== index) this.lostEntries += 1;
    }
  }
}

/** Lets a market live, and ends it at a byte of its log, as often as said. */
async function crash(times: number, seed: number, rules: Rules = {}): Promise<Promises> {
  const chance = chanceOf(seed);
  const promises = new Promises();
  let disk = new SimDisk();
  let nowMs = ORIGIN + 200 * INTERVAL;
  for (let life = 0; life < times; life++) {
    const alive = await liveOn(disk, nowMs, rules, { maxEffects: 100_000 });
    await promises.check(alive);
    promises.look(alive, Math.max(0, alive.feed.head - 400));
    let isAlive = true;
    // From now on a sync may take long, and be what the crash comes before.
    let go = () => {};
    const hold = chance(4) > 0;
    const pending = new Promise<void>((resolve) => {
      go = resolve;
    });
    const syncs = chance(3);
    let synced = 0;
    disk.before = (step) => (step === 'sync' && hold && synced++ >= syncs ? pending : undefined);
    disk.mostBytes = chance(2) === 0 ? 7 : Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 6; turn++) {
      const from = alive.feed.head;
      if (chance(2) === 0) {
        const key = `life-${life}-${turn}`;
        const input = { kind: 'shift', percent: [-7, -4, 3, 8][chance(4)] };
        void alive.director.take(wishOf(input, { key })).then(
          // What it says of after its end nobody hears.
          (taken) => isAlive && promises.taken.set(key, taken),
          () => {},
        );
      }
      await alive.pass(chance(8) * INTERVAL);
      promises.look(alive, from);
    }
    // Some lives end as they should, or nearly.
    if (chance(4) === 0) void alive.director.stop();
    await settle();
    const most = disk.unsynced;
    // Often between two lines too: whole ones may be there that nobody was told of.
    const bytes = [0, most, chance(most + 1)][chance(3)]!;
    if (bytes > 0 && bytes < most) promises.torn += 1;
    isAlive = false;
    const left = disk.crashed(bytes);
    go();
    nowMs = alive.clock.nowMs() + (chance(20) - 8) * 10 * INTERVAL;
    disk = left;
  }
  return promises;
}

describe('2,000 crashes at any byte, with clocks that are set back', () => {
  it('change no row that was given and lose nothing that was acknowledged', async () => {
    let [torn, taken] = [0, 0];
    for (let seed = 1; seed <= 50; seed++) {
      const promises = await crash(40, seed);
      expect([seed, promises.changedRows, promises.lostEntries]).toEqual([seed, 0, 0]);
      torn += promises.torn;
      taken += promises.taken.size;
    }
    expect(torn).toBeGreaterThan(100);
    expect(taken).toBeGreaterThan(1000);
  });

  it('change rows that were given, if the head does not wait for the disk', async () => {
    expect((await crash(100, 1, { waits: false })).changedRows).toBeGreaterThan(0);
  });

  it('change rows that were given, if a start does not go by the last mark', async () => {
    expect((await crash(100, 1, { marks: false })).changedRows).toBeGreaterThan(0);
  });
});

describe('a log without sums', () => {
  it('gives other rows where a line of it is lost, and says nothing', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, ORIGIN + 200 * INTERVAL);
    for (const percent of [5, -3, 2, 4]) {
      await life.director.take(wishOf({ kind: 'shift', percent }));
      await life.pass(INTERVAL);
    }
    const lines = disk.text.trim().split('\n');
    const lost = lines.filter((line) => !line.includes('"percent":-3'));
    expect(lost).toHaveLength(lines.length - 1);
    const market = marketOf(SPEC);
    const timeline = new Timeline(market);
    const simple = new Life(timeline);
    for (const line of lost.slice(1)) simple.take(JSON.parse(line));
    const block = market.newPrices(2 ** 14);
    timeline.fillBlock(block, 0, 0);
    const index = life.feed.head - 1;
    expect(block[index]).not.toBe(life.row(index)[0]);
    // With them, it is not begun.
    await expect(liveOn(new SimDisk(`${lost.join('\n')}\n`), ORIGIN)).rejects.toThrow('add up');
  });
});

describe('a scenario', () => {
  const effects = [
    { kind: 'shift', percent: -5 },
    { kind: 'volatility', factor: 3, for: '10s' },
    { kind: 'halt', after: '10s', for: '5s' },
  ];

  /** How many effects there are after a crash at each byte. */
  async function left(begin: (life: LifeOnDisk) => Promise<unknown>): Promise<Set<number>> {
    const disk = new SimDisk();
    const life = await liveOn(disk, ORIGIN + 200 * INTERVAL);
    const from = disk.cache.length;
    await begin(life);
    const counts = new Set<number>();
    for (let size = from; size <= disk.cache.length; size++) {
      const again = await liveOn(disk.cutTo(size), ORIGIN + 210 * INTERVAL);
      const entries = await again.director.list();
      counts.add(entries.reduce((sum, entry) => sum + entry.effects.length, 0));
    }
    return counts;
  }

  it('is done whole or not at all, wherever a crash cuts it off', async () => {
    const whole = (life: LifeOnDisk) =>
      life.director.take(wishOf({ scenario: { name: 'mine', effects } }));
    expect(await left(whole)).toEqual(new Set([0, 3]));
  });

  it('is done by half, if each of its effects is an entry', async () => {
    const single = async (life: LifeOnDisk) => {
      for (const effect of effects) await life.director.take(wishOf(effect));
    };
    expect(await left(single)).toEqual(new Set([0, 1, 2, 3]));
  });
});
