import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { paceMs, partBytes } from './pace.ts';

export interface BodyFate {
  /** After so many bytes it breaks off; undefined for one that comes whole. */
  readonly breaksAt: number | undefined;
  /** Breaks it off. */
  readonly breakOff: () => void;
  /** Infinity for no bound. */
  readonly bytesPerSecond: number;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

/** A body that comes at a pace, or not whole. */
export function faultyBody(pieces: AsyncIterable<Buffer> | readonly Buffer[], fate: BodyFate) {
  // With no bytes ahead, it is not broken off before what is sent of it has been written.
  return Readable.from(partsOf(pieces, fate), { objectMode: false, highWaterMark: 0 });
}

async function* partsOf(
  pieces: AsyncIterable<Buffer> | readonly Buffer[],
  { breaksAt = Number.POSITIVE_INFINITY, breakOff, bytesPerSecond, signal }: BodyFate,
): AsyncGenerator<Buffer, void, void> {
  const isPaced = bytesPerSecond < Number.POSITIVE_INFINITY;
  const most = partBytes(bytesPerSecond);
  let sentBytes = 0;
  for await (const piece of pieces) {
    let at = 0;
    while (at < piece.byteLength && sentBytes < breaksAt) {
      const bytes = Math.min(most, piece.byteLength - at, breaksAt - sentBytes);
      yield piece.subarray(at, at + bytes);
      at += bytes;
      sentBytes += bytes;
      if (isPaced) await waited(paceMs(bytes, bytesPerSecond), signal);
    }
    if (sentBytes >= breaksAt) break;
  }
  if (breaksAt === Number.POSITIVE_INFINITY) return;
  breakOff();
  // It has no end: whoever sends it hears that its connection has.
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** Waits so long, or until the signal says that nobody waits any more. */
export async function waited(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
