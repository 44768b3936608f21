import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { table } from '../../faults/numbers.ts';
import { soakOptions } from '../../faults/options.ts';
import { killAll } from '../../faults/server-process.ts';
import { pick, seededRandom } from '../../helpers/random.ts';
import { Fleet } from './fleet.ts';

afterEach(killAll);

/** Between two things that happen. */
const PAUSE_MS = 4000;
const MEASURED_MS = 30_000;
/** The longest that a server is stopped. */
const STOPPED_MS = 30_000;

describe('cluster', () => {
  const { seconds, seed } = soakOptions();

  it(
    'of four servers and three brokers, whatever is killed, has the same rows and the same log',
    async () => {
      const say = (line: string) => void process.stdout.write(line);
      say(`\nCluster: ${JSON.stringify({ seconds, seed })}\n`);
      const random = seededRandom(seed);
      const fleet = await Fleet.start(random);
      try {
        const counts = await disturb(fleet, random, seconds * 1000);
        await fleet.healed();
        await fleet.rest();
        const entries = await fleet.compare();
        say(
          table([
            ...Object.entries(counts),
            ['rows that were held against another server’s', fleet.compared],
            ['entries', entries],
            ['entries that were acknowledged', fleet.wished.length],
            ['wishes that were refused or not answered', fleet.refused],
            ['problems', fleet.problems.length],
          ]),
        );
        expect(fleet.problems).toEqual([]);
        expect(fleet.wished.length).toBeGreaterThan(0);
      } finally {
        await fleet.stop();
      }
    },
    seconds * 1000 + 300_000,
  );

  it('seals rows by about one append a second, however many servers', async () => {
    const say = (line: string) => void process.stdout.write(line);
    for (const count of [2, 4, 8]) {
      const fleet = await Fleet.start(seededRandom(seed));
      try {
        for (let n = 0; n < count; n++) await fleet.join();
        await fleet.healed();
        const before = await sealsOf(fleet);
        await sleep(MEASURED_MS);
        const after = await sealsOf(fleet);
        const [sent, refused] = after.map((all, n) => ((all - before[n]!) * 1000) / MEASURED_MS);
        say(
          `  ${count} servers: ${sent!.toFixed(2)} seals a second, ${refused!.toFixed(2)} refused\n`,
        );
        expect(sent).toBeLessThan(1.5);
        expect(sent! - refused!).toBeGreaterThan(0.5);
      } finally {
        await fleet.stop();
      }
    }
  }, 400_000);
});

/** Seals that all have sent, and those of them that were refused. */
async function sealsOf(fleet: Fleet): Promise<number[]> {
  const texts = await Promise.all(
    fleet.members.map(async (member) => (await member.ask('/metrics'))!.text()),
  );
  return ['sent', 'refused'].map((what) => {
    const line = new RegExp(`^tickwell_cluster_${what}_total\\{kind="seals"\\} (\\d+)`, 'm');
    return texts.reduce((sum, text) => sum + Number(line.exec(text)?.[1]), 0);
  });
}

/** Has something happen every few seconds; gives how often which. */
async function disturb(fleet: Fleet, random: () => number, forMs: number) {
  for (const aheadMs of [0, 500, -500, 3_600_000]) await fleet.join(aheadMs);
  fleet.wish();
  const counts = { 'servers killed': 0, 'servers stopped': 0, 'servers cut off': 0 };
  const brokers = { 'brokers killed': 0, 'brokers stopped': 0, 'leaders killed': 0, 'all lost': 0 };
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    const member = pick(random, fleet.members);
    const act = random();
    if (act < 0.2) {
      counts['servers killed'] += 1;
      await member.kill();
      await sleep(random() * 3000);
      await member.start();
    } else if (act < 0.35) {
      counts['servers stopped'] += 1;
      await member.pause(random() * random() * STOPPED_MS);
    } else if (act < 0.5) {
      counts['servers cut off'] += 1;
      await member.cutOff(random() * 10_000);
    } else if (act < 0.6) {
      brokers['brokers stopped'] += 1;
      const broker = pick(random, fleet.brokers.each);
      broker.freeze();
      await sleep(random() * 10_000);
      broker.thaw();
    } else if (act < 0.9) {
      const isLeader = act < 0.8;
      brokers[isLeader ? 'leaders killed' : 'brokers killed'] += 1;
      const broker = isLeader ? await fleet.leader() : pick(random, fleet.brokers.each);
      await broker.kill();
      await sleep(random() * 3000);
      await broker.start();
    } else {
      brokers['all lost'] += 1;
      await Promise.all(fleet.brokers.each.map((broker) => broker.kill()));
      await sleep(random() * 2000);
      await Promise.all(fleet.brokers.each.map((broker) => broker.start()));
    }
    await sleep(random() * PAUSE_MS);
    if (fleet.problems.length > 0) break;
  }
  return { ...counts, ...brokers };
}
