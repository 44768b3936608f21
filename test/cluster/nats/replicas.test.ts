import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { killAll } from '../../faults/server-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { seededRandom } from '../../helpers/random.ts';
import { Fleet, type Member } from './fleet.ts';

let fleet: Fleet;
let members: readonly Member[];

beforeAll(async () => {
  fleet = await Fleet.start(seededRandom(1));
  // Two of three clocks are half a second off, one more by an hour.
  await Promise.all([fleet.join(0), fleet.join(500)]);
  fleet.wish();
  members = fleet.members;
});

afterEach(() => {
  expect(fleet.problems).toEqual([]);
});

afterAll(async () => {
  await fleet.stop();
  await killAll();
});

/** Comes back when all have the same rows again, up to now. */
async function healed(): Promise<void> {
  await fleet.healed();
  expect(fleet.problems).toEqual([]);
}

describe('servers of a market on several machines have the same rows and the same log', () => {
  it('whenever they are started, and however wrong one clock is', async () => {
    await sleep(1000);
    // By several processes of one machine, too.
    await fleet.join(-500, ['--workers=2']);
    await fleet.join(3_600_000);
    await healed();
    expect(fleet.wished.length).toBeGreaterThan(0);
  });

  it('when one is killed and started again', async () => {
    await members[0]!.kill();
    await sleep(1000);
    await members[0]!.start();
    await healed();
  });

  it('when one is stopped for longer than a lead', async () => {
    await members[1]!.pause(5000);
    await healed();
  });

  it('when one is cut off from NATS, which stands still meanwhile', async () => {
    const cut = members[2]!;
    const away = cut.cutOff(8000);
    await eventually(() => expect(Date.now() - cut.newestMs!).toBeGreaterThan(2000), 8000);
    expect(Date.now() - members[0]!.newestMs!).toBeLessThan(2000);
    // Who comes from one that goes on is not sent away: rows that he lacks will be there.
    await eventually(() => expect(fleet.newestMs - cut.newestMs!).toBeGreaterThan(2500), 8000);
    const answer = await cut.ask(`/v1/rows?since=${members[0]!.newestMs}&format=csv`);
    expect(answer?.status).toBe(200);
    await away;
    await healed();
  });

  it('when the leader of the log is killed, and when it is stopped', async () => {
    const killed = await fleet.leader();
    await killed.kill();
    await healed();
    await killed.start();
    const stopped = await fleet.leader();
    stopped.freeze();
    await sleep(5000);
    stopped.thaw();
    await healed();
  });

  it('when most of NATS is lost, and comes back', async () => {
    const [one, two] = fleet.brokers.each;
    await Promise.all([one!.kill(), two!.kill()]);
    await sleep(3000);
    const before = fleet.newestMs;
    await sleep(2000);
    expect(fleet.newestMs).toBe(before);
    await Promise.all([one!.start(), two!.start()]);
    await healed();
  });

  it('after all of that, with all that was acknowledged, each once', async () => {
    await fleet.rest();
    const entries = await fleet.compare();
    expect(fleet.problems).toEqual([]);
    expect(entries).toBeGreaterThanOrEqual(fleet.wished.length);
    expect(fleet.wished.length).toBeGreaterThan(20);
    expect(fleet.compared).toBeGreaterThan(500);
  });
});
