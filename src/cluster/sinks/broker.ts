import type { SinkMessage } from './message.ts';

/** The newest message of a stream. */
export interface Newest<Place> {
  /** What the next one is to be appended behind. */
  readonly place: Place;
  /** Undefined if there is none any more. */
  readonly message: { readonly id: string; readonly body: Uint8Array } | undefined;
}

/**
 * What came of appending: all of it is there, at its place; something else is at that place; or
 * nobody knows.
 */
export type Outcome = 'in' | 'refused' | 'unknown';

/**
 * A stream that takes a message only behind the one that it names: `Place` is what that is called.
 * What is appended behind the same place by two processes gets in once.
 */
export interface Broker<Place> {
  /** Waits until the broker answers. Throws a `SinkProblem` if it never will. */
  newest(signal: AbortSignal): Promise<Newest<Place>>;
  /** Appends messages that follow one another, the first behind `place`. Answers within seconds. */
  append(place: Place, messages: readonly SinkMessage[]): Promise<Outcome>;
  /** The place behind messages that are appended behind `place`. */
  after(place: Place, messages: readonly SinkMessage[]): Place;
  /**
   * Whether a place names one message whatever came before: if not, the first of a stream is read
   * back before others follow.
   */
  readonly isPlaceUnique: boolean;
}

/** What keeps a sink from going on, for the user to put right. */
export class SinkProblem extends Error {}
