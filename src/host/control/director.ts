import type { Effect } from '../../core/market/entries/effects.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import type { ClockChange } from '../../core/timeline/clock-change.ts';
import type { Anchor } from '../../core/timeline/market-time.ts';
import type { ControlLog } from './control-log.ts';

/** What somebody wants done to a market. */
export interface Wish {
  /** The same key is the same entry, for ever. Default: one is made. */
  readonly key?: string;
  /** Of a scenario. */
  readonly name?: string;
  readonly effects: readonly Effect[];
  /** From which time on. Default: as soon as may be. */
  readonly atMs?: number;
  /** A digest of all that was asked for: with the same key it must be the same again. */
  readonly digest: string;
}

/** What is done to a market, written down. */
export interface Taken extends Entry {
  readonly timeMs: number;
  /** Of the market from then on. */
  readonly id: string;
  /** Whether entries that come later may take effect before, and make that id another. */
  readonly isProvisional: boolean;
}

/** What somebody wants done to the time of a market; `key` and `digest` are as of a wish. */
export interface ClockWish {
  readonly key?: string;
  readonly change: ClockChange;
  readonly digest: string;
}

/** A change of the market's time, written down. */
export interface Turned {
  readonly key: string;
  /** The first row that obeys it. */
  readonly index: number;
  readonly anchor: Anchor;
  /** Of the market, with all that was written down before. */
  readonly id: string;
}

/** What the metrics tell of what is done to a market. */
export interface ControlFigures {
  readonly entries: number;
  readonly effects: number;
  /** The same, each times the instruments that it is for. */
  readonly instrumentEffects: number;
  /** When the last entry of this life was taken, by the host's clock; 0 if none was. */
  readonly lastMs: number;
  /** Whether rows wait until something is on the disk. */
  readonly isWaiting: boolean;
  readonly marks: number;
  /** None without a file. */
  readonly log: Pick<ControlLog, 'bytes' | 'times'> | undefined;
  /** None where the log is that of this process alone. */
  readonly cluster?: ClusterFigures;
}

/** The same of a log that several write to. */
export interface ClusterFigures {
  /** Whether all is read that it says. */
  readonly isReached: boolean;
  /** How far ahead of the host's clock rows are sealed, in its time; negative if they are not. */
  readonly sealedAheadMs: number;
  /** Messages that were sent, by what they are, and those in whose place another one stood. */
  readonly sent: { readonly entries: number; readonly seals: number };
  readonly refused: { readonly entries: number; readonly seals: number };
  /** Connections that were begun. */
  readonly connections: number;
}

/** Who has things done to a market, and knows how far its rows may be made meanwhile. */
export interface Director {
  /** Undefined where another process has the log, and tells of it. */
  readonly figures: ControlFigures | undefined;
  /** Rows before this one may be made. */
  readonly mayMakeUntil: number;
  /** To be called whenever `mayMakeUntil` has grown otherwise than by `look`. */
  released: () => void;
  /** Says how far rows may be made, before any is. */
  begin(): Promise<void>;
  /** Goes by the clock; to be called whenever that is looked at. */
  look(): void;
  /**
   * Has it written down, and comes back when it is sure to take effect. Rejects with a
   * `TickwellError`.
   */
  take(wish: Wish): Promise<Taken>;
  /** Changes the market's time, as `take` does other things. */
  turn(wish: ClockWish): Promise<Turned>;
  /** All that was done, in the order in which it takes effect. */
  list(): Promise<readonly Taken[]>;
  /** Nothing is taken any more. */
  stop(): Promise<void>;
}
