import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const DASHBOARD = JSON.parse(textOf('examples/grafana.json'));
const TABLES = textOf('docs/tables.md');

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: { count: 100, interval: 1000 }, rows: 200_000 });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

interface Column {
  readonly selector: string;
  readonly text: string;
  readonly type: 'string' | 'number' | 'timestamp';
}

interface Target {
  readonly type: 'json' | 'csv';
  readonly url: string;
  readonly columns: readonly Column[];
}

/** The address that Grafana asks, with its variables as they are when it is opened. */
function addressOf(url: string): string {
  const now = server.clock.nowMs();
  const values: Record<string, string> = { __from: `${now - 3 * 3_600_000}`, __to: `${now}` };
  for (const { name, current } of DASHBOARD.templating.list) values[name] = current.value;
  values.url = server.server.url;
  return url.replaceAll(/\$\{(\w+)\}/g, (_, name) => values[name] ?? `no ${name}`);
}

/** The records of an answer, by the names of their columns. */
async function recordsOf({ type, url }: Target): Promise<Record<string, unknown>[]> {
  const answer = await fetch(addressOf(url));
  expect(answer.status, url).toBe(200);
  if (type === 'json') return (await answer.json()) as Record<string, unknown>[];
  const [header, ...lines] = (await answer.text()).trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, n) => [names[n], cell])),
  );
}

describe('the dashboard for Grafana', () => {
  const targets: [string, Target][] = DASHBOARD.panels.flatMap(
    ({ title, targets: own }: { title: string; targets: Target[] }) =>
      own.map((target) => [title, target]),
  );

  it('has three panels, and asks by its variables alone', () => {
    expect(targets).toHaveLength(3);
    for (const [, { url }] of targets) expect(url.startsWith('$' + '{url}/v1/')).toBe(true);
    expect(addressOf(targets.map(([, { url }]) => url).join())).not.toContain('no ');
  });

  it.each(targets)('shows columns that there are: %s', async (_, target) => {
    const records = await recordsOf(target);
    expect(records.length).toBeGreaterThan(90);
    for (const { selector, type } of target.columns) {
      for (const record of records) {
        const value = record[selector];
        if (type === 'timestamp') expect(Date.parse(String(value))).toBeGreaterThan(0);
        else if (type === 'number') expect(Number.isFinite(Number(value ?? 'none'))).toBe(true);
        else expect(value).toMatch(/\w/);
      }
    }
  });

  it('asks for one data source, which it names an input', () => {
    const uses = [...JSON.stringify(DASHBOARD.panels).matchAll(/"uid":"([^"]+)"/g)];
    expect(new Set(uses.map(([, uid]) => uid))).toEqual(new Set(['$' + '{DS_INFINITY}']));
    expect(DASHBOARD.__inputs.map(({ name }: { name: string }) => name)).toEqual(['DS_INFINITY']);
  });
});

describe('docs/tables.md', () => {
  it('names addresses that answer', async () => {
    const found = [...TABLES.matchAll(/http:\/\/localhost:8080(\/v1\/[^'"`\s]*)/g)];
    expect(found.length).toBeGreaterThan(7);
    for (const [, path] of found) {
      const answer = await fetch(addressOf(server.server.url + path));
      expect(answer.status, path).toBe(200);
      expect(await answer.text()).toMatch(/[\d"]/);
    }
  });

  it('has commands of awk and sort that say what they should', async () => {
    const commands = [...TABLES.matchAll(/^curl -s '([^']+)' \| (awk .*)$/gm)];
    expect(commands).toHaveLength(2);
    const said: string[] = [];
    for (const [, url, pipe] of commands) {
      const answer = await fetch(url.replace('http://localhost:8080', server.server.url));
      said.push(execFileSync('sh', ['-c', pipe], { input: await answer.text(), encoding: 'utf8' }));
    }
    const { json } = await server.get('/v1/latest');
    const rises = json.map((one: { changePercent: number }) => one.changePercent);
    const best = rises.sort((a: number, b: number) => b - a).slice(0, 5);
    expect(said[0].trimEnd().split('\n').map(Number.parseFloat)).toEqual(best);
    const [{ last }] = (await server.get('/v1/latest?symbols=ticker_07')).json;
    expect(said[1]).toBe(last > 200 ? 'above\n' : 'below\n');
  });
});
