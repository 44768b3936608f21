import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 20_000,
    expect: { poll: { timeout: 8_000 } },
    hookTimeout: 30_000,
    // Browser tests build, serve and draw at once, and wait for time to pass: on two cores three
    // workers are busy for half of it.
    maxWorkers: 3,
  },
});
