import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LineWriter } from '../../src/host/line-writer.ts';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
const on = () => {};
const isLinux = process.platform === 'linux';

let folder: string | undefined;
const open: number[] = [];
const writers: LineWriter[] = [];

function newWriter(fd: number, onDropped?: (lines: number) => void): LineWriter {
  const lines = new LineWriter({ fd, on }, onDropped);
  writers.push(lines);
  return lines;
}

afterEach(async () => {
  // What still waits must not go to whatever is opened next.
  for (const lines of writers.splice(0)) await lines.flush(0);
  for (const fd of open.splice(0)) closeSync(fd);
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** Both ends of a pipe. */
function pipe(): { readonly reader: number; readonly writer: number } {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
  const path = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  open.push(reader, writer);
  return { reader, writer };
}

/** What is in a pipe. */
function read(fd: number): string {
  const bytes = Buffer.alloc(2 ** 20);
  let length = 0;
  try {
    for (let n = -1; n !== 0; length += n) n = readSync(fd, bytes, length, 2 ** 16, null);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
  }
  return bytes.toString('utf8', 0, length);
}

const line = (n: number) => `${n} ${'x'.repeat(1000)}\n`;

describe('lines', () => {
  it('are written before the call returns', () => {
    const { reader, writer } = pipe();
    const lines = newWriter(writer);
    lines.write('one\n');
    lines.write('two\n');
    expect(read(reader)).toBe('one\ntwo\n');
  });

  it('wait for a slow reader, up to a bound; then are dropped, counted and told once', async () => {
    const { reader, writer } = pipe();
    const told: number[] = [];
    const lines = newWriter(writer, (dropped) => {
      told.push(dropped);
      lines.write(`${dropped} were dropped\n`);
    });
    for (let n = 0; n < 1000; n++) lines.write(line(n));
    const dropped = lines.dropped;
    // A pipe takes 64 KiB, and 256 KiB wait.
    expect(dropped).toBeGreaterThan(500);
    expect(dropped).toBeLessThan(800);
    expect(told).toEqual([]);

    let text = '';
    await expect
      .poll(() => {
        text += read(reader);
        return text.endsWith('dropped\n');
      })
      .toBe(true);
    const kept = Array.from({ length: 1000 - dropped }, (_, n) => line(n)).join('');
    expect(text === `${kept}${dropped} were dropped\n`).toBe(true);
    expect(told).toEqual([dropped]);
    lines.write('the next\n');
    expect(read(reader)).toBe('the next\n');
    expect(lines.dropped).toBe(dropped);
  });

  it('to nobody are bounded too, and nothing waits for them at the end', async () => {
    const { reader, writer } = pipe();
    closeSync(reader);
    open.splice(open.indexOf(reader), 1);
    const lines = newWriter(writer);
    for (let n = 0; n < 1000; n++) lines.write(line(n));
    expect(lines.dropped).toBeGreaterThan(700);
    await lines.flush(200);
    expect(lines.dropped).toBe(1000);
  });

  it('that wait are written by a flush', async () => {
    const { reader, writer } = pipe();
    const lines = newWriter(writer);
    for (let n = 0; n < 200; n++) lines.write(line(n));
    let text = read(reader);
    const flushed = lines.flush(60_000);
    let isFlushed = false;
    void flushed.then(() => {
      isFlushed = true;
    });
    await expect
      .poll(() => {
        text += read(reader);
        return isFlushed;
      })
      .toBe(true);
    text += read(reader);
    expect(text === Array.from({ length: 200 }, (_, n) => line(n)).join('')).toBe(true);
  });

  it('wait for the reader of a pipe that has none yet', async () => {
    const { reader, writer } = pipe();
    closeSync(reader);
    open.splice(open.indexOf(reader), 1);
    const lines = newWriter(writer);
    lines.write('one\n');
    lines.write('two\n');
    const next = openSync(join(folder!, 'pipe'), O_RDONLY | O_NONBLOCK);
    open.push(next);
    let text = '';
    await expect
      .poll(() => {
        text += read(next);
        return text;
      })
      .toBe('one\ntwo\n');
  });

  it('of what cannot be opened again have it say each time that it is full', () => {
    folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
    const path = join(folder, 'file');
    const set: boolean[] = [];
    const _handle = { setBlocking: (isBlocking: boolean) => void set.push(isBlocking) };
    const fd = openSync(path, 'w');
    open.push(fd);
    const stream = { fd, on, _handle };
    const lines = new LineWriter(stream);
    lines.write('one\n');
    lines.write('two\n');
    expect(set).toEqual([false, false]);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it.skipIf(!isLinux)('on a full disk are dropped', () => {
    const fd = openSync('/dev/full', 'w');
    open.push(fd);
    const lines = newWriter(fd);
    for (let n = 0; n < 1000; n++) lines.write(line(n));
    expect(lines.dropped).toBeGreaterThan(700);
  });
});
