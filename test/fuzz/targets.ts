import { negotiate } from '../../src/protocols/tickwell/formats/negotiation.ts';
import { marketOf } from '../helpers/market.ts';
import { INTERVAL, ORIGIN } from '../helpers/server.ts';
import { anyText, mutated } from './chance.ts';
import { CORE_TARGETS } from './core-targets.ts';
import { must, unlessRefused } from './expect.ts';
import { faultTargets } from './fault-targets.ts';
import { FRAME_TARGETS } from './frame-targets.ts';
import type { Target } from './fuzz.ts';
import { ACCESS_TARGETS, requestsTarget } from './server-targets.ts';
import { StreamTarget } from './stream-target.ts';

const FORMATS = ['json', 'csv', 'ndjson', 'arrow'] as const;
const RANGES = ['*/*', 'text/csv', 'text/*', 'application/json', '*', ''];

/** Which format a client gets. */
const accept: Target = {
  name: 'Accept',
  weight: 2,
  run(chance) {
    const ranges = chance.list(4, () => `${chance.pick(RANGES)};q=${chance.below(3) / 2}`);
    const header = chance.once(9) ? anyText(chance) : mutated(chance, ranges.join(', '));
    const form = unlessRefused(() => negotiate(FORMATS, undefined, header), header);
    if (form !== undefined) must(FORMATS.includes(form.format), 'it is one of them', header);
  },
};

/** All that parses what strangers send. */
export function allTargets(): {
  readonly targets: readonly Target[];
  readonly stream: StreamTarget;
} {
  const market = marketOf({ seed: 7, origin: ORIGIN, interval: INTERVAL, count: 3, capacity: 500 });
  const stream = new StreamTarget(market);
  return {
    stream,
    targets: [
      ...CORE_TARGETS,
      ...FRAME_TARGETS,
      requestsTarget(market),
      ...ACCESS_TARGETS,
      accept,
      ...faultTargets(market),
      stream,
    ],
  };
}
