import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Market } from '../../src/core/market/market.ts';
import { checkSpec } from '../../src/core/market/spec.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import { CliThread } from '../helpers/cli.ts';
import { ManualClock } from '../helpers/clock.ts';
import { marketOf } from '../helpers/market.ts';

const TEXT = readFileSync(new URL('../../docs/control.md', import.meta.url), 'utf8');
/** What stands between fences, in order. */
const BLOCKS = [...TEXT.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, text]) => ({
  kind: kind!,
  text: text!,
}));
/** The time of the server in the examples. */
const NOW = Date.UTC(2026, 1, 1, 0, 4, 34, 250);

const cli = new CliThread();
const folder = mkdtempSync(join(tmpdir(), 'tickwell-control-'));
let server: TickwellServer;
let clock: ManualClock;

beforeEach(async () => {
  await server?.stop();
  clock = new ManualClock(NOW);
  const market = marketOf({ count: 100, capacity: 1000 });
  server = await startServer({ market, port: 0, host: '127.0.0.1', clock });
  await server.ready;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([server.stop(), cli.end()]);
});

const ofKind = (kind: string, start: string) =>
  BLOCKS.filter((block) => block.kind === kind && block.text.startsWith(start));

/** What a command of curl asks a server for. */
async function ask(command: string): Promise<unknown> {
  const [, address] = /\b(localhost:8080\/\S+)/.exec(command)!;
  const [, type] = /-H '([^']+)'/.exec(command)!;
  const [, body] = /-d '([^']+)'/.exec(command)!;
  const [name, value] = type!.split(': ');
  const url = address!.replace('localhost:8080', server.url);
  const answer = await fetch(url, { method: 'POST', headers: { [name!]: value! }, body: body! });
  return answer.json();
}

describe('docs/control.md', () => {
  it('has commands that do what they say', async () => {
    const [commands] = ofKind('sh', 'tickwell control');
    const [file] = ofKind('yaml', 'name: mine');
    const path = join(folder, 'mine.yaml');
    writeFileSync(path, file!.text);
    const lines = commands!.text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const args = line.replace('mine.yaml', path).split(' ').slice(1);
      const run = await cli.run([...args, '--url', server.url]);
      expect([run.code, run.stderr], line).toEqual([0, '']);
      expect(run.stdout).not.toBe('');
    }
    const names = server.feed.timeline.entries.map(({ name, effects }) => name ?? effects[0]!.kind);
    expect(names.sort()).toEqual(['flash-crash', 'halt', 'mine', 'ramp']);
  });

  it('has answers as a server gives them', async () => {
    const asked = BLOCKS.filter(({ kind, text }) => {
      return kind === 'json' || (kind === 'sh' && text.startsWith('curl'));
    });
    expect(asked.map(({ kind }) => kind)).toEqual(['sh', 'json', 'sh', 'json', 'json']);
    const [done, answer, turned, now, log] = asked.map(({ text }) => text);
    expect(await ask(done!)).toEqual(JSON.parse(answer!));
    clock.pass(1000);
    await expect.poll(() => server.feed.head).toBe(JSON.parse(answer!).index + 1);
    expect(await ask(turned!)).toEqual(JSON.parse(now!));
    const entries = await (await fetch(`${server.url}/v1/control/log`)).json();
    expect(entries).toEqual(JSON.parse(log!));
  });

  it('has bodies that are understood', async () => {
    const bodies = [...TEXT.matchAll(/^\| (`\{.+\}`(?:, `\{.+\}`)?) \|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/`(\{[^`]+\})`/g)].map(([, body]) => body!),
    );
    expect(bodies).toHaveLength(5);
    for (const body of bodies) {
      const path = `${server.url}/v1/control/clock`;
      const headers = { 'content-type': 'application/json' };
      // A step is of a market that stands still.
      if (body.includes('step')) await server.changeClock({ paused: true });
      expect((await fetch(path, { method: 'POST', headers, body })).status, body).toBe(200);
    }
    const scenarios = [...TEXT.matchAll(/`(\{"(?:scenario|name)":[^`]+\})`/g)].map(([, b]) => b!);
    expect(scenarios).toHaveLength(2);
    for (const text of scenarios) {
      const body = JSON.parse(text);
      const asked = 'scenario' in body ? body : { scenario: body };
      const answer = await fetch(`${server.url}/v1/control/scenarios`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      });
      expect(answer.status, text).toBe(200);
    }
  });

  it('has a market file that is right, and does something', () => {
    const [file] = ofKind('yaml', 'scenario:');
    const instruments = [{ symbol: 'ACME' }];
    const check = checkSpec({ instruments, ...(parse(file!.text) as object) });
    if (!check.ok) throw new Error(check.problems[0]?.message);
    expect(check.spec.scenario).toHaveLength(3);
    const without = checkSpec({ instruments });
    if (!without.ok) throw new Error(without.problems[0]?.message);
    expect(new Market(check.spec).id).not.toBe(new Market(without.spec).id);
  });
});
