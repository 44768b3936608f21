import { createHash } from 'node:crypto';

/** Rows that are over never change: whoever names the market may keep them. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/** To be kept, but asked about each time. */
export const ASK_AGAIN = 'no-cache';

/**
 * The entity tag of an answer, from what decides its bytes: known before any work. Weak, because a
 * compressed answer has other bytes.
 */
export function etagOf(decisive: readonly (string | number)[], columns: readonly number[]): string {
  const hash = createHash('sha256').update(JSON.stringify(decisive));
  const digest = hash.update(Uint32Array.from(columns)).digest('base64url');
  return `W/"${digest.slice(0, 22)}"`;
}

/** The entity tag of an answer, from its bytes as they are before they are compressed. */
export function tagOf(bytes: Uint8Array): string {
  return `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}

/** Whether an If-None-Match header names `etag`: the client has that answer already. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  // Weak comparison: a proxy may have made a strong tag a weak one, or the other way round.
  const opaque = etag.replace('W/', '');
  return [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([given]) => given === opaque);
}
