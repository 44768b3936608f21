import { signal } from '@preact/signals';
import { missingLeft, missingRight, TILE_BARS } from './plan.ts';
import type { Stage } from './stage.ts';
import type { Tile } from './tiles.ts';

/** How long the server is left alone after bars could not be loaded. */
const REST_MS = 3_000;

/** What the edges are of: its first bar, how its tiles are had, and until when. */
export interface Edged {
  readonly oldestBar: number;
  readonly load: (tiles: readonly number[]) => Promise<readonly Tile[]>;
  readonly signal: AbortSignal;
}

/**
 * The two sides of the window: what the view will need next is fetched, what it will not is let go.
 */
export class Edges {
  /** Whether older bars are being fetched, or bars could not be. */
  readonly state = signal<'idle' | 'loading' | 'failed'>('idle');
  readonly #stage: Stage;
  readonly #changed: () => void;
  #of: Edged | undefined;
  #isLoading = { left: false, right: false };
  #restUntilMs = 0;
  #again: (() => void) | undefined;

  /** `changed` is called whenever there are more bars. */
  constructor(stage: Stage, changed: () => void) {
    this.#stage = stage;
    this.#changed = changed;
  }

  get isResting(): boolean {
    return performance.now() < this.#restUntilMs;
  }

  /** Something else is shown, or is going to be: nothing of before counts. */
  reset(of?: Edged): void {
    this.#of = of;
    this.#isLoading = { left: false, right: false };
    this.#again = undefined;
    this.state.value = 'idle';
  }

  /** Bars could not be loaded: say so, and leave the server alone for a while. */
  fail(again?: () => void): void {
    this.#again = again;
    this.state.value = 'failed';
    this.#restUntilMs = performance.now() + REST_MS;
  }

  retry(): void {
    this.#restUntilMs = 0;
    if (this.#again !== undefined) this.#again();
    else if (this.state.peek() === 'failed') {
      this.state.value = 'idle';
      this.settle();
    }
  }

  /** After anything that moved the view. */
  settle(): void {
    if (this.#of === undefined || !this.#stage.hasBars) return;
    const { window, gesture, pane } = this.#stage;
    if (!this.isResting) {
      const older = missingLeft(window, pane.view, this.#of.oldestBar);
      const newer = missingRight(window, pane.view);
      const isMissing = older !== undefined || newer !== undefined;
      if (!isMissing && this.state.peek() === 'failed') {
        this.state.value = 'idle';
        this.#again = undefined;
      }
      if (older !== undefined && this.#stage.makeRoom()) void this.#extend(this.#of, 'left', older);
      if (newer !== undefined && !gesture.isActive && this.#stage.makeRoom()) {
        void this.#extend(this.#of, 'right', newer);
      }
    }
    if (!gesture.isActive) this.#stage.shed();
  }

  async #extend({ load, signal }: Edged, side: 'left' | 'right', tile: number): Promise<void> {
    if (this.#isLoading[side]) return;
    const isLoading = this.#isLoading;
    isLoading[side] = true;
    if (side === 'left') this.state.value = 'loading';
    try {
      const [loaded] = await load([tile]);
      if (signal.aborted) return;
      if (loaded === undefined) return;
      const isAdded =
        side === 'left'
          ? this.#stage.addLeft(loaded)
          : this.#stage.addRight(loaded, endsOpen(loaded));
      if (!isAdded) throw new Error(`tile ${tile} does not fit the window`);
      this.state.value = 'idle';
    } catch {
      if (signal.aborted) return;
      this.fail();
    } finally {
      isLoading[side] = false;
    }
    this.#changed();
  }
}

/** Whether a tile ends with the bar that is being made, or is empty: there are none yet. */
export function endsOpen(tile: Tile | undefined): boolean {
  if (tile === undefined || tile.bars.length === 0) return true;
  const endsEarly = (tile.first + tile.bars.length) % TILE_BARS !== 0;
  return endsEarly || tile.closed < tile.bars.length;
}
