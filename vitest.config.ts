import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begun last, they would have the other workers wait for them. */
const LONGEST = /sim.delivery|browser.states/;

/**
 * Spreads the browser tests over the run: they draw on several cores at once, or wait, while most
 * others use one.
 */
class Spread extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const longest = sorted.filter(({ moduleId }) => LONGEST.test(moduleId));
    const rest = sorted.filter((file) => !longest.includes(file));
    const browser = rest.filter(({ moduleId }) => moduleId.includes('/browser/'));
    const others = rest.filter((file) => !browser.includes(file));
    const placed = [browser, others].flatMap((same) =>
      same.map((file, n) => ({ file, place: (n + 0.5) / same.length })),
    );
    placed.sort((a, b) => a.place - b.place);
    return [...longest, ...placed.map(({ file }) => file)];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/helpers/equal-numbers.ts'],
    // Of several steps each may take its own 40 s on a busy machine: only a hang takes all of it.
    testTimeout: 120_000,
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 120_000,
    // A page beside three others on two cores is now and then seen a moment too late. Where nobody
    // looks, such a test is run once more, and the report says which it was: it is to be mended.
    retry: process.env.CI ? 1 : 0,
    // Many tests wait: for rows, for processes, for what is drawn. Of two cores four workers took
    // 1,015 s in 825 s; with six it took half as long again, as pages draw while they wait
    // (2026-11-30).
    maxWorkers: Math.max(4, availableParallelism()),
    // Files share what they import: starting anew for each takes a tenth of the time, and no test
    // changes what others see.
    isolate: false,
    // A second run compiles only what has changed: it takes a quarter less of unit tests.
    experimental: { fsModuleCache: true },
    sequence: { sequencer: Spread },
  },
});
