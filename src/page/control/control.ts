import { effect, signal } from '@preact/signals';
import type { Model } from '../model.ts';
import { fetchAnew, SERVER } from '../server.ts';
import type { LoggedEntry } from './log.ts';
import { askControl } from './requests.ts';

/** While the log is being read, what is put into it for later is seen this late. */
const LOOK_MS = 2_000;

/** What was done to the market and can be done, on a page that may. */
export class Control {
  /** In the order in which they take effect. */
  readonly entries = signal<readonly LoggedEntry[]>([]);
  /** Whether the panel is open. */
  readonly isOpen = signal(false);
  #asking: Promise<void> | undefined;
  #isStale = false;

  constructor(model: Model) {
    effect(() => {
      // The server tells each stream of a new id before the first row of it, and of a new speed.
      model.marketId.value;
      model.speed.value;
      if (model.connection.value.kind === 'live') void this.refresh();
    });
    effect(() => {
      if (!this.isOpen.value) return;
      void this.refresh();
      const timer = setInterval(() => void this.refresh(), LOOK_MS);
      return () => clearInterval(timer);
    });
  }

  /** Reads the log. While it is being read, once more afterwards: there may be more in it. */
  refresh(): Promise<void> {
    this.#isStale = this.#asking !== undefined;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      if (this.#isStale) void this.refresh();
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const { entries } = await askControl<{ entries: readonly LoggedEntry[] }>('/log');
      const isSame = entries.map(textOf).join() === this.entries.peek().map(textOf).join();
      if (!isSame) this.entries.value = entries;
    } catch {
      // Nothing was asked by anybody; the connection's state says that the server is gone.
    }
  }

  /** Has something done, and gives the answer; throws an error with a sentence for people. */
  async post<Answer>(path: string, body: object): Promise<Answer> {
    try {
      return await askControl<Answer>(path, body);
    } finally {
      void this.refresh();
    }
  }
}

/** A key may come again, at another server. */
const textOf = ({ key, index, market }: LoggedEntry) => `${key} ${index} ${market}`;

interface Spoken {
  readonly protocols: readonly { readonly name: string }[];
}

/** Asks whether this page may have things done to the market. */
export async function findControl(model: Model): Promise<void> {
  try {
    const answer = await fetchAnew(new URL('v1/protocols', SERVER).href, {});
    const { protocols }: Spoken = JSON.parse(await answer.text());
    // To ask a server that does not speak it would be an error in the console.
    if (!protocols.some(({ name }) => name === 'control')) return;
    const { allowed } = await askControl<{ readonly allowed: boolean }>('');
    if (allowed) model.control.value = new Control(model);
  } catch {
    // There is no server to ask: nothing can be done by this page.
  }
}
