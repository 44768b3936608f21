import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newConsumer, ROOT } from '../helpers/consumer.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** Tools and a compiler on a busy machine. */
const TOOL_MS = 120_000;

/** What a program does with the types that were made. */
const CONSUMER = `import type { components, operations, paths } from './api.js';

type Rows = components['schemas']['Rows'];
type Query = NonNullable<operations['getSparklines']['parameters']['query']>;
// What has a default may be left out.
export const query: Query = {};
export const until = (rows: Rows): number | string => rows.until;
export const metrics: paths['/metrics']['get']['responses'][200]['content']['text/plain'] = '';
export const csv: operations['getRows']['responses'][200]['content']['text/csv'] = 'time';
export const code = ({ error }: components['schemas']['Error']): string => error.code;
// @ts-expect-error: a resolution has no default.
export const candles: operations['getCandles']['parameters']['query'] = { symbol: 'ticker_0' };
`;

/**
 * openapi-typescript calls TypeScript 5 as a library, which later ones are not. It gets one of its
 * own: the project is compiled by another.
 */
const OWN_TYPESCRIPT = `import { register } from 'node:module';
const hook = (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context);
register('data:text/javascript,export const resolve = ' + encodeURIComponent(String(hook)));
`;

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = newConsumer();
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

/** Runs a program of a package with Node; gives what it says. */
async function run(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  await once(child, 'close');
  return said;
}

async function spectralSays(path: string, ruleset: RulesetDefinition): Promise<string[]> {
  const linter = new spectral.Spectral();
  linter.setRuleset(ruleset);
  const { json } = await server.get(path);
  const found = await linter.run(json);
  return found.map((problem) => `${problem.code} at ${problem.path.join('.')}: ${problem.message}`);
}

describe('/openapi.json', { timeout: TOOL_MS }, () => {
  it('passes the recommended rules of Redocly, without a warning', async () => {
    const { text } = await server.get('/openapi.json');
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: text, absoluteRef: '/openapi.json', config });
    expect(found.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
    // The rules are at work: what they want is looked at.
    const without = JSON.stringify({ ...JSON.parse(text), servers: [] });
    const missed = await lintFromString({ source: without, absoluteRef: '/openapi.json', config });
    expect(missed.map(({ ruleId }) => ruleId)).toEqual(['no-empty-servers']);
  });

  it('passes the recommended rules of Spectral, without a warning', async () => {
    const ruleset = { extends: [[rulesets.oas, 'recommended']] } as RulesetDefinition;
    expect(await spectralSays('/openapi.json', ruleset)).toEqual([]);
  });

  it('gives types that compile strictly, and call things by their names', async () => {
    const { text } = await server.get('/openapi.json');
    writeFileSync(join(folder, 'openapi.json'), text);
    writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
    const own = `data:text/javascript,${encodeURIComponent(OWN_TYPESCRIPT)}`;
    const generator = join(ROOT, 'node_modules/openapi-typescript/bin/cli.js');
    const args = ['openapi.json', '-o', 'api.ts'];
    expect(await run(['--import', own, generator, ...args])).not.toMatch(/error/i);
    const options = {
      ...{ strict: true, noEmit: true, module: 'NodeNext', target: 'ES2022', types: [] },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options }));
    expect(await run([join(ROOT, 'node_modules/typescript/bin/tsc')])).toBe('');
  });

  it.each([
    ['rows', 'last=3&fields=last,bid,ask,volume,trades,aggressor'],
    ['rows', 'since=now'],
    ['trades', 'symbol=ticker_0&last=5'],
    ['candles', 'symbol=ticker_0&resolution=100ms&last=3&fields=volume,trades'],
    ['latest', 'symbols=*&fields=symbol,name,time,last,change,changePercent,open,high,low,bid,ask'],
    ['depth', 'symbol=ticker_0&levels=3'],
    ['candles', 'symbols=*&resolution=100ms&last=3&fields=volume,trades'],
  ])('has schemas that hold %s?%s in each notation', async (route, query) => {
    const { paths, components } = (await server.get('/openapi.json')).json;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const { schema } = paths[`/v1/${route}`].get.responses[200].content['application/json'];
    const holds = ajv.compile({ ...schema, components });
    for (const notation of ['', '&prices=decimal', '&time=iso', '&prices=decimal&time=iso']) {
      const { status, json } = await server.get(`/v1/${route}?${query}${notation}`);
      expect(status).toBe(200);
      holds(json);
      expect(holds.errors).toBeNull();
    }
    expect(holds({})).toBe(false);
  });

  it('tells bytes from text', async () => {
    const { content } = (await server.get('/openapi.json')).json.paths['/v1/rows'].get
      .responses[200];
    const isBytes = (mediaType: string) => content[mediaType].schema.format === 'binary';
    expect(Object.keys(content).filter(isBytes).sort()).toEqual([
      'application/octet-stream',
      'application/vnd.apache.arrow.stream',
      'application/vnd.apache.parquet',
      'application/vnd.tickwell.rows',
    ]);
  });

  it('names each operation once, asks for no permission, and is of the server beside it', async () => {
    const { paths, servers, security } = (await server.get('/openapi.json')).json;
    const operations = Object.values<Record<string, { operationId: string }>>(paths);
    const ids = operations.flatMap(Object.values).map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['getMarket', 'getRows', 'getCandles']));
    expect(security).toEqual([]);
    for (const [path, { url }] of [
      ['/openapi.json', servers[0]],
      ['/docs/json', (await server.get('/docs/json')).json.servers[0]],
    ]) {
      // As a browser reads it, also below a path of somebody else's.
      for (const prefix of ['', '/feed']) {
        const base = new URL(url, `https://example.com${prefix}${path}`).href.replace(/\/$/, '');
        expect(`${base}/v1/rows`).toBe(`https://example.com${prefix}/v1/rows`);
      }
    }
  });
});

describe('/asyncapi.json', { timeout: TOOL_MS }, () => {
  it('passes the recommended rules of Spectral, but for an address to write to', async () => {
    const ruleset = {
      extends: [[rulesets.asyncapi, 'recommended']],
      rules: { 'asyncapi-info-contact-properties': 'off' },
    } as RulesetDefinition;
    expect(await spectralSays('/asyncapi.json', ruleset)).toEqual([]);
  });

  it('has a title for every payload, each another', async () => {
    const { components } = (await server.get('/asyncapi.json')).json;
    const messages = Object.values<{ payload: { title: string } }>(components.messages);
    const titles = messages.map(({ payload }) => payload.title);
    expect(titles).toEqual(Object.keys(components.messages));
  });
});
