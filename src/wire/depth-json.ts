import type { DepthLists } from '../core/market/trading/depth-lists.ts';

/**
 * The members of an object that say books of a stream, or what changed of them:
 * `"snapshot":true,"bids":[[[21966,12]]],"asks":[[[21968,3]]]`, a list of levels for each column.
 * 0.1 us a level.
 */
export function depthJson(
  { columns, counts, ticks, lots }: DepthLists,
  isSnapshot: boolean,
): string {
  const sides = ['', ''];
  let at = 0;
  for (let n = 0; n < 2 * columns; n++) {
    const first = at;
    let text = n < 2 ? '[' : ',[';
    for (const end = at + counts[n]!; at < end; at++) {
      text += `${at === first ? '' : ','}[${ticks[at]},${lots[at]}]`;
    }
    sides[n % 2] += `${text}]`;
  }
  return `"snapshot":${isSnapshot},"bids":[${sides[0]}],"asks":[${sides[1]}]`;
}
