import type { SubscribedMessage } from '../wire/messages.ts';
import type { ValuesMessage } from './decode.ts';
import type { RowColumns, Skipped } from './rows.ts';

/** What an application gets at once: all that rows with `since < time <= until` have to tell. */
export interface Batch {
  readonly since: number;
  readonly until: number;
  /** How many rows are behind it. */
  readonly lag: number;
  readonly interval: number;
}

/** A message that moves the cursor, taken apart. */
export interface Frame {
  readonly type: 'frame';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly values: Readonly<Record<string, RowColumns>>;
  /** Of candles. */
  readonly time?: readonly number[];
  /** Of books: whether they are whole. */
  readonly final?: boolean;
}

/** What is known of a frame beside itself. */
export interface Around {
  readonly interval: number;
  /** Rows that were left out before it. */
  readonly skipped: Skipped | undefined;
}

/** What subscriptions to rows do otherwise than those to candles. */
export interface Kind<Made extends Batch> {
  /** What is asked for beside columns, cursor and market. */
  readonly asked: object;
  /** Whether it has nothing to go on from in these columns: then it begins with the newest row. */
  isNew?(symbols: readonly string[] | '*'): boolean;
  /** A frame of this kind; undefined if it is none. */
  parseBytes(bytes: Uint8Array): Frame | undefined;
  parseText(message: ValuesMessage): Frame | undefined;
  /** The server's answer: what its frames will be. */
  begin(message: SubscribedMessage): void;
  /** What the application gets of a frame; undefined if that is not what was promised. */
  read(frame: Frame, around: Around): Made | undefined;
  /** Whether there is anything in it. */
  isEmpty(made: Made): boolean;
  /** Milliseconds between two frames of a stream that is live. */
  paceMs(intervalMs: number): number;
  /** About how much memory it takes. */
  bytesOf(made: Made): number;
  /** Both in one, if the newer makes the older needless; `leftOut` rows are lost by that. */
  merge(older: Made, newer: Made): { readonly made: Made; readonly leftOut: number } | undefined;
}
