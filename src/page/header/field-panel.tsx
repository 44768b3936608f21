import { useSignal } from '@preact/signals';
import type { Model } from '../model.ts';
import { Popover } from './popover.tsx';

/** One of some common choices. */
export interface Chip {
  readonly value: string;
  readonly label: string;
  readonly title?: string | undefined;
  /** Whether it is the one that is taken; undefined where that is not shown. */
  readonly isTaken?: boolean;
}

interface FieldPanelProps {
  readonly model: Model;
  /** Of the panel, and of its field. */
  readonly label: string;
  readonly title: string;
  readonly id: string;
  readonly placeholder: string;
  /** What the browser may offer while one writes. */
  readonly names?: readonly string[];
  readonly chips: readonly Chip[];
  readonly areWide?: boolean;
  /** Takes what was written, or chosen; what is wrong with it otherwise. */
  readonly take: (text: string) => string | undefined;
}

/** A small panel with a field, and some choices below it. */
export function FieldPanel(props: FieldPanelProps) {
  const { model, label, title, id, placeholder, names, chips, areWide, take } = props;
  const text = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const choose = (wanted: string) => {
    problem.value = take(wanted);
    if (problem.peek() === undefined) model.popover.value = undefined;
  };
  return (
    <Popover model={model} label={label}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          choose(text.peek().trim());
        }}
      >
        <label class="field-label" for={id}>
          {title}
        </label>
        <div class="field-row">
          <input
            id={id}
            class="field"
            type="text"
            list={names && `${id}-names`}
            placeholder={placeholder}
            autocomplete="off"
            autocapitalize="off"
            aria-describedby={`${id}-problem`}
            aria-invalid={problem.value !== undefined}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              problem.value = undefined;
            }}
          />
          {names && (
            <datalist id={`${id}-names`}>
              {names.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          )}
          <button type="submit" class="button is-primary">
            Show
          </button>
        </div>
        <p id={`${id}-problem`} class="field-problem" role="status">
          {problem.value ?? ''}
        </p>
      </form>
      {chips.length > 0 && (
        <div class={`chips${areWide ? ' is-wide' : ''}`}>
          {chips.map((chip) => (
            <button
              key={chip.value}
              type="button"
              class="button"
              title={chip.title}
              aria-pressed={chip.isTaken}
              onClick={() => choose(chip.value)}
            >
              {chip.label}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}
