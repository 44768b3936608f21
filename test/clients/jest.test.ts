import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fragmentsOf, newConsumer, ROOT } from '../helpers/consumer.ts';

/** A first import of some 400 modules by the machinery of Jest, on a busy machine. */
const RUN_MS = 240_000;

let folder: string;

beforeAll(() => {
  folder = newConsumer(['@jest/globals'], 'test/clients');
});

afterAll(() => rmSync(folder, { recursive: true }));

it('the example of docs/testing.md passes under Jest', { timeout: RUN_MS }, async () => {
  const [, , ofJest] = fragmentsOf('docs/testing.md');
  expect(ofJest).toContain("from '@jest/globals'");
  writeFileSync(join(folder, 'market.test.js'), ofJest!);
  const program = join(ROOT, 'test/clients/node_modules/jest/bin/jest.js');
  // Where a package is a link to a folder, Jest would translate all of it; in node_modules none.
  const args = [program, '--rootDir', folder, '--transform', '{}', '--testTimeout', '60000'];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules', VITEST: undefined },
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(code, said).toBe(0);
  expect(said).toContain('1 passed, 1 total');
});
