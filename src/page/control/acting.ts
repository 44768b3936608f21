import { signal } from '@preact/signals';
import type { Model } from '../model.ts';
import { formatInstant } from '../time/format.ts';
import type { Action } from './command.ts';
import type { Control } from './control.ts';

/** Who something is done to: the chosen instrument, its sector, or all. */
export type TargetKind = 'symbol' | 'sector' | 'all';

interface Taken {
  /** Of the first row that it changes. */
  readonly time: number;
}

/** What the parts of the panel share: whom it is about, and what came of what was done last. */
export class Acting {
  readonly model: Model;
  readonly control: Control;
  readonly target = signal<TargetKind>('symbol');
  /** What is shown as a command: what was pressed last, or is pointed at. */
  readonly shown = signal<() => Action>(() => ({
    path: '/scenarios',
    body: { scenario: 'flash-crash', ...this.fields },
  }));
  /** What was wrong with it, and what came of it. */
  readonly problem = signal<string | undefined>(undefined);
  readonly outcome = signal('');

  constructor(model: Model, control: Control) {
    this.model = model;
    this.control = control;
  }

  /** The fields of a request that say who it is for. */
  get fields(): { readonly symbol?: string; readonly sector?: string } {
    const { symbol, sector } = this.model.instrument.value;
    const kind = this.target.value;
    if (kind === 'symbol') return { symbol };
    return kind === 'sector' && sector !== undefined ? { sector } : {};
  }

  /** Has something done, and says what came of it. */
  async run(action: Action): Promise<void> {
    this.shown.value = () => action;
    this.problem.value = undefined;
    this.outcome.value = '';
    try {
      const { time } = await this.control.post<Taken>(action.path, action.body);
      const when = formatInstant(this.model.zone.peek(), time);
      this.outcome.value = `Takes effect at ${when}.`;
    } catch (error) {
      this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }
}
