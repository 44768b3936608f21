import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import * as entry from '../../src/client/index.ts';
import { noCounters } from '../../src/client/state.ts';

const MAX_BYTES = 12 * 1024;
const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** The public entry as a bundler would put it into a page. */
async function bundle(): Promise<Rolldown.OutputChunk[]> {
  const output = (await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rolldownOptions: { input: `${SRC}client/index.ts`, preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  return output.output.filter((file) => file.type === 'chunk');
}

test('the client is below 12 KB, and needs no package', async () => {
  const chunks = await bundle();
  expect(chunks).toHaveLength(1);
  const [{ code, imports, dynamicImports, exports }] = chunks as [Rolldown.OutputChunk];
  expect([...imports, ...dynamicImports]).toEqual([]);
  expect(exports.sort()).toEqual(Object.keys(entry).sort());
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThan(MAX_BYTES);
});

test('the public entry has these names', () => {
  expect(Object.keys(entry).sort()).toEqual([
    'ClientError',
    'backoffMs',
    'fetchCandles',
    'fetchDepth',
    'fetchRows',
    'fetchSparklines',
    'fetchTrades',
    'market',
    'subscribe',
    'subscribeCandles',
    'subscribeDepth',
    'subscribeTrades',
    'timeOf',
  ]);
});

test('docs/client.md names all that the public entry has', () => {
  const text = readFileSync(`${SRC}../docs/client.md`, 'utf8');
  const codes = readFileSync(`${SRC}client/error.ts`, 'utf8').matchAll(/^ {2}\| '(\w+)'$/gm);
  const names = [
    ...Object.keys(entry),
    ...Object.keys(noCounters()),
    ...[...codes].map(([, code]) => code!),
  ];
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

test('the page asks its server through the public entry alone', () => {
  const paths = readdirSync(`${SRC}page`, { recursive: true, encoding: 'utf8' });
  const sources = paths.filter((path) => /\.tsx?$/.test(path));
  expect(sources.length).toBeGreaterThan(30);
  for (const path of sources) {
    // What people read may name what it does.
    const text = readFileSync(`${SRC}page/${path}`, 'utf8').replace(/title="[^"]*"/g, '');
    for (const [, from] of text.matchAll(/from '([^']*(?:client|wire)\/[^']*)'/g)) {
      expect(`${path} imports ${from}`).toMatch(/client\/index\.ts$/);
    }
    expect(`${path}: ${/\b(WebSocket|EventSource|XMLHttpRequest)\b/.exec(text)?.[0]}`).toBe(
      `${path}: undefined`,
    );
    // The one that it is given.
    if (path !== 'server.ts')
      expect(`${path}: ${/(?<![#.\w])fetch\(/.test(text)}`).toBe(`${path}: false`);
  }
});
