/** Of `cacheMb`: ten whole answers. */
export const DEFAULT_CACHE_MB = 64;
/** All of a large machine. */
export const MOST_CACHE_MB = 65_536;
