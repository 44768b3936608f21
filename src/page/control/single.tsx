import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Acting } from './acting.ts';
import type { Action } from './command.ts';
import type { LoggedEffect } from './log.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  /** What stands in it at first. */
  readonly text: string;
  /** Durations are texts with a unit. */
  readonly isNumber?: true;
}

const percent = (text: string): Field => ({
  name: 'percent',
  label: 'Percent',
  text,
  isNumber: true,
});
const factor = (name: string, label: string, text: string): Field => ({
  ...{ name, label, text },
  isNumber: true,
});
const forTime = (text: string): Field => ({ name: 'for', label: 'For', text });

/** What is asked of each kind. What is wrong with it, the server says. */
const KINDS: Readonly<Record<LoggedEffect['kind'], readonly Field[]>> = {
  shift: [percent('-3')],
  ramp: [
    percent('-5'),
    { name: 'over', label: 'Over', text: '90s' },
    factor('backPercent', 'Back, %', '50'),
    { name: 'backOver', label: 'Back over', text: '3m' },
  ],
  halt: [forTime('2m'), { name: 'resume', label: 'Resume', text: 'frozen' }],
  volatility: [factor('factor', 'Factor', '3'), forTime('10m')],
  drift: [factor('percentPerDay', 'Percent a day', '5'), forTime('1d')],
  liquidity: [
    factor('spread', 'Spread ×', '3'),
    factor('depth', 'Depth ×', '0.3'),
    factor('volume', 'Volume ×', '2'),
    forTime('10m'),
  ],
};

/** One effect, with its parameters. */
export function Single({ acting }: { acting: Acting }) {
  const kind = useSignal<LoggedEffect['kind']>('shift');
  /** What was typed, by kind and field. */
  const typed = useSignal<Readonly<Record<string, string>>>({});
  const id = useId();
  const fields = KINDS[kind.value];
  const textOf = ({ name, text }: Field) => typed.value[`${kind.value} ${name}`] ?? text;
  const action = (): Action => {
    const said = KINDS[kind.value].map((field) => {
      const text = textOf(field).trim();
      const isNumber = field.isNumber && text !== '' && Number.isFinite(Number(text));
      return [field.name, isNumber ? Number(text) : text];
    });
    const body = { kind: kind.value, ...Object.fromEntries(said), ...acting.fields };
    return { path: '/events', body };
  };
  const show = () => (acting.shown.value = action);
  return (
    <form
      class="market-part"
      aria-label="One effect"
      onFocusCapture={show}
      onSubmit={(event) => {
        event.preventDefault();
        void acting.run(action());
      }}
    >
      <div class="market-row">
        <h3>One effect</h3>
        <span>for {Object.values(acting.fields)[0] ?? 'all'}</span>
      </div>
      <div class="market-fields">
        <label>
          <span class="field-label">Kind</span>
          <select
            class="field"
            value={kind.value}
            onChange={({ currentTarget }) => {
              kind.value = currentTarget.value as LoggedEffect['kind'];
              show();
            }}
          >
            {Object.keys(KINDS).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {fields.map((field) => (
          <label key={field.name} for={`${id}-${field.name}`}>
            <span class="field-label">{field.label}</span>
            {field.name === 'resume' ? (
              <select
                id={`${id}-${field.name}`}
                class="field"
                value={textOf(field)}
                onChange={({ currentTarget }) => put(field, currentTarget.value)}
              >
                <option value="frozen">frozen</option>
                <option value="base">base</option>
              </select>
            ) : (
              <input
                id={`${id}-${field.name}`}
                class="field"
                autocomplete="off"
                value={textOf(field)}
                onInput={({ currentTarget }) => put(field, currentTarget.value)}
              />
            )}
          </label>
        ))}
        <button type="submit" class="button is-primary">
          Do it
        </button>
      </div>
    </form>
  );

  function put({ name }: Field, text: string): void {
    typed.value = { ...typed.value, [`${kind.value} ${name}`]: text };
    show();
  }
}
