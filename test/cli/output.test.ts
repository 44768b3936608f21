import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openOutput } from '../../src/cli/output.ts';
import { CliThread, PROGRAM, spawnCli } from '../helpers/cli.ts';

const IS_ROOT = process.getuid?.() === 0;
/** Debian's nobody: who may do nothing. */
const NOBODY = 65_534;
const RANGE = ['generate', '--count=2', '--from=2026-01-01', '--to=2026-01-01T00:01:00Z'];
const LONG = ['generate', '--from=2026-01-01', '--to=2027-01-01'];

let folder: string;
let cli: CliThread;
let rows: string;

beforeAll(async () => {
  cli = new CliThread();
  rows = (await cli.run(RANGE)).stdout;
  expect(rows.split('\n')).toHaveLength(62);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickwell-'));
});

afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => cli.end());

const inFolder = (name: string) => join(folder, name);
const modeOf = (file: string) => statSync(file).mode & 0o777;

/** Runs a line of shell in which `$T` is the program and `$F` the folder. */
function shell(line: string, options: { uid?: number } = {}) {
  const T = `${process.execPath} ${PROGRAM}`;
  const env = { PATH: process.env.PATH, T, F: folder, RANGE: RANGE.join(' ') };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { env, ...options });
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

describe('--out leaves what it finds as it is', () => {
  it.runIf(IS_ROOT)('a device, which is full', () => {
    const full = inFolder('full');
    shell('mknod $F/full c 1 7');
    const { status, stderr } = shell('$T $RANGE --out $F/full');
    expect(stderr).toMatch(
      /^tickwell: \S+ could not be written to the end: no space .*ENOSPC\)\n$/,
    );
    expect(status).toBe(1);
    expect(lstatSync(full).isCharacterDevice()).toBe(true);
    expect(readdirSync(folder)).toEqual(['full']);
  });

  it.each([
    ['generate', RANGE, () => rows.length],
    ['realism', ['realism', '--count=2', '--rows=1000'], () => 100],
  ])('a named pipe, of %s', async (_, args, atLeast) => {
    const pipe = inFolder('pipe');
    shell('mkfifo $F/pipe');
    const child = spawnCli([...args, '--out', pipe]);
    const ended = once(child, 'close');
    const read = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    read.stdout.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    await once(read, 'close');
    expect((await ended)[0]).toBe(0);
    expect(text.length).toBeGreaterThanOrEqual(atLeast());
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });

  it('a named pipe whose reader has seen enough, which is no failure', () => {
    shell('mkfifo $F/pipe');
    const line = 'head -c 10 $F/pipe & $T generate --from 2026-01-01 --to 2027-01-01 -o $F/pipe';
    const { status, stdout, stderr } = shell(`${line}; echo " $?"`);
    expect([status, stdout.slice(0, 4), stderr]).toEqual([0, 'time', '']);
    expect(stdout.endsWith(' 0\n')).toBe(true);
  });

  it('a socket, which is spoken to', async () => {
    const path = inFolder('socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const text = new Promise<string>((done) => {
      server.once('connection', async (socket) => {
        let received = '';
        for await (const data of socket.setEncoding('utf8')) received += data;
        done(received);
      });
    });
    expect((await cli.run([...RANGE, '--out', path])).code).toBe(0);
    expect(await text).toBe(rows);
    expect(lstatSync(path).isSocket()).toBe(true);
    server.close();
  });

  it('a symbolic link: what it leads to is written, be it there or not', async () => {
    mkdirSync(inFolder('far'));
    writeFileSync(inFolder('far/there'), 'old');
    symlinkSync('far/there', inFolder('a'));
    symlinkSync('a', inFolder('b'));
    symlinkSync('far/new', inFolder('c'));
    for (const name of ['b', 'c']) {
      expect(await cli.run([...RANGE, '--out', inFolder(name)])).toMatchObject({ code: 0 });
    }
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c', 'far']);
    expect(['a', 'b', 'c'].map((name) => readlinkSync(inFolder(name)))).toEqual([
      'far/there',
      'a',
      'far/new',
    ]);
    expect(readdirSync(inFolder('far')).sort()).toEqual(['new', 'there']);
    for (const name of ['new', 'there']) {
      expect(readFileSync(inFolder(`far/${name}`), 'utf8')).toBe(rows);
    }
  });

  it('a file that a name like its own leads to', async () => {
    writeFileSync(inFolder('victim'), 'precious');
    symlinkSync('victim', inFolder('w.part'));
    expect(await cli.run([...RANGE, '--out', inFolder('w')])).toMatchObject({ code: 0 });
    expect(readFileSync(inFolder('victim'), 'utf8')).toBe('precious');
    expect(readFileSync(inFolder('w'), 'utf8')).toBe(rows);
  });

  it.each([0o600, 0o640, 0o755])('permissions of %o', async (mode) => {
    writeFileSync(inFolder('x'), 'old');
    chmodSync(inFolder('x'), mode);
    expect(await cli.run([...RANGE, '--out', inFolder('x')])).toMatchObject({ code: 0 });
    expect(readFileSync(inFolder('x'), 'utf8')).toBe(rows);
    expect(modeOf(inFolder('x'))).toBe(mode);
  });

  it.runIf(IS_ROOT)('an owner', async () => {
    writeFileSync(inFolder('x'), 'old');
    chownSync(inFolder('x'), NOBODY, 4);
    expect(await cli.run([...RANGE, '--out', inFolder('x')])).toMatchObject({ code: 0 });
    const { uid, gid } = statSync(inFolder('x'));
    expect([uid, gid]).toEqual([NOBODY, 4]);
  });

  it.runIf(IS_ROOT)('what a group may read that is not ours: others of us may not', () => {
    chmodSync(folder, 0o777);
    writeFileSync(inFolder('x'), 'old');
    chownSync(inFolder('x'), 0, 4);
    chmodSync(inFolder('x'), 0o662);
    expect(shell('$T $RANGE -o $F/x', { uid: NOBODY })).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(inFolder('x')).uid).toBe(NOBODY);
    expect(modeOf(inFolder('x'))).toBe(0o602);
  });

  it.each([
    ['a file that others write to as well', '/dev/stdout', ' > $F/x && cat $F/x'],
    ['a pipe, by another of its descriptors', '/proc/self/fd/3', ' 3>&1 | cat'],
  ])('standard output: %s', (_, file, to) => {
    const { stdout, stderr } = shell(`(echo first; $T $RANGE -o ${file}; echo last)${to}`);
    expect(stderr).toBe('');
    expect(stdout).toBe(`first\n${rows}last\n`);
  });
});

describe('--out', () => {
  it('gives a new file the permissions that the shell has chosen', () => {
    expect(shell('umask 027 && $T $RANGE -o $F/x').status).toBe(0);
    expect(modeOf(inFolder('x'))).toBe(0o640);
  });

  it('of two at once leaves the whole of the one that ends last', async () => {
    const file = inFolder('x');
    const [one, other] = [await openOutput(file), await openOutput(file)];
    for (let n = 0; n < 1000; n++) {
      await one.write(`one ${n}\n`);
      if (n % 2 === 0) await other.write(`other ${n}\n`);
    }
    expect(existsSync(file)).toBe(false);
    await one.finish();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(Array.from({ length: 1000 }, (_, n) => `one ${n}`));
    await other.finish();
    const others = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(others).toEqual(Array.from({ length: 500 }, (_, n) => `other ${2 * n}`));
    expect(readdirSync(folder)).toEqual(['x']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing behind at %s, and what there was',
    async (signal) => {
      writeFileSync(inFolder('x'), 'old');
      const begun = new Promise<void>((done) => {
        const watcher = watch(folder, (_, name) => {
          if (!name?.endsWith('.part')) return;
          watcher.close();
          done();
        });
      });
      const child = spawnCli([...LONG, '--out', inFolder('x')]);
      const ended = once(child, 'close');
      await begun;
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(readdirSync(folder)).toEqual(['x']);
      expect(readFileSync(inFolder('x'), 'utf8')).toBe('old');
    },
  );

  it('of a report is ended by a signal too', async () => {
    const begun = once(watch(folder), 'change');
    const child = spawnCli(['realism', '--preset=equities', '--out', inFolder('x')]);
    const ended = once(child, 'close');
    await begun;
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of what does not fit says so in a sentence, and leaves what there was', () => {
    writeFileSync(inFolder('x'), 'old');
    const line = "trap '' XFSZ; ulimit -f 1; $T $RANGE --to 2026-01-02 -o $F/x";
    const { status, stdout, stderr } = shell(line);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^tickwell: \S+x could not be written to the end: .* \(EFBIG\)\n$/);
    expect(readdirSync(folder)).toEqual(['x']);
    expect(readFileSync(inFolder('x'), 'utf8')).toBe('old');
  });

  it.each(['generate --from 2026-01-01 --to 2026-01-02', 'market', 'realism --rows 1000'])(
    'or standard output that is full is said in a sentence: %s',
    (args) => {
      const { status, stderr } = shell(`$T ${args} --count 2 > /dev/full`);
      expect(stderr).toMatch(/^tickwell: standard output could not be written .*ENOSPC\)\n$/);
      expect(status).toBe(1);
    },
  );

  it('that is cut short where standard output is a file says so', () => {
    const line = "trap '' XFSZ; ulimit -f 1; $T $RANGE > $F/x";
    const { status, stderr } = shell(line);
    expect(stderr).toMatch(/^tickwell: standard output could not be written .*EFBIG\)\n$/);
    expect(status).toBe(1);
  });

  it('that leads in a circle, to a folder or to a closed descriptor is refused', async () => {
    symlinkSync('b', inFolder('a'));
    symlinkSync('a', inFolder('b'));
    for (const [file, why] of [
      [inFolder('a'), 'leads from link to link without end'],
      [`${inFolder('new')}/`, 'is a folder, not a file'],
      ['/proc/self/fd/987', 'cannot be written (EBADF)'],
    ]) {
      const { code: status, stderr } = await cli.run([...RANGE, '--out', file]);
      expect(stderr).toBe(`tickwell: out "${file}" ${why}\n`);
      expect(status).toBe(2);
    }
  });

  it.runIf(IS_ROOT).each(['new', 'ours', 'open/theirs'])(
    'that we may not write is refused before any work: %s',
    (name) => {
      chmodSync(folder, 0o755);
      mkdirSync(inFolder('open'));
      chmodSync(inFolder('open'), 0o777);
      writeFileSync(inFolder('open/theirs'), 'old');
      writeFileSync(inFolder('ours'), 'old');
      chmodSync(inFolder('ours'), 0o666);
      const { status, stderr } = shell(`$T $RANGE -o $F/${name}`, { uid: NOBODY });
      const rule = 'may not be written by this user';
      expect(stderr).toBe(`tickwell: out "${inFolder(name)}" ${rule}\n`);
      expect(status).toBe(2);
      expect(readdirSync(folder).sort()).toEqual(['open', 'ours']);
      expect(readdirSync(inFolder('open'))).toEqual(['theirs']);
    },
  );
});
