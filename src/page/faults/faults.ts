import { signal } from '@preact/signals';
import type { Model } from '../model.ts';
import { FaultyStream } from './faulty-stream.ts';
import { fetchLedger, fetchOffered, type Offered } from './request.ts';

/** What is offered of faults here, and the faulty stream that was begun. */
export class Faults {
  readonly #model: Model;
  /** Undefined until the server has said it. */
  readonly offered = signal<Offered | undefined>(undefined);
  readonly running = signal<FaultyStream | undefined>(undefined);
  /** What was wrong with what was asked for last. */
  readonly problem = signal('');
  #isStarting = false;

  constructor(model: Model) {
    this.#model = model;
  }

  async look(): Promise<void> {
    try {
      this.offered.value = await fetchOffered();
      this.problem.value = '';
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }

  /** Begins a stream of the chosen instrument, in the place of the one before. */
  async start(label: string, faultSeed: string): Promise<void> {
    if (this.#isStarting) return;
    this.#isStarting = true;
    this.problem.value = '';
    const { symbol } = this.#model.instrument.peek();
    try {
      // The server knows names and rules: a stream would say only that it was refused.
      const asked = { faults: label, faultSeed, symbols: symbol, since: 'now', limit: 1 } as const;
      const answer = await fetchLedger(asked);
      this.stop();
      this.running.value = new FaultyStream(this.#model, {
        ...{ label, symbol, faults: answer.faults, faultSeed: answer.faultSeed },
      });
    } catch (error) {
      this.problem.value = sentenceOf(error);
    } finally {
      this.#isStarting = false;
    }
  }

  stop(): void {
    this.running.peek()?.stop();
    this.running.value = undefined;
  }
}

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
