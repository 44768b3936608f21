import type { SoakOptions } from './soak.ts';

const DEFAULTS = { seconds: 60, clients: 50, kills: 20 };

/** What `npm run soak` was asked for; it passes it on in the environment. */
export function soakOptions(): SoakOptions {
  const given = JSON.parse(process.env.SOAK ?? '{}');
  return { ...DEFAULTS, seed: 1 + Math.floor(Math.random() * 999_999), ...given };
}
