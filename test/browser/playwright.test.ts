import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findChromium } from '../../scripts/browser.mjs';
import { fragmentsOf, newConsumer, ROOT } from '../helpers/consumer.ts';

/** A browser, and the machinery around it, on a busy machine. */
const RUN_MS = 240_000;

let folder: string;

beforeAll(() => {
  folder = newConsumer(['@playwright/test'], 'test/clients');
});

afterAll(() => rmSync(folder, { recursive: true }));

it('the example of docs/testing.md passes under Playwright', { timeout: RUN_MS }, async () => {
  const [, , , ofPlaywright] = fragmentsOf('docs/testing.md');
  expect(ofPlaywright).toContain("from '@playwright/test'");
  writeFileSync(join(folder, 'market.spec.js'), ofPlaywright!);
  const launchOptions = { executablePath: await findChromium(), args: ['--no-sandbox'] };
  // What it waits for by itself is 5 s, of which a busy machine needs some to draw a page.
  const config = { use: { launchOptions }, expect: { timeout: 40_000 }, timeout: 120_000 };
  const settings = `export default ${JSON.stringify({ ...config, reporter: 'list', workers: 1 })};`;
  writeFileSync(join(folder, 'playwright.config.mjs'), settings);
  const program = join(ROOT, 'test/clients/node_modules/@playwright/test/cli.js');
  const child = spawn(process.execPath, [program, 'test'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CI: undefined, VITEST: undefined },
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(code, said).toBe(0);
  expect(said).toContain('1 passed');
});
