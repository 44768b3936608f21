import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest: begun last, it would have the other workers wait for it. */
const LONG = ['/browser/states', '/sim/', '/browser/', '/core/market/', '/faults/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const rank = LONG.findIndex((part) => moduleId.includes(part));
      return rank < 0 ? LONG.length : rank;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}

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
    sequence: { sequencer: LongestFirst },
  },
});
