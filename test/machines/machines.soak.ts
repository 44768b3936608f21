import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESET_NAMES } from '../../src/core/market/presets/presets.ts';
import { type Command, MACHINES, nodeOf, output } from './machine.ts';

const DIGEST = fileURLToPath(new URL('digest.mjs', import.meta.url));
/** Of a preset: minutes under emulation, and several times as many on a machine that is busy. */
const RUN_MS = 1_800_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** What an answer is called, and what it is. */
async function digest(node: Command, preset: string): Promise<Record<string, string>> {
  const said = await output(node, [DIGEST, preset], { withinMs: RUN_MS });
  const answers = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return Object.fromEntries(
    answers.map(({ name, bytes, sha256 }) => [name, `${bytes} bytes, ${sha256}`]),
  );
}

/** Whether the highest byte of a number comes first, where this Node runs. */
async function about(node: Command): Promise<string> {
  const said = await output(node, [
    '-p',
    'process.arch + " " + os.endianness() + " " + process.version',
  ]);
  return said.trim();
}

describe.each(MACHINES)('on $name', (machine) => {
  let node: Command;

  beforeAll(async () => {
    node = await nodeOf(machine, say);
    const what = await about(node);
    expect(what).toMatch(`${machine.name} ${machine.isBigEndian ? 'BE' : 'LE'} `);
    say(`\n${what}, compared with ${await about([process.execPath])}`);
  }, RUN_MS);

  it.each(PRESET_NAMES)(
    '%s is the same as here, in every field and format',
    async (preset) => {
      const ours = await digest([process.execPath], preset);
      const startMs = performance.now();
      const theirs = await digest(node, preset);
      const seconds = Math.round((performance.now() - startMs) / 1000);
      expect(Object.keys(theirs).length).toBeGreaterThan(1);
      expect(theirs).toEqual(ours);
      const answers = Object.keys(theirs).length;
      say(`${machine.name}, ${preset}: ${answers} answers are equal, after ${seconds} s`);
    },
    2 * RUN_MS,
  );
});
