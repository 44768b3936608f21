import { describe, expect, it } from 'vitest';
import { ClusterLog } from '../../src/cluster/cluster-log.ts';
import { type Mutation, mutantOf } from './mutants.ts';
import { type Story, tell } from './story.ts';
import type { NewLog } from './world.ts';

const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

/** Stories of good brokers and of bad ones, with clocks that are right and one that is not. */
function storiesOf(seeds: readonly number[]): Story[] {
  return seeds.flatMap((seed): Story[] => [
    { seed, hasHourAhead: seed % 4 === 0 },
    ...(seed % 3 === 0 ? [{ seed, broker: 'forgets' } as const] : []),
    ...(seed % 3 === 1 ? [{ seed, broker: 'careless' } as const] : []),
  ]);
}

/** What is wrong in the first story where something is. */
async function firstProblem(log: NewLog, seeds: readonly number[]): Promise<string | undefined> {
  for (const story of storiesOf(seeds)) {
    const { problems } = await tell(log, story);
    if (problems.length > 0) return `${JSON.stringify(story)}: ${problems[0]}`;
  }
  return undefined;
}

describe('replicas of a log', () => {
  it.each(range(1, 8))('read the same, whatever happens to them and to it (part %s)', async (n) => {
    expect(await firstProblem(ClusterLog, range(n * 1000, 60))).toBeUndefined();
  });

  it('stop, if it has lost what they have read', async () => {
    let stopped = 0;
    for (const seed of range(0, 40)) {
      stopped += (await tell(ClusterLog, { seed, broker: 'forgets' })).stopped;
    }
    expect(stopped).toBeGreaterThan(10);
  });

  it('stop, if it takes two messages behind the same one', async () => {
    let stopped = 0;
    for (const seed of range(0, 40)) {
      stopped += (await tell(ClusterLog, { seed, broker: 'careless' })).stopped;
    }
    expect(stopped).toBeGreaterThan(10);
  });
});

/** Each rule alone, taken away. */
const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'what another stands in the place of is made anew',
    file: 'appends.ts',
    from: 'if (Buffer.compare(bytes, first.sent.bytes) === 0) {',
    to: 'if (bytes.length > 0) {',
  },
  {
    rule: 'a message is for one place',
    file: 'appends.ts',
    from: 'first.sent = { bytes, behind: ahead.behind, atMs: steadyMs };',
    to: 'first.sent = { bytes, behind: ahead.behind + 1, atMs: steadyMs };',
  },
  {
    rule: 'a message has the hash of all entries before it',
    file: 'log-state.ts',
    from: 'if (said.hash !== this.#hash) {',
    to: 'if (said.hash.length === 0) {',
  },
  {
    rule: 'what was read is not read again',
    file: 'log-state.ts',
    from: "if (seq <= this.#seq) return { kind: 'known' };",
    to: '',
  },
  {
    rule: 'a seal counts up to the time of the broker and two leads',
    file: 'log-state.ts',
    from: 'Math.min(hostMs, mostMs)',
    to: 'hostMs',
  },
  {
    rule: 'a seal says what was sealed before it',
    file: 'log-state.ts',
    from: 'const mostMs = timeMs',
    to: 'after = { hostMs: 0, index: 0 };\n    const mostMs = timeMs',
  },
  {
    rule: 'a connection on which a seal is overdue is given up',
    file: 'sealer.ts',
    from: 'return steadyMs - sinceMs > MOST_WAIT_MS + OVERDUE_MS;',
    to: 'return sinceMs < 0;',
  },
  {
    rule: 'nothing is written before all is read',
    file: 'cluster-log.ts',
    from: 'this.#session!.follow(this.state.ahead.behind);',
    to: 'this.#session!.follow(lastSeq);',
  },
  {
    rule: 'a log is gone on with where it was left',
    file: 'cluster-log.ts',
    from: 'this.#session = undefined;\n    this.#followedMs = undefined;\n    this.#nextTryMs',
    to: 'this.#nextTryMs',
  },
];

describe('a log without one of its rules', () => {
  it.each(MUTATIONS)('is found out: $rule', async (mutation) => {
    expect(await firstProblem(await mutantOf(mutation), range(0, 120))).toBeDefined();
  });
});
