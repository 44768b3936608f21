import type { Host } from './host.ts';
import { type Reason, reason } from './reason.ts';
import type { SubscriptionState } from './state.ts';

const ON_THE_WAY_MS = 250;
const SHORTEST_STALE_MS = 3_000;
const STALE_ROWS = 3;

/** Where a link stands, and who is told of it. What has ended stays ended. */
export class Status {
  readonly #host: Pick<Host, 'setTimer' | 'isOnline'>;
  readonly #onState: (state: SubscriptionState) => void;
  readonly #onStale: () => void;
  #state: SubscriptionState = { kind: 'connecting' };
  #cancelStale: () => void = () => {};

  constructor(
    host: Pick<Host, 'setTimer' | 'isOnline'>,
    onState: (state: SubscriptionState) => void,
    onStale: () => void,
  ) {
    this.#host = host;
    this.#onState = onState;
    this.#onStale = onStale;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  get hasEnded(): boolean {
    return this.#state.kind === 'refused' || this.#state.kind === 'closed';
  }

  /** Whether rows come, as far as anyone can tell. */
  get isFlowing(): boolean {
    return this.#state.kind === 'live' || this.#state.kind === 'catching up';
  }

  enter(state: SubscriptionState): void {
    this.#cancelStale();
    if (this.hasEnded) return;
    const { kind } = state;
    const before = this.#state;
    const isSame =
      state.kind === 'stale'
        ? before.kind === 'stale' && before.reason.code === state.reason.code
        : kind === 'live' && before.kind === 'live';
    this.#state = state;
    if (!isSame) this.#onState(state);
  }

  /** Not connected: attempt number `attempt` follows in `inMs`. */
  down(attempt: number, inMs: number, reason: Reason): void {
    const { kind } = this.#state;
    const wasUp = kind !== 'connecting' && kind !== 'offline';
    if (inMs > 0 && !this.#host.isOnline()) this.enter({ kind: 'offline', reason });
    else if (inMs > 0 || wasUp) this.enter({ kind: 'reconnecting', attempt, inMs, reason });
  }

  /**
   * Rows have come, `lagRows` are still behind the head. A row or two behind is the ordinary jitter
   * of a live stream, not a reader that catches up. Something should come every `paceMs` of the
   * market, whose time goes at `speed`: if that stands still, nothing but what is there already.
   */
  flowing(lagRows: number, intervalMs: number, paceMs: number, speed: number): void {
    // Of the market's time.
    const slackMs = Math.max(SHORTEST_STALE_MS * speed, STALE_ROWS * paceMs);
    // Of a fast market some rows are always on their way: nobody is without a lag once.
    const onTheWayMs = Math.max(0, speed - 1) * ON_THE_WAY_MS;
    const mostMs = this.#state.kind === 'live' ? slackMs : onTheWayMs;
    const isLate = lagRows > mostMs / intervalMs;
    this.enter(isLate ? { kind: 'catching up', lagRows } : { kind: 'live' });
    if (this.hasEnded || (speed === 0 && lagRows === 0)) return;
    const staleMs = speed === 0 ? SHORTEST_STALE_MS : slackMs / speed;
    this.#cancelStale = this.#host.setTimer(staleMs, () => {
      this.enter({ kind: this.#host.isOnline() ? 'stale' : 'offline', reason: reason('silence') });
      this.#onStale();
    });
  }

  /** The server was heard, though it sent no rows: `lagRows` of them are behind the head. */
  heard(lagRows: number): void {
    if (this.#state.kind !== 'stale') return;
    this.enter({ kind: 'stale', reason: reason(lagRows > 0 ? 'held_back' : 'no_rows') });
  }
}
