import { hash } from 'node:crypto';

/** Rows that are over never change: whoever names the market may keep them. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/** To be kept, but asked about each time. */
export const ASK_AGAIN = 'no-cache';

/** Texts of lists of columns that are asked for again and again, such as that of all. */
const columnsTexts = new WeakMap<readonly number[], string>();
/** Shorter ones are written as quickly as they are looked up. */
const LEAST_KEPT_COLUMNS = 16;

function textOf(columns: readonly number[]): string {
  if (columns.length < LEAST_KEPT_COLUMNS) return columns.join();
  let text = columnsTexts.get(columns);
  if (text === undefined) {
    text = columns.join();
    columnsTexts.set(columns, text);
  }
  return text;
}

/**
 * The entity tag of an answer, from what decides its bytes, of which none holds a line end: known
 * before any work. Weak, because a compressed answer has other bytes.
 */
export function etagOf(decisive: readonly (string | number)[], columns: readonly number[]): string {
  return weakTag(`${decisive.join('\n')}\n${textOf(columns)}`);
}

/** The entity tag of an answer, from its bytes as they are before they are compressed. */
export function tagOf(bytes: Uint8Array): string {
  return weakTag(bytes);
}

/** All at once: an object of the hash takes twice as long as the hash of a few bytes. */
function weakTag(bytes: Uint8Array | string): string {
  return `W/"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`;
}

/** Whether an If-None-Match header names `etag`: the client has that answer already. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  // Weak comparison: a proxy may have made a strong tag a weak one, or the other way round.
  const opaque = etag.replace('W/', '');
  return [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([given]) => given === opaque);
}
