import type { Clock } from '../../src/host/clock.ts';

/** Time that passes only when a simulation says so; each look may cost a little of it. */
export class VirtualClock {
  #wallMs: number;
  #steadyMs = 0;
  readonly #lookMs: number;

  constructor(wallMs: number, lookMs: number) {
    this.#wallMs = wallMs;
    this.#lookMs = lookMs;
  }

  /** Without a look at it. */
  get steadyMs(): number {
    return this.#steadyMs;
  }

  get wallMs(): number {
    return this.#wallMs;
  }

  pass(ms: number): void {
    this.#wallMs += ms;
    this.#steadyMs += ms;
  }

  /** Only what deadlines go by passes: no row becomes due. */
  passSteadily(ms: number): void {
    this.#steadyMs += ms;
  }

  /** Somebody sets the wall clock. */
  step(ms: number): void {
    this.#wallMs += ms;
  }

  /** This clock as a machine reads it whose wall clock is off by `skewMs`. */
  skewedBy(skewMs: number): Clock {
    return {
      nowMs: () => this.#wallMs + skewMs,
      steadyMs: () => {
        this.#steadyMs += this.#lookMs;
        return this.#steadyMs;
      },
    };
  }
}
