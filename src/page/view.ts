import type { MarketInfo } from '../client/index.ts';
import { defaultResolution, isOffered } from './time/resolution.ts';
import { UTC } from './time/zone.ts';
import type { UrlState } from './url.ts';

/** What a link asks for, as far as the market has it. */
export function viewOf(url: UrlState, { instruments, interval }: MarketInfo) {
  const found = instruments.findIndex(({ symbol }) => symbol === url.symbol);
  const asked = UTC.cut(url.resolution ?? '');
  const isOurs = asked !== undefined && isOffered(asked, interval);
  return {
    column: Math.max(0, found),
    width: (isOurs ? asked : defaultResolution(interval)).text,
  };
}

/** A walk is the same at all times, and so is what is traded in it. */
export function isLively({ instruments }: MarketInfo): boolean {
  return instruments[0]!.model !== 'walk';
}
