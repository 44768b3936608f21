import { effect, type Signal, signal } from '@preact/signals';
import { Faults } from '../faults/faults.ts';
import { inTime } from '../in-time.ts';
import type { Model } from '../model.ts';
import { fetchAnew, SERVER } from '../server.ts';
import type { LoggedEntry } from './log.ts';
import { askControl, askPermission, type Permission, useToken } from './requests.ts';

/** While the log is being read, what is put into it for later is seen this late. */
const LOOK_MS = 2_000;

/** What was done to the market and can be done, as far as this page may or could with a token. */
export class Control {
  /** In the order in which they take effect. */
  readonly entries = signal<readonly LoggedEntry[]>([]);
  /** Whether it is let in. */
  readonly isAllowed: Signal<boolean>;
  /** Whether it is, or would be with a token. Else nothing is done here but to a second stream. */
  readonly isOffered: boolean;
  readonly faults: Faults;
  /** Whether the panel is open. */
  readonly isOpen = signal(false);
  #asking: Promise<void> | undefined;
  #isStale = false;

  constructor(model: Model, { isAllowed, isOffered }: { isAllowed: boolean; isOffered: boolean }) {
    this.isAllowed = signal(isAllowed);
    this.isOffered = isOffered;
    this.faults = new Faults(model);
    effect(() => {
      if (!this.isAllowed.value) return;
      // The server tells each stream of a new id before the first row of it, and of a new speed.
      model.marketId.value;
      model.speed.value;
      if (model.connection.value.kind === 'live') void this.refresh();
    });
    effect(() => {
      if (!this.isOpen.value || !this.isAllowed.value) return;
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

  /** Is let in by a token; what is returned says why not, else it is empty. */
  async useToken(token: string): Promise<string> {
    // Browsers send no other in a header.
    if (!/^[!-~]*$/.test(token)) return 'A token has letters, digits and . _ ~ + / = - alone.';
    useToken(token);
    const { allowed, message = '' } = await askPermission().catch((error: Error) => ({
      ...{ allowed: false, message: error.message },
    }));
    if (!allowed) useToken(undefined);
    this.isAllowed.value = allowed;
    return message;
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

/** Asks whether this page may have things done to the market, or might with a token. */
export async function findControl(model: Model): Promise<void> {
  const { allowed, code } = await permission().catch(() => NONE);
  const isOffered = allowed || code === 'unauthorised';
  model.control.value = new Control(model, { isAllowed: allowed, isOffered });
}

/** There is no server to ask, or it does not speak it: nothing can be done by this page. */
const NONE: Permission = { allowed: false };

async function permission(): Promise<Permission> {
  const answer = await inTime(fetchAnew)(new URL('v1/protocols', SERVER).href, {});
  const { protocols }: Spoken = JSON.parse(await answer.text());
  // To ask a server that does not speak it would be an error in the console.
  return protocols.some(({ name }) => name === 'control') ? askPermission() : NONE;
}
