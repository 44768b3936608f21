import { nearestBySlips, nearestPart } from '../core/market/nearest.ts';
import { zoneNames } from './zone.ts';

/** All names, and those of their cities alone: laid out once. */
let known: { readonly names: readonly string[]; readonly cities: readonly string[] } | undefined;

/** Names that a search looks at. */
export function namesSought(): number {
  return 2 * lists().names.length;
}

/**
 * The zone that somebody is likely to have meant who wrote a name that there is not: one of nearly
 * that name, or of a city that is called so, such as `New York`.
 */
export function nearestZone(name: string): string | undefined {
  if (/^(z|zulu)$/i.test(name)) return 'UTC';
  const { names, cities } = lists();
  // A part of the world has too many zones for one of them to be meant.
  if (isRegion(name, names)) return undefined;
  const city = nearestBySlips(plain(name), cities);
  const ofCity = city === undefined ? undefined : names[cities.indexOf(city)];
  return nearestBySlips(name, names) ?? ofCity ?? nearestPart(name, names);
}

function isRegion(name: string, names: readonly string[]): boolean {
  const begin = `${name.toLowerCase()}/`;
  return names.some((zone) => zone.toLowerCase().startsWith(begin));
}

function lists() {
  if (known !== undefined) return known;
  const names = zoneNames();
  known = { names, cities: names.map((zone) => plain(zone.replace(/^.*\//, ''))) };
  return known;
}

/** A name without what people write otherwise: `newyork`. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}
