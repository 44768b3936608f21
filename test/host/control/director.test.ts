import { describe, expect, it } from 'vitest';
import { MAX_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { formatTime } from '../../../src/core/market/time.ts';
import { marketOf } from '../../helpers/market.ts';
import { failure, SimDisk } from './sim-disk.ts';
import { cameOf, INTERVAL, liveOn, ORIGIN, SPEC, settle, wishOf } from './world.ts';

const START = ORIGIN + 200 * INTERVAL;
const SHIFT = { kind: 'shift', percent: 5 };

/** Holds up what the disk is asked for, until told. */
function holding(disk: SimDisk, held: string): () => void {
  let go = () => {};
  const pending = new Promise<void>((resolve) => {
    go = resolve;
  });
  disk.before = (step) => (step === held ? pending : undefined);
  return () => {
    disk.before = () => {};
    go();
  };
}

describe('an entry', () => {
  it('has the head wait at its row until it is on the disk', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const { head } = life.feed;
    const go = holding(disk, 'sync');
    const taking = life.director.take(wishOf(SHIFT));
    await settle();
    await life.pass(5 * INTERVAL);
    expect(life.feed.head).toBe(head);
    expect(await cameOf(taking)).toBe('nothing');
    go();
    expect(await cameOf(taking)).toMatchObject({ index: head });
    expect(life.feed.head).toBe(head + 5);
  });

  it('for later lets rows before it pass meanwhile', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const { head } = life.feed;
    const go = holding(disk, 'sync');
    const atMs = START + 3 * INTERVAL;
    const taking = life.director.take(wishOf(SHIFT, { atMs }));
    await settle();
    await life.pass(5 * INTERVAL);
    expect(life.feed.head).toBe(head + 2);
    go();
    expect(await cameOf(taking)).toMatchObject({ index: head + 2, isProvisional: true });
    expect(life.feed.head).toBe(head + 5);
  });

  it('changes rows from its own on, and none before', async () => {
    const [with5, without] = [
      await liveOn(new SimDisk(), START),
      await liveOn(new SimDisk(), START),
    ];
    const { index } = await with5.director.take(wishOf(SHIFT));
    for (const life of [with5, without]) await life.pass(10 * INTERVAL);
    for (let row = index - 50; row < index; row++) {
      expect(with5.row(row)).toEqual(without.row(row));
    }
    for (let row = index; row < index + 10; row++) {
      expect(with5.row(row)).not.toEqual(without.row(row));
    }
  });

  it('takes effect behind the last mark of the life before, if the clock was set back', async () => {
    const disk = new SimDisk();
    const first = await liveOn(disk, START);
    await first.pass(40 * INTERVAL);
    const second = await liveOn(disk.afterPowerCut(), START - 20 * INTERVAL);
    const taken = await second.director.take(wishOf(SHIFT));
    expect(taken.index).toBeGreaterThanOrEqual(first.feed.head);
    expect(second.feed.head).toBeLessThan(first.feed.head);
  });

  it('gets the same answer by the same key in every life, and a conflict with another', async () => {
    const disk = new SimDisk();
    const first = await liveOn(disk, START);
    const later = wishOf(SHIFT, { key: 'later', atMs: START + 900 * INTERVAL });
    const answers = [
      await first.director.take(later),
      await first.director.take(wishOf(SHIFT, { key: 'sooner' })),
    ];
    const second = await liveOn(disk.afterPowerCut(), START + 50 * INTERVAL);
    for (const life of [first, second]) {
      expect([
        await life.director.take(later),
        await life.director.take(wishOf(SHIFT, { key: 'sooner' })),
      ]).toEqual(answers);
      const other = life.director.take(wishOf({ ...SHIFT, percent: 6 }, { key: 'sooner' }));
      await expect(other).rejects.toMatchObject({ code: 'conflict' });
      expect(await life.director.list()).toHaveLength(2);
    }
  });

  it('makes no change of the clock before it another answer, in any life', async () => {
    const disk = new SimDisk();
    const first = await liveOn(disk, START);
    const turn = { change: { speed: 60 }, key: 'fast', digest: 'fast' };
    await first.director.take(wishOf(SHIFT));
    const { id } = first.feed.timeline;
    const answer = await first.director.turn(turn);
    expect(answer).toMatchObject({ id });
    await first.director.take(wishOf(SHIFT));
    const second = await liveOn(disk.afterPowerCut(), START + 50 * INTERVAL);
    for (const life of [first, second]) {
      expect(life.feed.timeline.id).not.toBe(id);
      expect(await life.director.turn(turn)).toEqual(answer);
    }
  });

  it('is done once by two who come at once with its key', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const go = holding(disk, 'sync');
    const two = [1, 2].map(() => life.director.take(wishOf(SHIFT, { key: 'k' })));
    const other = life.director.take(wishOf({ ...SHIFT, percent: 6 }, { key: 'k' }));
    await expect(other).rejects.toMatchObject({ code: 'conflict' });
    go();
    const [one, same] = await Promise.all(two);
    expect(one).toEqual(same);
    expect(await life.director.list()).toHaveLength(1);
  });

  it('that was refused may be asked for again by its key, otherwise too', async () => {
    const life = await liveOn(new SimDisk(), START);
    const early = life.director.take(wishOf(SHIFT, { key: 'k', atMs: START - INTERVAL }));
    await expect(early).rejects.toMatchObject({ code: 'bad_request' });
    await life.director.take(wishOf({ ...SHIFT, percent: 6 }, { key: 'k' }));
  });
});

describe('a mark', () => {
  it('is on the disk before any row is given that it covers', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const marked = () => {
      const marks = [...disk.disk.toString().matchAll(/"mark":(\d+)/g)];
      return Math.max(0, ...marks.map(([, mark]) => Number(mark)));
    };
    for (let ms = 0; ms < 60_000; ms += 500) {
      await life.pass(500);
      expect(life.feed.head).toBeLessThanOrEqual(marked());
    }
    // Ten seconds of rows each: a year of them is read within a second.
    expect(disk.text.match(/mark"/g)?.length).toBeLessThan(8);
    expect(life.feed.head).toBe(801);
  });

  it('has rows wait while the disk does not take it, and go on when it does', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    // Behind an entry there is no mark yet that the next one is written over.
    await life.director.take(wishOf(SHIFT));
    disk.room = disk.cache.length;
    for (let n = 0; n < 40; n++) await life.pass(1000);
    const stood = life.feed.head;
    expect(stood).toBeLessThan(200 + 400);
    expect(life.warnings).toHaveLength(1);
    const taking = life.director.take(wishOf(SHIFT));
    await expect(taking).rejects.toMatchObject({
      code: 'not_ready',
      message: 'the log "market.log" could not be written (ENOSPC): nothing was done',
    });
    await settle();
    disk.room = Number.POSITIVE_INFINITY;
    await life.pass(1000);
    expect(life.feed.head).toBe(201 + 410);
    expect(life.broken).toEqual([]);
  });
});

describe('a mark of a market whose time goes fast', () => {
  /** A life at a speed of 10,000, after two seconds. */
  async function fast(disk: SimDisk) {
    const life = await liveOn(disk, START);
    await life.director.turn({ change: { speed: 10_000 }, digest: '' });
    await life.pass(2000);
    expect(life.feed.head).toBeGreaterThan(150_000);
    return life;
  }

  /** How far ahead of its head something is done that is asked for in the next life. */
  async function delayRows(disk: SimDisk, nowMs: number): Promise<number> {
    const life = await liveOn(disk, nowMs);
    const { index } = await life.director.take(wishOf(SHIFT));
    return index - life.feed.head;
  }

  it('is taken back by a stop: the next life has things done at once', async () => {
    const disk = new SimDisk();
    const life = await fast(disk);
    const crashed = disk.afterPowerCut();
    const { head } = life.feed;
    const nowMs = life.clock.nowMs();
    await life.director.stop();
    expect(await delayRows(disk.afterPowerCut(), nowMs)).toBe(0);
    // After a crash nobody knows how far rows were given.
    expect(await delayRows(crashed, nowMs)).toBeGreaterThan(500_000);
    // Nothing is done to rows that were given, whatever the clock says.
    const early = await liveOn(disk.afterPowerCut(), nowMs - 1000);
    expect((await early.director.take(wishOf(SHIFT))).index).toBe(head);
  });

  it('is taken back when that goes slower: also after a crash things are done soon', async () => {
    const disk = new SimDisk();
    const life = await fast(disk);
    await life.director.turn({ change: { speed: 1 }, digest: '' });
    await settle();
    await life.pass(500);
    const rows = await delayRows(disk.afterPowerCut(), life.clock.nowMs());
    expect(rows).toBeLessThanOrEqual(12_500 / INTERVAL);
  });
});

it('nothing is done behind the end of a market, and that is said', async () => {
  const market = marketOf({ ...SPEC, interval: 1 });
  const life = await liveOn(new SimDisk(), START, {}, {}, market);
  const atMs = Date.UTC(9000, 0, 1);
  await expect(life.director.take(wishOf(SHIFT, { atMs }))).rejects.toMatchObject({
    code: 'bad_request',
    message: `at must be before ${formatTime(timeOf(market.grid, MAX_ROWS))}: there the market ends; given: 9000-01-01T00:00:00Z`,
  });
});

describe('a log that breaks', () => {
  it('has no row made any more, and nothing said to be done', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const { head } = life.feed;
    disk.before = (step) => {
      if (step === 'sync') throw failure('EIO');
    };
    const taking = life.director.take(wishOf(SHIFT, { atMs: START + 100 * INTERVAL }));
    await expect(taking).rejects.toThrow('could not be synced (EIO)');
    expect(life.broken).toHaveLength(1);
    await life.pass(50 * INTERVAL);
    expect(life.feed.head).toBe(head);
  });

  it('is found by a second writer of its file before either gives other rows', async () => {
    const disk = new SimDisk();
    const [one, two] = [await liveOn(disk, START), await liveOn(disk, START)];
    const first = await cameOf(one.director.take(wishOf(SHIFT)));
    expect(first === 'refused').toBe(one.broken.length > 0);
    const second = await cameOf(two.director.take(wishOf({ ...SHIFT, percent: 7 })));
    await settle();
    expect([first, second].filter((each) => each === 'refused').length).toBeGreaterThan(0);
    expect(one.broken.length + two.broken.length).toBeGreaterThan(0);
  });

  it('with what a later version would know is not begun', async () => {
    const disk = new SimDisk();
    const life = await liveOn(disk, START);
    const wish = wishOf(SHIFT);
    await life.director.take({
      ...wish,
      effects: [{ ...wish.effects[0]!, of: { symbol: 'none' } }],
    });
    await expect(liveOn(disk, START)).rejects.toThrow('unknown symbol "none"');
  });
});
