import { type FaultProxy, randomFaults, type Wire } from '../helpers/fault-proxy.ts';
import { pick } from '../helpers/random.ts';

/** No fault lasts longer: a client that waits for its rows is to have a chance. */
const LONGEST_MS = 2000;
/** Of all that is done to wires. */
const CUTS = 0.05;
const RESETS = 0.05;

/**
 * Faults that come and go, one wire at a time, as the seed has it: some cut it, some break it, most
 * only make it slow.
 */
export class Weather {
  /** Faults that were brought about. */
  faults = 0;
  readonly #proxy: FaultProxy;
  readonly #random: () => number;
  readonly #everyMs: number;
  readonly #clearing = new Map<Wire, NodeJS.Timeout>();
  #next: NodeJS.Timeout | undefined;

  /** Something happens about every `everyMs`. */
  constructor(proxy: FaultProxy, random: () => number, everyMs: number) {
    this.#proxy = proxy;
    this.#random = random;
    this.#everyMs = everyMs;
  }

  start(): void {
    const wires = [...this.#proxy.wires];
    if (wires.length > 0) this.#visit(pick(this.#random, wires));
    this.#next = setTimeout(() => this.start(), 2 * this.#everyMs * this.#random());
  }

  /** Good weather from now on. */
  end(): void {
    clearTimeout(this.#next);
    for (const timer of this.#clearing.values()) clearTimeout(timer);
    this.#clearing.clear();
    this.#proxy.set({});
  }

  #visit(wire: Wire): void {
    this.faults += 1;
    const chance = this.#random();
    if (chance < CUTS) wire.cut();
    else if (chance < CUTS + RESETS) wire.reset();
    else wire.set(randomFaults(this.#random));
    clearTimeout(this.#clearing.get(wire));
    const clear = () => {
      this.#clearing.delete(wire);
      wire.set({});
    };
    this.#clearing.set(wire, setTimeout(clear, LONGEST_MS * this.#random()));
  }
}
