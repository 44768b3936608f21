import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/consumer.ts';
import { importClient } from '../helpers/real-client.ts';

const read = (name: string) => JSON.parse(readFileSync(join(ROOT, 'test/clients', name), 'utf8'));

describe('clients of other protocols', () => {
  it('are pinned to one version each, by which their tests were written', () => {
    const { dependencies } = read('package.json');
    const { packages } = read('package-lock.json');
    for (const [name, pinned] of Object.entries<string>(dependencies)) {
      const version = pinned.replace(/^npm:.*@/, '');
      expect(packages[`node_modules/${name}`].version).toBe(version);
    }
  });

  it('are what tests import, though no script of theirs was run', async () => {
    const { MainClient } = await importClient<Record<string, unknown>>('binance');
    expect(MainClient).toBeTypeOf('function');
  });

  it('are nothing that a user of the package or of npm start installs', () => {
    const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const others = Object.keys({ ...own.dependencies, ...own.devDependencies });
    for (const name of Object.keys(read('package.json').dependencies)) {
      expect(others).not.toContain(name);
    }
  });
});
