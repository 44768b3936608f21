import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    testTimeout: 20_000,
    expect: { poll: { timeout: 8_000 } },
    hookTimeout: 30_000,
    // Two cores build, serve and draw at once in the browser tests: fewer workers, fewer surprises.
    maxWorkers: 2,
  },
});
