import { describe, expect, it } from 'vitest';
import type { BrokenLog } from '../../../src/host/control/control-log.ts';
import type { LogLine } from '../../../src/host/control/log-lines.ts';
import { openLog } from '../../../src/host/control/open-log.ts';
import { failure, SimDisk } from './sim-disk.ts';

const MARKET = '0123456789abcdef';

/** Opens the log on a disk, as a start does. */
async function open(disk: SimDisk, market = MARKET) {
  const lines: LogLine[] = [];
  const warnings: unknown[] = [];
  const broken: BrokenLog[] = [];
  const log = await openLog({
    file: disk.open(),
    market,
    logger: { warn: (about: unknown) => void warnings.push(about) },
    take: (line) => void lines.push(line),
    broke: (error) => void broken.push(error),
  });
  return { log, lines, warnings, broken };
}

/** The disk of a log that says these, one line each behind its first. */
async function diskOf(...lines: readonly LogLine[]): Promise<SimDisk> {
  const disk = new SimDisk();
  const { log } = await open(disk);
  for (const line of lines) await log.append(line);
  return disk;
}

const ONE = { entry: { key: 'a', effects: ['"sum":"', 'ä€😀'] } };
const TWO = { mark: 120 };
const THREE = { entry: { key: 'b', index: 7 } };

describe('a log', () => {
  it('gives back the lines that were appended', async () => {
    const disk = await diskOf(ONE, TWO, THREE);
    const { lines, warnings } = await open(disk);
    expect(lines).toEqual([ONE, TWO, THREE]);
    expect(warnings).toEqual([]);
    expect(disk.text.split('\n')).toHaveLength(5);
    expect(disk.text).toMatch(
      /^\{"log":"tickwell","version":1,"market":"0123456789abcdef","sum":"/,
    );
  });

  it('goes on where a life before stopped', async () => {
    const disk = await diskOf(ONE);
    const second = await open(disk);
    await second.log.append(TWO);
    expect((await open(disk)).lines).toEqual([ONE, TWO]);
  });

  it('has said yes only to what a power cut leaves', async () => {
    const disk = new SimDisk();
    const { log } = await open(disk);
    for (const [n, line] of [ONE, TWO, THREE].entries()) {
      await log.append(line);
      expect((await open(disk.afterPowerCut())).lines).toHaveLength(n + 1);
    }
  });

  it('is read as often as it is cut off, at every length, without what was torn', async () => {
    const disk = await diskOf(ONE, TWO, THREE);
    const all = [ONE, TWO, THREE];
    const ends = [...disk.cache.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
    for (let size = 0; size <= disk.cache.length; size++) {
      const torn = disk.cutTo(size);
      const { lines, log, warnings } = await open(torn);
      // A line that lacks only its end is whole.
      const whole = Math.max(0, ends.filter((end) => size >= end).length - 1);
      expect(lines, `${size} bytes`).toEqual(all.slice(0, whole));
      const isBetween = size === 0 || ends.some((end) => size === end || size === end + 1);
      expect(warnings, `${size} bytes`).toHaveLength(isBetween ? 0 : 1);
      await log.append({ mark: size });
      const again = await open(torn.afterPowerCut());
      expect(again.lines, `${size} bytes`).toEqual([...all.slice(0, whole), { mark: size }]);
    }
  });

  it('keeps a last line that lacks only its end, as editors leave it', async () => {
    const disk = await diskOf(ONE, TWO);
    const edited = disk.cutTo(disk.cache.length - 1);
    const { lines, warnings, log } = await open(edited);
    expect(lines).toEqual([ONE, TWO]);
    expect(warnings).toEqual([]);
    await log.append(THREE);
    expect((await open(edited)).lines).toEqual([ONE, TWO, THREE]);
  });

  it('is not opened if any byte of it but the last line is another', async () => {
    const disk = await diskOf(ONE, TWO, THREE);
    const lastAt = disk.cache.subarray(0, -1).lastIndexOf(10) + 1;
    for (let at = 0; at < disk.cache.length; at++) {
      const changed = Buffer.from(disk.cache);
      changed[at]! ^= 1;
      const opening = open(new SimDisk(changed));
      // The end of the last line too: no crash takes that away and leaves something in its place.
      const isTorn = at >= lastAt && at < disk.cache.length - 1;
      if (!isTorn) await expect(opening, `byte ${at}`).rejects.toThrow('the log "market.log": ');
      else expect((await opening).lines, `byte ${at}`).toEqual([ONE, TWO]);
    }
  });

  it('is not opened if a line is missing, doubled or elsewhere', async () => {
    const disk = await diskOf(ONE, TWO, THREE);
    const [head, one, two, three] = disk.text.split('\n');
    for (const wrong of [
      [head, two, three],
      [head, one, one, two],
      [head, two, one, three],
      [one, two, three],
    ]) {
      const opening = open(new SimDisk(`${wrong.join('\n')}\n`));
      await expect(opening).rejects.toThrow(
        /line \d does not add up, and there are more behind it/,
      );
    }
  });

  it('is not opened as that of another market', async () => {
    const disk = await diskOf(ONE);
    await expect(open(disk, 'fedcba9876543210')).rejects.toThrow(
      'the log "market.log": it must be the log of market fedcba9876543210; given: that of ' +
        '0123456789abcdef',
    );
  });

  it.each(['a text of somebody', 'a text\nof somebody\n', '{"log":"tickwell","x', '\0\0\0'])(
    'is not made of a file of somebody, which stays as it was: %j',
    async (text) => {
      const disk = new SimDisk(text);
      await expect(open(disk)).rejects.toThrow(/must be a log of Tickwell|does not add up/);
      expect(disk.text).toBe(text);
      expect(disk.steps.at(-1)).toBe('close');
    },
  );

  it('does not read what is no log to its end', async () => {
    const disk = new SimDisk(Buffer.alloc(4 * 2 ** 20, 'x'));
    await expect(open(disk)).rejects.toThrow('line 1 has more than 1048576 bytes');
    expect(disk.steps.filter((step) => step === 'read').length).toBeLessThan(20);
  });

  it('takes one line at a time', async () => {
    const disk = await diskOf();
    const { log } = await open(disk);
    const from = disk.steps.length;
    await Promise.all([log.append(ONE), log.append(TWO), log.append(THREE)]);
    const one = ['size', 'append', 'sync', 'size'];
    expect(disk.steps.slice(from)).toEqual([...one, ...one, ...one]);
    expect((await open(disk)).lines).toEqual([ONE, TWO, THREE]);
  });

  it('is written whole, however little the system takes at once', async () => {
    const disk = await diskOf();
    disk.mostBytes = 3;
    const { log } = await open(disk);
    await log.append(ONE);
    expect((await open(disk)).lines).toEqual([ONE]);
  });
});

describe('marks of a log', () => {
  const marksOf = (lines: readonly LogLine[]) =>
    lines.filter((line) => 'mark' in line).map(({ mark }) => mark);

  it('do not make it grow, and the last counts', async () => {
    const disk = await diskOf(ONE);
    const { log } = await open(disk);
    await log.mark(10);
    const { length } = disk.cache;
    for (let mark = 11; mark < 300; mark++) await log.mark(mark);
    expect(disk.cache.length).toBe(length);
    expect(log.bytes).toBe(length);
    expect((await open(disk.afterPowerCut())).lines).toEqual([ONE, { mark: 299 }, { mark: 299 }]);
    await log.append(THREE);
    await log.mark(70);
    const { lines } = await open(disk.afterPowerCut());
    expect(lines.filter((line) => !('mark' in line))).toEqual([ONE, THREE]);
    expect(marksOf(lines)).toEqual([299, 299, 70, 70]);
  });

  it('are whole after a crash at any byte: the one before, or the one that is written', async () => {
    for (const [from, to] of [
      [100, 200],
      [200, 100],
      [70_368_744_177_664, 5],
    ] as const) {
      const disk = await diskOf(ONE);
      const { log } = await open(disk);
      await log.mark(from);
      let crashes = 0;
      disk.before = async (step) => {
        if (step !== 'sync') return;
        for (let bytes = 0; bytes <= disk.unsynced; bytes++) {
          const left = disk.crashed(bytes);
          const again = await open(left);
          const mark = marksOf(again.lines).at(-1);
          expect([from, to], `${bytes} bytes`).toContain(mark);
          // What it was then is what it stays, whatever is done next.
          await again.log.mark(300);
          expect(left.cache.length).toBe(disk.cache.length);
          await again.log.append(THREE);
          const { lines } = await open(left.afterPowerCut());
          expect([lines[0], lines.at(-1)]).toEqual([ONE, THREE]);
          expect(marksOf(lines).at(-1)).toBe(300);
          crashes += 1;
        }
      };
      await log.mark(to);
      disk.before = () => {};
      expect(crashes).toBeGreaterThan(100);
      expect(marksOf((await open(disk.afterPowerCut())).lines).at(-1)).toBe(to);
    }
  });

  it('go on behind those that were written one behind the other', async () => {
    const disk = await diskOf(ONE, { mark: 1 }, { mark: 2 });
    const { log } = await open(disk);
    for (const mark of [3, 4, 5]) await log.mark(mark);
    await log.append(THREE);
    const { lines, warnings } = await open(disk);
    expect(marksOf(lines)).toEqual([1, 2, 5, 5]);
    expect(lines.at(-1)).toEqual(THREE);
    expect(warnings).toEqual([]);
  });

  it('of a second writer are found before anything is written behind them', async () => {
    const disk = await diskOf(ONE);
    const one = await open(disk);
    await one.log.mark(10);
    const two = await open(disk);
    await two.log.mark(20);
    await expect(one.log.append(THREE)).rejects.toThrow('has a second writer: its mark is not');
    expect(one.broken).toHaveLength(1);
    await two.log.append(THREE);
    expect((await open(disk)).lines.at(-1)).toEqual(THREE);
  });

  it('that do not add up end the start, but for one of two', async () => {
    const disk = await diskOf(ONE);
    const { log } = await open(disk);
    await log.mark(10);
    await log.append(THREE);
    const [, , first, second] = disk.text.split('\n').map((_, n, lines) => {
      return lines.slice(0, n).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    });
    const changed = (...places: number[]) => {
      const bytes = Buffer.from(disk.cache);
      for (const at of places) bytes[at]! ^= 1;
      return open(new SimDisk(bytes));
    };
    for (const at of [first! + 3, second! + 3, second! + 12]) {
      const { lines } = await changed(at);
      expect(lines).toEqual([ONE, { mark: 10 }, THREE]);
    }
    await expect(changed(first! + 3, second! + 3)).rejects.toThrow('does not add up');
    await expect(changed(second! - 1)).rejects.toThrow('the log "market.log": ');
  });
});

describe('a log on a disk that fails', () => {
  it('is as it was after a line that the disk had no room for', async () => {
    const disk = await diskOf(ONE);
    const { log, broken } = await open(disk);
    disk.room = disk.cache.length + 11;
    await expect(log.append(TWO)).rejects.toThrow(
      'the log "market.log" could not be written (ENOSPC)',
    );
    expect(broken).toEqual([]);
    expect((await open(disk.afterPowerCut())).lines).toEqual([ONE]);
    disk.room = Number.POSITIVE_INFINITY;
    await log.append(THREE);
    expect((await open(disk.afterPowerCut())).lines).toEqual([ONE, THREE]);
  });

  it('is broken by a sync that fails, and takes nothing more', async () => {
    const disk = await diskOf(ONE);
    const { log, broken } = await open(disk);
    disk.before = (step) => {
      if (step === 'sync') throw failure('EIO');
    };
    const sentence = 'the log "market.log" could not be synced (EIO)';
    await expect(log.append(TWO)).rejects.toThrow(sentence);
    expect(broken.map(({ message }) => message)).toEqual([sentence]);
    disk.before = () => {};
    await expect(log.append(THREE)).rejects.toThrow('is not written any more');
    expect(broken).toHaveLength(1);
  });

  it('writes again what a sync forgot in a life before', async () => {
    const disk = await diskOf(ONE);
    const { log } = await open(disk);
    disk.before = (step) => {
      if (step === 'sync') throw failure('EIO');
    };
    await expect(log.append(TWO)).rejects.toThrow('EIO');
    disk.before = () => {};
    // The cache has it, and the system takes it for written.
    const { lines } = await open(disk);
    expect(lines).toEqual([ONE, TWO]);
    expect((await open(disk.afterPowerCut())).lines).toEqual(lines);
  });

  it('is broken if it cannot be cut back', async () => {
    const disk = await diskOf(ONE);
    const { log, broken } = await open(disk);
    disk.room = disk.cache.length + 5;
    disk.before = (step) => {
      if (step === 'cut') throw failure('EIO');
    };
    await expect(log.append(TWO)).rejects.toThrow('could not be cut back (EIO)');
    expect(broken).toHaveLength(1);
  });

  it.each(['longer', 'shorter'])('is broken by a second writer who made it %s', async (how) => {
    const disk = await diskOf(ONE);
    const { log, broken } = await open(disk);
    const had = disk.cache.length;
    if (how === 'longer') disk.write(had, Buffer.from('x'));
    else disk.cache = disk.cache.subarray(0, -1);
    const sentence = `the log "market.log" has a second writer: it has ${disk.cache.length} bytes`;
    await expect(log.append(TWO)).rejects.toThrow(sentence);
    expect(broken).toHaveLength(1);
    expect(disk.text).not.toContain('120');
  });

  it('has no yes for either of two writers who append at once, but for the first', async () => {
    const disk = await diskOf(ONE);
    const [one, two] = [await open(disk), await open(disk)];
    const answers = await Promise.allSettled([one.log.append(TWO), two.log.append(THREE)]);
    const yes = [TWO, THREE].filter((_, n) => answers[n]!.status === 'fulfilled');
    expect(yes.length).toBeLessThan(2);
    expect(one.broken.length + two.broken.length).toBeGreaterThan(0);
    expect((await open(disk)).lines).toEqual(expect.arrayContaining([ONE, ...yes]));
  });

  it('is broken if its file is not there any more', async () => {
    const disk = await diskOf(ONE);
    const { log, broken } = await open(disk);
    disk.before = (step) => {
      if (step === 'size') throw failure('ENOENT');
    };
    await expect(log.append(TWO)).rejects.toThrow('is not there any more (ENOENT)');
    expect(broken).toHaveLength(1);
  });
});
