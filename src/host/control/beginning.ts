import { formatTime } from '../../core/market/time.ts';
import type { Anchor } from '../../core/timeline/market-time.ts';

/**
 * What a log still lacks of how its market's time is to begin: nothing, where it began so. A server
 * that is started again is given the options of its first start, at another time of the host: what
 * they say counts, not when it was said. Undefined where the log began otherwise.
 *
 * `known` are the anchors that it began with, `said` those that it is to begin with. A crash may
 * have left only some of them; anything else that stands in a log, `isMore`, came behind all.
 */
export function missingAnchors(
  known: readonly Anchor[],
  said: readonly Anchor[],
  isMore: boolean,
): readonly Anchor[] | undefined {
  const [first, asked] = [known[0], said[0]];
  if (first === undefined || asked === undefined) return isMore ? undefined : said;
  // Without a time, both began at the host's.
  const isAlike =
    first.marketMs === asked.marketMs || (isAtTimeOfHost(first) && isAtTimeOfHost(asked));
  const begun = said.map(({ hostMs, marketMs, speed }) => ({
    hostMs: first.hostMs + (hostMs - asked.hostMs),
    marketMs: first.marketMs + (marketMs - asked.marketMs),
    speed,
  }));
  const isSame = known.every((anchor, n) => isEqual(anchor, begun[n]));
  const missing = begun.slice(known.length);
  return isAlike && isSame && (missing.length === 0 || !isMore) ? missing : undefined;
}

/** How a market's time began, in a sentence. */
export function describeBeginning([first, second]: readonly Anchor[]): string {
  if (first === undefined) return 'the time of the host, speed 1';
  const at = isAtTimeOfHost(first) ? 'the time of the host' : formatTime(first.marketMs);
  return `${at}, speed ${first.speed}${second?.speed === 0 ? ', paused' : ''}`;
}

function isAtTimeOfHost({ hostMs, marketMs }: Anchor): boolean {
  return hostMs === marketMs;
}

function isEqual(one: Anchor, other: Anchor | undefined): boolean {
  return (
    one.hostMs === other?.hostMs && one.marketMs === other.marketMs && one.speed === other.speed
  );
}
