import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { allTargets } from './targets.ts';

const INPUTS = Number(process.env.FUZZ_INPUTS ?? 10_000_000);
/** For machines that are too busy for all of them. */
const MINUTES = Number(process.env.FUZZ_MINUTES ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

it(`up to ${INPUTS} inputs (seed ${SEED}) are taken or refused as they should`, async () => {
  const { targets, stream } = allTargets();
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const findings = await fuzz({
    targets,
    inputs: INPUTS,
    withinMs: MINUTES * 60_000,
    seed: SEED,
    onProgress: (done, perSecond) => {
      if (done % 1_000_000 === 0) process.stderr.write(`fuzz: ${done} inputs, ${perSecond}/s\n`);
    },
  });
  process.off('unhandledRejection', onRejection);
  process.stderr.write(`fuzz: seed ${SEED}, ${JSON.stringify(findings, null, 2)}\n`);

  expect(rejections).toEqual([]);
  expect(stream.failures).toEqual([]);
}, 3_700_000);
