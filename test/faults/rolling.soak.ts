import { afterEach, describe, expect, it } from 'vitest';
import { hasHaproxy, startHaproxy } from './haproxy.ts';
import { rolling } from './rolling.ts';
import { killAll } from './server-process.ts';

/** Each restart takes its drain, and until all have come back. */
const ROUNDS = 3;

afterEach(killAll);

describe('rolling', () => {
  const { clients = 500 } = JSON.parse(process.env.SOAK ?? '{}');

  it.runIf(hasHaproxy())(
    'restarts of three replicas behind haproxy lose and repeat no row, and fail no request',
    async () => {
      const say = (line: string) => void process.stdout.write(line);
      const options = { clients, rounds: ROUNDS, drainMs: 5000, front: startHaproxy };
      say(`\nRolling: ${clients} readers, ${ROUNDS} rounds\n`);
      const report = await rolling(options, say);
      say(report.table);
      expect(report.violations).toEqual([]);
    },
    900_000,
  );
});
