import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeHost } from './fake-host.ts';

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.close());

/** What a deployment asks docker for until the image is on the host, but for `save` and `load`. */
const SENT = ['version', 'container inspect', 'version', 'build', 'image inspect', 'image inspect'];
/** What it asks for there: is the market right, what runs, then one container for the other. */
const EXCHANGED = [
  'run',
  'ps',
  'ps',
  'container inspect',
  'container inspect',
  'container inspect',
  'rename',
  'create',
  'stop',
  'start',
  'container inspect',
  'rm',
  'images',
];

describe.skipIf(process.platform === 'win32')('deploy.sh', () => {
  test.each([
    [[], 'HOST is required (--help tells more); given: nothing'],
    [['-oProxyCommand=x', 'feed'], 'option must be one that --help lists; given: -oProxyCommand=x'],
    [['--', '-oProxyCommand=x'], 'HOST must be a name that ssh knows, without spaces'],
    [['feed', '0'], 'PORT must be a whole number from 1 to 65535; given: 0'],
    [['feed', '65536'], 'PORT must be a whole number from 1 to 65535; given: 65536'],
    [['feed', '80', 'x'], 'arguments must be HOST and PORT, no more; given: x'],
    [['--port', '80', 'feed'], 'option must be one that --help lists; given: --port'],
    [['feed', '--name'], '--name must be followed by a value; given: nothing'],
    [['--name=x;y', 'feed'], 'first a letter or digit; given: x;y'],
    [['--env', 'SEED', 'feed'], '--env must be KEY=VALUE; given: SEED'],
    [
      ['--env', 'TICKWELL_PORT=1', 'feed'],
      '--env must not set the port, which is the argument PORT',
    ],
    [
      ['--env', 'TICKWELL_LOG=/data/a.log', 'feed'],
      '--env must not set the log, which is the option --log',
    ],
    [['--config', '/nowhere', 'feed'], '--config must be a file that can be read; given: /nowhere'],
    [['--bind', 'all', 'feed'], '--bind must be an address of the host, IPv4 or IPv6; given: all'],
    [['--memory', 'much', 'feed'], '--memory must be a whole number and b, k, m or g; given: much'],
    [['--timeout', '0', 'feed'], '--timeout must be a whole number from 1 to 3600; given: 0'],
    [['--image', 'a', '--registry', 'b', 'feed'], '--registry must not be given with --image'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stderr } = await host.run(args);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });

  test('says what it would do, and does nothing', async () => {
    const { code, stdout } = await host.deploy(['--dry-run', '--env', "WORDS=it's $HOME"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`--env 'WORDS=it'\\''s $HOME'`);
    for (const option of ['--read-only', '--cap-drop ALL', 'no-new-privileges', '--memory 512m']) {
      expect(stdout).toContain(option);
    }
    expect(host.calls()).toEqual(['']);
  });

  test('keeps what is done to the market in a volume, which the check before does not see', async () => {
    const { stdout } = await host.deploy(['--dry-run', '--log']);
    const kept = `--volume ${host.name}-data:/data --env TICKWELL_LOG=/data/market.log`;
    const lines = stdout.split('\n').filter((line) => line.includes(kept));
    expect(lines.map((line) => /docker \w+/.exec(line)![0])).toEqual(['docker create']);
    expect((await host.deploy(['--dry-run'])).stdout).not.toContain('--volume');
    expect((await host.deploy(['--log'])).code).toBe(0);
    expect(host.containers()[0]!.args).toContain(`\n${host.name}-data:/data\n`);
  });

  test('gives a container that drains the time for it, before Docker kills it', async () => {
    expect((await host.deploy(['--drain', '30'])).code).toBe(0);
    const { args } = host.containers()[0]!;
    expect(args).toContain('\nTICKWELL_DRAIN=30s\n--stop-timeout\n40\n');
    // It says itself how long: an option of `docker stop` would count for more.
    await host.deploy();
    expect(host.calls().filter((call) => /^stop (-t|--time)/.test(call))).toEqual([]);
    expect(await host.deploy(['--drain', '601'])).toMatchObject({ code: 2 });
    expect(await host.deploy(['--env', 'TICKWELL_DRAIN=5s'])).toMatchObject({ code: 2 });
  });

  test('starts the first container, and replaces it by the second', async () => {
    expect(await host.deploy()).toMatchObject({ code: 0, stderr: '' });
    const text = 'pattern: "$HOME `it\'s` {}"';
    const options = ['--env', 'A=1', '--config', host.writeMarket(text)];
    const { code, stdout } = await host.deploy(options);
    expect(stdout).toContain('http://feed.example.com:8080');
    expect(code).toBe(0);
    const containers = host.containers();
    expect(containers).toMatchObject([{ name: host.name, status: 'running' }]);
    expect(containers[0]!.args).toContain('\nA=1\n');
    expect(host.carriedMarkets()).toEqual([`${text}\n`]);
    expect(existsSync(host.lock)).toBe(false);
  });

  test('starts the old container again if the new one does not stay up', async () => {
    await host.deploy(['--env', 'A=1']);
    const config = host.writeMarket('seed: 1');
    const { code, stdout } = await host.deploy(['--env', 'BREAK=1', '--config', config]);
    expect(stdout).toContain('  | its last words');
    expect(stdout).toContain('runs again and is healthy');
    expect(code).toBe(4);
    const containers = host.containers();
    expect(containers).toMatchObject([{ name: host.name, status: 'running' }]);
    expect(containers[0]!.args).toContain('\nA=1\n');
    expect(host.carriedMarkets()).toEqual([]);
    expect(existsSync(host.lock)).toBe(false);
  });

  test('leaves nothing behind if the first container does not stay up', async () => {
    expect((await host.deploy(['--env', 'BREAK=1'])).code).toBe(4);
    expect(host.containers()).toEqual([]);
  });

  test('asks the new image about the market before it stops the old one', async () => {
    await host.deploy();
    const { code, stderr } = await host.deploy(['--env', 'TICKWELL_SEED=abc']);
    expect(stderr).toContain('seed must be a whole number; given: abc');
    expect(code).toBe(1);
    expect(host.calls().filter((call) => call.startsWith('stop'))).toEqual([]);
  });

  test('asks docker for this, in this order', async () => {
    host.writeContainer();
    expect((await host.deploy()).code).toBe(0);
    const asked = host.calls().map((call) => /^(container |image )?[a-z]+/.exec(call)![0]);
    // The two ends of one pipe begin at once.
    const [first, second] = asked.splice(SENT.length, 2);
    expect([first, second].sort()).toEqual(['load', 'save']);
    expect(asked).toEqual([...SENT, ...EXCHANGED]);
  });

  test.each(EXCHANGED.map((call, n) => [n + 1, call]))(
    'leaves a container running, although call %i on the host fails: %s',
    async (n) => {
      host.writeContainer();
      const { stdout, stderr } = await host.deploy([], SENT.length + 2 + n);
      expect(host.calls().length).toBeGreaterThanOrEqual(SENT.length + 2 + n);
      const running = host.containers().filter(({ status }) => status === 'running');
      expect(running, `${stdout}${stderr}`).toMatchObject([{ name: host.name }]);
      expect(existsSync(host.lock)).toBe(false);
    },
  );

  test('keeps the five newest images that it made, and those that it did not make', async () => {
    const made = [3, 1, 7, 5, 2, 6, 4].map((day) => `tickwell:0.1.0-2026010${day}-120000`);
    host.writeImages(['tickwell:latest', ...made]);
    await host.deploy();
    const removed = host.calls().filter((call) => call.startsWith('rmi'));
    expect(removed).toEqual([
      'rmi tickwell:0.1.0-20260102-120000',
      'rmi tickwell:0.1.0-20260101-120000',
    ]);
  });

  test('gives way to a deployment that is under way', async () => {
    mkdirSync(host.lock);
    writeFileSync(`${host.lock}/owner`, 'ann on laptop since 10:00:00 UTC\n');
    const { code, stderr } = await host.deploy();
    expect(stderr).toContain('is under way, by ann on laptop since 10:00:00 UTC');
    expect(code).toBe(6);
    expect(existsSync(host.lock)).toBe(true);
  });

  test('names a host that cannot be reached', async () => {
    const { code, stderr } = await host.run(['unreachable']);
    expect(stderr).toContain('HOST must be one that ssh reaches; given: unreachable');
    expect(code).toBe(3);
  });
});
