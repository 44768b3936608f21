import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { allTargets } from './targets.ts';

const INPUTS = 200_000;
const LEAST = 10_000;
const WITHIN_MS = 10_000;
/** Of the messages of each kind. */
const LEAST_TAKEN = 0.2;
const SEED = 20260105;

it(`up to ${INPUTS} inputs (seed ${SEED}) are taken or refused as they should, none is slow`, async () => {
  const { targets, stream } = allTargets();
  const options = { targets, inputs: INPUTS, least: LEAST, withinMs: WITHIN_MS, seed: SEED };
  const { inputs, slowestMs, byTarget } = await fuzz(options);

  expect(Object.keys(byTarget)).toHaveLength(targets.length);
  expect(stream.failures).toEqual([]);
  // What is refused at once tells little.
  for (const [kind, asked] of Object.entries(stream.asked)) {
    expect((stream.taken[kind] ?? 0) / asked, kind).toBeGreaterThan(LEAST_TAKEN);
  }
  expect(Object.keys(stream.asked)).toHaveLength(8);
  expect(inputs).toBeGreaterThanOrEqual(LEAST);
  // Of CPU time. Most take microseconds; the rest is for collecting garbage.
  expect(slowestMs).toBeLessThan(1000);
}, 60_000);
