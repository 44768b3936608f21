import { afterEach, describe, expect, it } from 'vitest';
import { soakOptions } from './options.ts';
import { killAll } from './server-process.ts';
import { soak } from './soak.ts';

afterEach(killAll);

describe('restarts', () => {
  const options = soakOptions();

  it(
    'of the server and faults of the network lose, repeat and alter nothing',
    async () => {
      const say = (line: string) => void process.stdout.write(line);
      say(`\nRestarts: ${JSON.stringify(options)}\n`);
      const report = await soak(options, say);
      say(report.table);
      expect(report.violations).toEqual([]);
      expect(report.kills).toBe(options.kills);
    },
    options.seconds * 1000 + 120_000,
  );
});
