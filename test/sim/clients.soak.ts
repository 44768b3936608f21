import { expect, it } from 'vitest';
import { soakOptions } from '../faults/options.ts';
import { playMany } from './faulty-clients.ts';

const { seconds, seed } = soakOptions();

it('the client tells every row exactly once under any faults', {
  timeout: (seconds + 600) * 1000,
}, async () => {
  const endMs = performance.now() + seconds * 1000;
  const counts = await playMany(1_000_000, seed, () => performance.now() > endMs);
  // biome-ignore lint/suspicious/noConsole: what a soak has come to is for its reader.
  console.log(`clients under faults, seed ${seed}: ${JSON.stringify(counts)}`);
  expect(counts.harmed).toBeGreaterThan(0);
});
