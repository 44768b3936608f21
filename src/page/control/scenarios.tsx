import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { parseDuration } from '../../core/market/resolution.ts';
import { Choice, type Option } from '../header/choice.tsx';
import { FileIcon } from '../later-icons.tsx';
import type { Acting, TargetKind } from './acting.ts';
import type { Action } from './command.ts';
import type { LoggedEffect } from './log.ts';
import { picturePath, shortText } from './picture.ts';
import { askControl } from './requests.ts';
import { spanText } from './words.ts';

const WIDTH_PX = 44;
const HEIGHT_PX = 26;

/** One with a name. */
interface Scenario {
  readonly name: string;
  readonly text: string;
  readonly effects: readonly LoggedEffect[];
}

/** Scenarios as buttons, each with a picture of what it does. */
export function Scenarios({ acting }: { acting: Acting }) {
  const scenarios = useSignal<readonly Scenario[]>([]);
  useEffect(() => {
    askControl<{ scenarios: readonly SaidScenario[] }>('/scenarios')
      .then((answer) => (scenarios.value = answer.scenarios.map(inMs)))
      .catch((error: Error) => (acting.problem.value = error.message));
  }, []);
  return (
    <section class="market-part" aria-label="Scenarios">
      <div class="market-row">
        <h3>Scenarios</h3>
        <Targets acting={acting} />
      </div>
      <div class="market-scenarios">
        {scenarios.value.map((scenario) => (
          <ScenarioButton key={scenario.name} acting={acting} scenario={scenario} />
        ))}
        <FromFile acting={acting} />
      </div>
    </section>
  );
}

function Targets({ acting }: { acting: Acting }) {
  const { symbol, sector } = acting.model.instrument.value;
  const options: Option<TargetKind>[] = [{ value: 'symbol', label: symbol }];
  if (sector !== undefined) options.push({ value: 'sector', label: sector });
  options.push({ value: 'all', label: 'All' });
  const target = acting.target.value;
  return (
    <Choice
      label="For whom"
      className="market-choice market-targets"
      options={options}
      value={target === 'sector' && sector === undefined ? 'all' : target}
      choose={(chosen) => (acting.target.value = chosen)}
    />
  );
}

function ScenarioButton({ acting, scenario }: { acting: Acting; scenario: Scenario }) {
  const { name, text, effects } = scenario;
  const action = (): Action => ({
    path: '/scenarios',
    body: { scenario: name, ...acting.fields },
  });
  const show = () => (acting.shown.value = action);
  return (
    <button
      type="button"
      class="market-scenario"
      title={text}
      onPointerEnter={show}
      onFocus={show}
      onClick={() => void acting.run(action())}
    >
      <svg viewBox={`0 0 ${WIDTH_PX} ${HEIGHT_PX}`} aria-hidden="true">
        <path d={picturePath(effects, WIDTH_PX, HEIGHT_PX)} />
      </svg>
      <span class="market-scenario-text">
        <b>{titleOf(name)}</b>
        <small>{shortText(effects, spanText)}</small>
      </span>
    </button>
  );
}

/** A user's own, of a file that the browser reads. */
function FromFile({ acting }: { acting: Acting }) {
  const input = useRef<HTMLInputElement>(null);
  const take = async () => {
    const [file] = input.current?.files ?? [];
    if (file === undefined) return;
    let scenario: unknown;
    try {
      scenario = JSON.parse(await file.text());
    } catch {
      acting.problem.value = `${file.name} must be JSON, with a list of effects.`;
      return;
    } finally {
      // The same file may be chosen again, once it is mended.
      if (input.current) input.current.value = '';
    }
    await acting.run({ path: '/scenarios', body: { scenario, ...acting.fields } });
  };
  return (
    <>
      <button type="button" class="market-scenario" onClick={() => input.current?.click()}>
        <FileIcon />
        <span class="market-scenario-text">
          <b>From a file…</b>
          <small>your own, as JSON</small>
        </span>
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        onChange={() => void take()}
      />
    </>
  );
}

/** `flash-crash` as people say it. */
function titleOf(name: string): string {
  const words = name === 'melt-up' ? name : name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** As it is written: durations may be texts. */
interface SaidScenario {
  readonly name: string;
  readonly text: string;
  readonly effects: readonly object[];
}

const DURATIONS = ['after', 'over', 'backOver', 'for'];

function inMs({ effects, ...scenario }: SaidScenario): Scenario {
  const read = ([name, value]: [string, unknown]) => {
    const isText = DURATIONS.includes(name) && typeof value === 'string';
    return [name, isText ? parseDuration(value) : value];
  };
  const inMs = effects.map((effect) => Object.fromEntries(Object.entries(effect).map(read)));
  return { ...scenario, effects: inMs as unknown as readonly LoggedEffect[] };
}
