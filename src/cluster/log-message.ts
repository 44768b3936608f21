import { hash } from 'node:crypto';
import type { LogLine } from '../host/control/log-lines.ts';

/** Of how messages are written; a server stops at one of another. */
const VERSION = 1;
/** Hexadecimal digits of a hash: 128 bits, so that no chance makes two alike. */
const HASH_DIGITS = 32;

/** How far rows may be made, as somebody wrote it. */
export interface SealSaid {
  /** No entry takes effect at a row that is due by this time of the host. */
  readonly hostMs: number;
  /** How far ahead of his clock that was. */
  readonly leadMs: number;
  /** What was sealed before: whoever reads this seal first has not seen it. */
  readonly after: Sealed;
  /** Who wrote it, so that he knows his own. */
  readonly by: string;
}

/** How far rows may be made. */
export interface Sealed {
  readonly hostMs: number;
  /** No entry takes effect before this row. */
  readonly index: number;
}

/** What everybody who writes knows of the log: what is ahead of his message. */
export interface Ahead {
  /** The number of the message right before it; 0 for none. */
  readonly behind: number;
  /** Of all entries. */
  readonly hash: string;
}

/** What a message says. */
export type Said = Ahead & ({ readonly line: LogLine } | { readonly seal: SealSaid });

/** What the log of a market begins with. */
export function firstHash(market: string): string {
  return hashOf('tickwell', Buffer.from(market));
}

/** The hash of all entries, once `entry` is one of them. */
export function hashOf(before: string, entry: Uint8Array): string {
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${before}\n`), entry]), 'hex');
  return digest.slice(0, HASH_DIGITS);
}

/** The bytes of a message. */
export function writeMessage({ behind, hash, ...said }: Said): Uint8Array {
  return Buffer.from(JSON.stringify({ v: VERSION, behind, hash, ...said }));
}

/** What a message says; undefined if it is none that this version knows. */
export function readMessage(bytes: Uint8Array): Said | undefined {
  let read: Partial<Record<'v' | 'behind' | 'hash' | 'line' | 'seal', unknown>>;
  try {
    read = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
  if (read === null || typeof read !== 'object') return undefined;
  const { v, behind, hash, line, seal } = read;
  if (v !== VERSION || typeof hash !== 'string' || !Number.isSafeInteger(behind)) return undefined;
  const ahead = { behind: behind as number, hash };
  if (isObject(line)) return { ...ahead, line };
  return isSeal(seal) ? { ...ahead, seal } : undefined;
}

function isSeal(seal: unknown): seal is SealSaid {
  if (!isObject(seal) || !isObject(seal.after) || typeof seal.by !== 'string') return false;
  const { hostMs, leadMs, after } = seal;
  const { index } = after;
  return [hostMs, leadMs, after.hostMs].every(Number.isFinite) && Number.isSafeInteger(index);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
