import type { MarketInfo } from '../client/index.ts';
import { parseResolution } from '../core/market/resolution.ts';
import { defaultResolution, isOffered } from './time/resolution.ts';
import type { UrlState } from './url.ts';

/** What a link asks for, as far as the market has it. */
export function viewOf(url: UrlState, { instruments, interval }: MarketInfo) {
  const found = instruments.findIndex(({ symbol }) => symbol === url.symbol);
  const asked = parseResolution(url.resolution ?? '');
  const isOurs = asked !== undefined && isOffered(asked, interval);
  return {
    column: Math.max(0, found),
    resolution: isOurs ? asked : defaultResolution(interval),
    zone: url.zone ?? 'utc',
  };
}
