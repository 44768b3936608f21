import { afterEach, describe, expect, it } from 'vitest';
import { Heartbeat } from '../../src/workers/heartbeat.ts';

const TIMES = { beatMs: 1_000_000, hungMs: 3_000_000 };

let heartbeat: Heartbeat | undefined;

afterEach(() => heartbeat?.stop());

/** A heartbeat that only the test beats, and a worker that it watches. */
function watched() {
  const beating = new Heartbeat(TIMES);
  heartbeat = beating;
  const said: string[] = [];
  const worker = {
    ask: () => void said.push('ask'),
    hangs: (silentMs: number) => void said.push(`hangs ${silentMs}`),
  };
  beating.watch(worker);
  const beat = (times: number) => {
    for (let n = 0; n < times; n++) beating.beat();
  };
  return { beating, worker, said, beat };
}

describe('a heartbeat', () => {
  it('asks a silent worker once, then takes it to hang, once', () => {
    const { said, beat } = watched();
    beat(3);
    expect(said).toEqual(['ask']);
    beat(10);
    expect(said).toEqual(['ask', 'hangs 3000000']);
  });

  it('asks a worker again that was heard, and lets it be', () => {
    const { beating, worker, said, beat } = watched();
    for (let n = 0; n < 5; n++) {
      beat(3);
      beating.heard(worker);
    }
    expect(said).toEqual(Array(5).fill('ask'));
  });

  it('does not watch one that is forgotten, although it is heard', () => {
    const { beating, worker, said, beat } = watched();
    beating.forget(worker);
    beating.heard(worker);
    beat(10);
    expect(said).toEqual([]);
  });
});
