import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bareEnvironment, PROGRAM, type Run, runCli, spawnCli } from '../helpers/cli.ts';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/faults/${name}`, import.meta.url));

const OWN = ['flaky-wifi', 'bad-vendor', 'reconnect-storm', 'slow-consumer', 'maintenance'];
const MARKET = ['--count', '3'];
const SYMBOLS = 'ticker_0,ticker_1';
const SINCE = '2026-03-02T14:30:00Z';
const UNTIL = '2026-03-02T14:38:20Z';
const SEED = '1';
/** Market time in a second: all is over after 17 s. */
const SPEED = '30';
const LONG = { timeout: 300_000 };

/** What the bad consumer makes of each kind alone: what its grade finds, and of what it is right. */
const SINS: Readonly<Record<string, readonly string[]>> = {
  'drop@2%': ['missing'],
  'duplicate@2%': ['twice'],
  'reorder@2%': ['outOfOrder'],
  'corrupt:ticks+negative+zero+null+nan+other@2%': ['wrong'],
  'stale@5%': ['wrong'],
  'skew:1ms-900ms@2%': ['missing', 'offGrid'],
  'garbage:half@2%': ['missing'],
  'cut@1m': ['missing'],
  'close:1012@1m': ['missing'],
  'halfopen@5m': ['missing'],
  'delay:20ms-200ms@5%': [],
  'delay:50ms@5%': [],
  'burst:500ms@1%': [],
  'stall:200ms-500ms@1%': [],
  'throttle:20kB': [],
};
/** The profile whose grade docs/faults.md shows. */
const SHOWN =
  'drop@1%,duplicate@1%,reorder@1%,corrupt@1%,stale@1%,skew:1ms-2s@1%,garbage@1%,cut@100s';

/** What of it is not recovered by who does nothing about it. */
const SHOWN_KINDS = SHOWN.split(',').map((clause) => clause.split(/[:@]/)[0]);
const DOCUMENT = textOf('docs/faults.md');

const hasPython = spawnSync('python3', ['--version']).status === 0 || process.env.CI === 'true';

const folder = mkdtempSync(join(tmpdir(), 'tickwell-consumers-'));
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A server whose time stands still at SINCE; gives its URL. */
async function serve(): Promise<string> {
  const time = ['--at', SINCE, '--speed', SPEED, '--paused', '--limit', 'heartbeatMs=1000'];
  const child = spawnCli(['serve', '--host', '127.0.0.1', '--port', '0', ...MARKET, ...time]);
  running.add(child);
  for await (const line of createInterface(child.stdout)) {
    const url = / on (http:\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    while (!(await fetch(`${url}/readyz`)).ok) await sleep(20);
    return url;
  }
  throw new Error(`The server must come up; given: ${child.stderr.read()}`);
}

interface Recording {
  readonly file: string;
  readonly profile: string;
  readonly child: ChildProcess;
}

/** Starts a consumer under a profile. */
function record(name: string, url: string, profile: string, ...more: string[]): Recording {
  const file = join(folder, `${name}-${profile.replaceAll(/\W+/g, '-')}.csv`);
  const base = `${url}/faulty/${encodeURIComponent(profile)}:${SEED}`;
  const program = name.endsWith('.py') ? 'python3' : process.execPath;
  const out = openSync(file, 'w');
  const args = [example(name), base, ...more, SYMBOLS, SINCE, UNTIL];
  const child = spawn(program, args, { stdio: ['ignore', out, 'ignore'] });
  closeSync(out);
  running.add(child);
  return { file, profile, child };
}

/** Lets time go on once all of them are there. */
async function start(url: string, readers: number): Promise<void> {
  const connected = async () =>
    Number(
      /^tickwell_faulty_connections (\d+)$/m.exec(
        await (await fetch(`${url}/metrics`)).text(),
      )?.[1],
    );
  while ((await connected()) < readers) await sleep(50);
  await runCli(['control', 'resume', '--url', url]);
}

/** Waits until it has ended by itself. */
async function ended({ child }: Recording): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(0);
}

const grade = ({ file, profile }: Recording, ...more: string[]): Promise<Run> => {
  const range = ['--symbols', SYMBOLS, '--since', SINCE, '--until', UNTIL];
  const faults = ['--faults', profile, '--fault-seed', SEED];
  return runCli(['grade', ...MARKET, ...range, ...faults, ...more, file]);
};

/** What is looked at of a job of GitHub Actions. */
interface Job {
  readonly strategy: { readonly matrix: { readonly profile: readonly string[] } };
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Ends what a step has left running. */
function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing of it runs any more.
  }
}

/** What a grade found, and the kinds of faults that are not recovered. */
function sinsOf({ stdout }: Run) {
  const { symbols, faults } = JSON.parse(stdout);
  const found = new Set<string>();
  for (const one of Object.values<Record<string, { count?: number }>>(symbols))
    for (const [what, difference] of Object.entries(one)) if (difference.count) found.add(what);
  const kinds = Object.entries<{ notRecovered: number; strikes: number }>(faults.kinds);
  return {
    found: [...found].sort(),
    kinds: kinds.filter(([, { notRecovered }]) => notRecovered > 0).map(([kind]) => kind),
    noExcuse: Object.values<number>(faults.noExcuse).reduce((sum, count) => sum + count, 0),
  };
}

describe.each(hasPython ? ['mjs', 'py'] : ['mjs'])('examples/faults, in %s', LONG, (language) => {
  it('have a good one that is right under every profile of ours', async () => {
    const url = await serve();
    const recordings = OWN.map((profile) => record(`good.${language}`, url, profile, url));
    await start(url, OWN.length);
    await Promise.all(recordings.map(ended));
    for (const one of recordings) {
      const { code, stdout } = await grade(one);
      expect({ profile: one.profile, code, stdout }).toMatchObject({ code: 0 });
      expect(stdout).toMatch(/^Right\. 1000 rows of 2 symbols/);
    }
  });

  it('have a bad one whose grade lists exactly its sins', async () => {
    const url = await serve();
    const shown = record(`bad.${language}`, url, SHOWN);
    const recordings = Object.keys(SINS).map((profile) => record(`bad.${language}`, url, profile));
    await start(url, recordings.length + 1);
    const isDead = ({ profile }: Recording) => profile.startsWith('halfopen');
    await Promise.all([shown, ...recordings.filter((one) => !isDead(one))].map(ended));
    // It would wait for ever.
    for (const one of recordings.filter(isDead)) {
      expect(one.child.exitCode).toBeNull();
      one.child.kill();
      await once(one.child, 'exit');
    }
    for (const one of recordings) {
      const run = await grade(one, '--json');
      const expected = SINS[one.profile]!;
      const [kind] = one.profile.split(/[:@]/);
      const kinds = expected.length === 0 ? [] : [kind];
      expect({ profile: one.profile, ...sinsOf(run), code: run.code }).toEqual({
        profile: one.profile,
        found: expected,
        kinds,
        noExcuse: 0,
        code: expected.length === 0 ? 0 : 1,
      });
    }
    const all = sinsOf(await grade(shown, '--json'));
    expect(all).toMatchObject({ kinds: SHOWN_KINDS, noExcuse: 0 });
    // How much a cut takes depends on how soon it comes back; what strikes does not.
    const strikesOf = (text: string) => text.match(/^ {2}\w+ +\d+ strikes/gm);
    const transcript = /^Faults drop@1%.*?^```$/ms.exec(DOCUMENT)![0];
    expect(strikesOf(transcript)).toEqual(strikesOf((await grade(shown)).stdout));
    expect(strikesOf(transcript)).toHaveLength(SHOWN_KINDS.length);
  });
});

describe('examples/faults/github-actions.yml', LONG, () => {
  const text = textOf('examples/faults/github-actions.yml');
  const { jobs, on } = parse(text);
  const job = Object.values<Job>(jobs)[0]!;

  it('is what docs/faults.md shows, and has every profile of ours', () => {
    expect(DOCUMENT).toContain(`\`\`\`yaml\n${text}\`\`\``);
    expect(on).toEqual(['push', 'pull_request']);
    expect(job.strategy.matrix.profile).toEqual(OWN);
  });

  it('has commands that end well if all is right, and only then', async () => {
    const work = join(folder, 'checkout');
    mkdirSync(work);
    // What npm would install is the program as it was built.
    const npm = join(work, 'npm');
    writeFileSync(npm, '#!/bin/sh\necho "$@" > installed\n');
    chmodSync(npm, 0o755);
    const npx = join(work, 'npx');
    const node = process.execPath;
    writeFileSync(npx, `#!/bin/sh\nshift\nexec "${node}" "${PROGRAM}" "$@"\n`);
    chmodSync(npx, 0o755);
    cpSync(example('good.mjs'), join(work, 'consumer.mjs'));
    const FEED = `http://localhost:${await freePort()}`;
    const env = { ...bareEnvironment(), ...job.env, FEED, PATH: `${work}:${process.env.PATH}` };
    const run = async (command: string) => {
      const script = command.replaceAll(/\$\{\{ matrix\.profile \}\}/g, 'bad-vendor');
      const child = spawn('bash', ['-e', '-c', script], {
        cwd: work,
        env,
        stdio: 'ignore',
        detached: true,
      });
      groups.push(child.pid!);
      const [code] = await once(child, 'exit');
      return code;
    };
    const groups: number[] = [];
    try {
      const steps = job.steps.filter((step) => step.run !== undefined);
      expect(steps).toHaveLength(4);
      for (const { name, run: command } of steps)
        expect({ name, code: await run(command!) }).toEqual({ name, code: 0 });
      // It is on no registry: the package is the one that `npm pack` makes.
      const { version } = JSON.parse(textOf('package.json'));
      const installed = `install --no-save ./tickwell-${version}.tgz\n`;
      expect(readFileSync(join(work, 'installed'), 'utf8')).toBe(installed);
      // A row that is lacking is found.
      const rows = join(work, 'rows.csv');
      writeFileSync(rows, readFileSync(rows, 'utf8').replace(/^1772461900000,.*\n/m, ''));
      expect(await run(steps[3]!.run!)).toBe(1);
    } finally {
      for (const group of groups) killGroup(group);
    }
  });
});
